import HoneTensor

/// One axis made several, the reverse of ``Flatten``.
///
/// - Shape: `[..., a · b, ...] -> [..., a, b, ...]`
public final class Unflatten: Module {
    private let axis: Int
    private let shape: Shape

    /// Makes the layer; a negative axis counts from the end, and one length may be -1 for what is left.
    public init(_ axis: Int, _ shape: Shape) {
        self.axis = axis
        self.shape = shape
    }

    /// `Unflatten 1 to [2, 5]`
    public var label: String { "Unflatten \(axis) to \(shape)" }

    /// The input with its axis cut.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        let index = axis < 0 ? axis + x.rank : axis
        guard x.shape.array.indices.contains(index) else {
            return failed(label, "input is \(x.shape), expected one with an axis \(axis)")
        }
        var parts = shape.array
        let known = parts.filter { $0 != -1 }.reduce(1, *)
        if let open = parts.firstIndex(of: -1), known > 0, x.shape[index] % known == 0 {
            parts[open] = x.shape[index] / known
        }
        guard parts.allSatisfy({ $0 >= 0 }), parts.reduce(1, *) == x.shape[index] else {
            return failed(
                label, "axis \(axis) of \(x.shape) has \(x.shape[index]) elements, which do not fill \(shape)")
        }
        let lengths = x.shape.array
        guard lengths.count - 1 + parts.count <= Shape.maximumRank else {
            return failed(label, "input is \(x.shape), which would get more than \(Shape.maximumRank) axes")
        }
        return x.reshaped(Shape(lengths[..<index] + parts + lengths[(index + 1)...]))
    }
}
