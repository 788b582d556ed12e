/// A tensor whose memory belongs to somebody who changes it between uses: a parameter of a model.
public final class TensorView {
    private var body: TensorBody
    private let memory: UnsafeMutablePointer<Float>
    private let sink: Tape.Sink

    /// Makes a view of `memory`, which outlives it, with gradients for `sink`.
    public init(_ memory: UnsafeMutablePointer<Float>, shape: Shape, sink: Tape.Sink) {
        self.memory = memory
        self.sink = sink
        body = TensorBody(borrowing: memory, shape: shape, type: .float32)
    }

    /// The tensor, followed by the current tape unless `isConstant`.
    @inline(__always) public func tensor(isConstant: Bool) -> Tensor {
        guard let tape = Context.current.pointee.tape, tape.id != 0 else { return Tensor(body) }
        if body.tapeID != tape.id {
            if isConstant { return Tensor(body) }
            body.slot = tape.addSlot(body.shape, sink: sink)
            body.tapeID = tape.id
        }
        return Tensor(body)
    }

    /// Gives those who kept the tensor a copy of their own, because the memory is about to change.
    @inline(__always) public func release() {
        if !isKnownUniquelyReferenced(&body) {
            body.materialize()
            body = TensorBody(borrowing: memory, shape: body.shape, type: .float32)
        }
    }
}
