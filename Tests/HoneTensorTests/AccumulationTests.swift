import HoneTensor
import Testing

/// Every backward pass adds to the gradient that another use of the same value has left.
@Suite struct AccumulationTests {
    private struct Use {
        let name: String
        let apply: ([Tensor]) -> Tensor
    }

    private let uses: [Use] = [
        Use(name: "add", apply: { $0[0] + $0[1] }), Use(name: "subtract", apply: { $0[1] - $0[0] }),
        Use(name: "multiply", apply: { $0[0] * $0[1] }), Use(name: "divide", apply: { $0[1] / $0[0] }),
        Use(name: "power", apply: { $0[0].power($0[1]) }), Use(name: "maximum", apply: { $0[0].maximum($0[1]) }),
        Use(name: "negate", apply: { -$0[0] }), Use(name: "exp", apply: { $0[0].exp() }),
        Use(name: "log", apply: { $0[0].log() }), Use(name: "relu", apply: { $0[0].relu() }),
        Use(name: "clamped", apply: { $0[0].clamped(0.6, 0.9) }), Use(name: "c + x", apply: { 2 + $0[0] }),
        Use(name: "c - x", apply: { 2 - $0[0] }), Use(name: "c x", apply: { 2 * $0[0] }),
        Use(name: "c / x", apply: { 2 / $0[0] }), Use(name: "x ^ c", apply: { $0[0].power(3) }),
        Use(name: "matmul", apply: { $0[0].matmul($0[2]) }),
        Use(name: "linear", apply: { $0[0].linear($0[3], bias: $0[1]) }),
        Use(name: "linear and relu", apply: { $0[0].linear($0[3], bias: $0[1], relu: true) }),
        Use(name: "sum", apply: { $0[0].sum() }), Use(name: "sum of axes", apply: { $0[0].sum(axes: [0]) }),
        Use(name: "mean of axes", apply: { $0[0].mean(axes: [1], keepDimensions: true) }),
        Use(name: "max", apply: { $0[0].max(axes: [1]) }), Use(name: "reshape", apply: { $0[0].reshaped([-1]) }),
        Use(name: "transpose", apply: { $0[0].transposed() }), Use(name: "rows", apply: { $0[0].rows([2, 0, 2]) }),
        Use(name: "softmax", apply: { $0[0].softmax().square() }),
        Use(name: "log-softmax", apply: { $0[0].logSoftmax().square() }),
        Use(name: "cross-entropy", apply: { $0[0].crossEntropySum(Tensor([Int32(0), 3, 2])) }),
        Use(name: "squared error", apply: { $0[0].squaredErrorSum($0[4]) }),
        Use(name: "dropout", apply: { x in withRandomKey(RandomKey(seed: 1)) { x[0].dropout(0.5) } }),
        Use(name: "custom", apply: { Tripled()($0[0]) }),
    ]

    @Test func everyOperationAddsToTheGradientThatIsThere() throws {
        var numbers = TestNumbers(seed: 1)
        let inputs = [[3, 4], [4], [4, 2], [4, 4], [3, 4]].map { numbers.tensor($0, in: 0.5...1.5) }
        let ones = inputs.map { Tensor.ones($0.shape) }
        for use in uses {
            let alone = try gradients(at: inputs) { use.apply($0).sum() }
            // What is used last is walked first.
            let before = try gradients(at: inputs) { x in
                x.reduce(use.apply(x).sum()) { $0 + ($1 * 5).sum() }
            }
            let after = try gradients(at: inputs) { x in
                x.reduce(Tensor(0)) { $0 + ($1 * 5).sum() } + use.apply(x).sum()
            }
            let twice = try gradients(at: inputs) { (use.apply($0) + use.apply($0)).sum() }
            for index in inputs.indices {
                let name = "\(use.name), input \(index)"
                let sum = ReferenceArray.zip2(alone[index], ones[index]) { $0 + 5 * $1 }
                expectClose(before[index], sum, name)
                expectClose(after[index], sum, name)
                expectClose(twice[index], .zip2(alone[index], ones[index]) { 2 * $0 * $1 }, name)
            }
        }
    }
}

private final class Tripled: CustomOperation {
    func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * 3 }
    func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [gradient * 3] }
}
