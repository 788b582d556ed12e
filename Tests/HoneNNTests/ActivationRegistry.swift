import Foundation
import HoneNN
import HoneTensor

extension LayerEntry {
    /// The activations. Most are checked by the vectors too; the closed forms here reach further from 0.
    static let activations: [LayerEntry] = smooth + kinked + gated

    private static let smooth: [LayerEntry] = [
        LayerEntry(name: "GELU", truth: .elements { 0.5 * $0 * erfc(-$0 * 0.5.squareRoot()) }) { GELU() },
        LayerEntry(
            name: "GELU", variant: "tanh",
            truth: .elements { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
        ) { GELU(approximate: true) },
        LayerEntry(name: "SiLU", truth: .elements { $0 / (1 + exp(-$0)) }) { SiLU() },
        LayerEntry(name: "Mish", truth: .elements { $0 * tanh(log1p(exp($0))) }) { Mish() },
        LayerEntry(name: "Sigmoid", truth: .elements { 1 / (1 + exp(-$0)) }) { Sigmoid() },
        LayerEntry(name: "Tanh", truth: .elements { tanh($0) }) { Tanh() },
        LayerEntry(name: "Softplus", truth: .elements { log1p(exp($0)) }) { Softplus() },
        LayerEntry(name: "Softplus", variant: "sharp", truth: .elements { log1p(exp(3 * $0)) / 3 }) {
            Softplus(beta: 3)
        },
        LayerEntry(name: "ELU", truth: .elements { $0 > 0 ? $0 : expm1($0) }) { ELU() },
        LayerEntry(name: "CELU", truth: .elements { $0 > 0 ? $0 : 2 * expm1($0 / 2) }) { CELU(alpha: 2) },
    ]

    private static let kinked: [LayerEntry] = [
        LayerEntry(name: "ReLU", values: .separated(by: 0.31), truth: .elements { max(0, $0) }) { ReLU() },
        LayerEntry(name: "ReLU6", values: .separated(by: 0.7), truth: .elements { min(max(0, $0), 6) }) { ReLU6() },
        LayerEntry(name: "LeakyReLU", values: .separated(by: 0.31), truth: .elements { $0 > 0 ? $0 : 0.01 * $0 }) {
            LeakyReLU()
        },
        LayerEntry(
            name: "SELU", values: .separated(by: 0.31),
            truth: .elements { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }
        ) { SELU() },
        LayerEntry(
            name: "Hardswish", values: .separated(by: 0.31), truth: .elements { $0 * min(max($0 + 3, 0), 6) / 6 }
        ) { Hardswish() },
        LayerEntry(
            name: "Hardsigmoid", values: .separated(by: 0.31), truth: .elements { min(max($0 + 3, 0), 6) / 6 }
        ) { Hardsigmoid() },
        LayerEntry(
            name: "PReLU", state: ["weight"], values: .separated(by: 0.31),
            truth: .formula { state, x in
                let slope = state["weight"]?.scalars[0] ?? 0
                return Tensor(x[0].scalars.map { $0 > 0 ? $0 : slope * $0 }, shape: x[0].shape)
            }
        ) { PReLU() },
        LayerEntry(
            name: "PReLU", variant: "channels", state: ["weight"], shapes: [[[4, 3]], [[2, 3, 5]], [[3, 3, 2, 2]]],
            values: .separated(by: 0.31),
            truth: .formula { state, x in
                let slopes = state["weight"]?.scalars ?? []
                let inner = x[0].count / (x[0].shape[0] * 3)
                let values = x[0].scalars.enumerated().map { $1 > 0 ? $1 : slopes[$0 / inner % 3] * $1 }
                return Tensor(values, shape: x[0].shape)
            }
        ) { PReLU(3) },
    ]

    private static let gated: [LayerEntry] = [
        LayerEntry(name: "Softmax", truth: .vectors("Softmax")) { Softmax() },
        LayerEntry(name: "Softmax", variant: "axis 0", truth: .formula { _, x in overFirst(x[0]) { exp($0 - $1) } }) {
            Softmax(axis: 0)
        },
        LayerEntry(name: "LogSoftmax", truth: .vectors("LogSoftmax")) { LogSoftmax() },
        LayerEntry(name: "LogSoftmax", variant: "axis 0", truth: .formula { _, x in overFirst(x[0]) { $0 - $1 } }) {
            LogSoftmax(axis: 0)
        },
        LayerEntry(
            name: "GLU", shapes: [[[2, 4]], [[6]], [[2, 3, 2]]],
            truth: .formula { _, x in
                let (whole, scalars) = (x[0].shape[-1], x[0].scalars)
                let half = whole / 2
                var values: [Float] = []
                for start in stride(from: 0, to: scalars.count, by: whole) {
                    let (left, right) = (scalars[start..<start + half], scalars[start + half..<start + whole])
                    values += zip(left, right).map { $0 / (1 + exp(-$1)) }
                }
                return Tensor(values, shape: Shape(x[0].shape.array.dropLast() + [half]))
            }
        ) { GLU() },
    ]

    /// A function of each element and of the logarithm of the sum of the first axis' exponentials.
    @Sendable private static func overFirst(_ x: Tensor, _ value: (Double, Double) -> Double) -> Tensor {
        let scalars = x.scalars.map(Double.init)
        let inner = x.count / x.shape[0]
        let sums = (0..<inner).map { column in
            log(stride(from: column, to: x.count, by: inner).reduce(0) { $0 + exp(scalars[$1]) })
        }
        return Tensor(scalars.indices.map { Float(value(scalars[$0], sums[$0 % inner])) }, shape: x.shape)
    }
}
