import Hone

/// The bookkeeping of a recorded operation on a tiny tensor: a chain of operations on four elements, with and without
/// a tape, and with the walk back.
func benchAutograd(_ options: BenchOptions) throws {
    let length = 1000
    let start = Tensor([1, 2, 3, 4])
    let tape = Tape()
    func chain(_ x: Tensor) -> Tensor {
        var x = x
        for _ in 0..<length { x = x + 0.001 }
        return x
    }
    func emit(_ name: String, _ body: () throws -> Void) rethrows {
        let values = try measure(options, body).map { 1e9 * $0 / Double(length) }
        Measurement(bench: "autograd", name: name, metric: "ns_per_operation", unit: "ns", values: values).emit(options)
    }
    emit("unrecorded") { _ = chain(start) }
    emit("recorded") {
        tape.record { _ = chain(tape.watch(start)) }
        tape.clear()
    }
    try emit("forward_backward") {
        try tape.record { try tape.backward(from: chain(tape.watch(start)), seed: start) }
    }
    let scale = Tensor([1, 1, 1, 1])
    try emit("multiply_forward_backward") {
        try tape.record {
            var x = tape.watch(start)
            for _ in 0..<length { x = x * scale }
            try tape.backward(from: x, seed: start)
        }
    }
}
