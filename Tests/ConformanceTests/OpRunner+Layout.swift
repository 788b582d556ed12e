import Hone

// The operations of ops.json that move elements about.
extension Op {
    func rearranged() throws -> Tensor? {
        switch kind {
        case "concat", "stack":
            let axis = try options("dim").int("dim") ?? 0
            let tensors = try (0..<arguments.count).map { try argument("x\($0)") }
            return kind == "concat" ? .concatenate(tensors, axis: axis) : .stack(tensors, axis: axis)
        case "transpose":
            let options = try options("dim0", "dim1")
            return try argument("x").transposed(options.int("dim0") ?? 0, options.int("dim1") ?? 1)
        case "permute":
            return try argument("x").permuted(options("dims").ints("dims") ?? [])
        case "reshape":
            return try argument("x").reshaped(Shape(options("shape").ints("shape") ?? []))
        case "permute_reshape":
            let options = try options("dims", "shape")
            return try argument("x").permuted(options.ints("dims") ?? [])
                .reshaped(Shape(options.ints("shape") ?? []))
        case "flatten":
            let options = try options("start_dim", "end_dim")
            return try argument("x").flattened(
                from: options.int("start_dim") ?? 0, through: options.int("end_dim") ?? -1)
        case "squeeze":
            let axis = try options("dim").int("dim")
            let x = try argument("x")
            return axis.map { x.squeezed(axis: $0) } ?? x.squeezed()
        case "unsqueeze":
            return try argument("x").unsqueezed(axis: options("dim").int("dim") ?? 0)
        case "expand":
            return try argument("x").expanded(to: Shape(options("shape").ints("shape") ?? []))
        case "repeat":
            return try argument("x").repeated(options("repeats").ints("repeats") ?? [])
        case "flip":
            return try argument("x").flipped(axes: options("dims").ints("dims") ?? [])
        case "roll":
            return try rolled(options("shifts", "dims"))
        case "slice":
            let slices = try options("slices")["slices"].array ?? []
            return try argument("x")[
                slices.map { TensorIndex.stride(from: $0["start"].int, to: $0["stop"].int, by: $0["step"].int ?? 1) }]
        case "pad":
            let options = try options("pads", "value")
            let widths = (options["pads"].array ?? []).map { (before: $0[0].int ?? 0, after: $0[1].int ?? 0) }
            return try argument("x").padded(widths, value: Float(options.double("value", 0)))
        case "tril":
            return try argument("x").tril(diagonal: options("diagonal").int("diagonal") ?? 0)
        case "triu":
            return try argument("x").triu(diagonal: options("diagonal").int("diagonal") ?? 0)
        default:
            return nil
        }
    }

    /// torch takes one number for one axis, and no axes for the tensor as if it had one.
    private func rolled(_ options: Options) throws -> Tensor {
        let x = try argument("x")
        let shifts = try options["shifts"].int.map { [$0] } ?? options.ints("shifts") ?? []
        let axes = try options["dims"].int.map { [$0] } ?? options.ints("dims") ?? []
        return axes.isEmpty
            ? x.flattened().rolled(shifts, axes: [0]).reshaped(x.shape) : x.rolled(shifts, axes: axes)
    }

    func indexed() throws -> Tensor? {
        switch kind {
        case "cumsum":
            return try argument("x").cumulativeSum(axis: options("dim").int("dim") ?? 0)
        case "cumprod":
            return try argument("x").cumulativeProduct(axis: options("dim").int("dim") ?? 0)
        case "gather":
            return try argument("x").gather(axis: options("dim").int("dim") ?? 0, indices: argument("index"))
        case "index_select":
            return try argument("x").indexSelect(axis: options("dim").int("dim") ?? 0, indices: argument("index"))
        case "scatter_add":
            return try argument("x").scatterAdd(
                axis: options("dim").int("dim") ?? 0, indices: argument("index"), source: argument("src"))
        case "where":
            _ = try options()
            return try .where(argument("cond"), argument("a"), argument("b"))
        case "masked_fill":
            return try argument("x").maskedFill(argument("mask"), Float(options("value").double("value", .nan)))
        case "one_hot":
            return try argument("x").oneHot(classes: options("num_classes").int("num_classes") ?? 0)
        default:
            return nil
        }
    }
}
