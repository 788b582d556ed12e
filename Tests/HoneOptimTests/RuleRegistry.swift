import Foundation
import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Every rule there is, with what the tests that walk all of them need.
struct RegisteredRule: Sendable, CustomTestStringConvertible {
    /// The name of its file in `Sources/HoneOptim/Rules`.
    let file: String
    /// The rule without weight decay, at a rate at which it learns small problems.
    let rule: any UpdateRule
    /// The rule with weight decay; nil when it has none.
    let decaying: (any UpdateRule)?
    /// The updates that it gets for a small problem.
    var steps = 300

    var testDescription: String { rule.name }

    static let all: [RegisteredRule] = [
        RegisteredRule(
            file: "SGD", rule: SGD(learningRate: 0.05, momentum: 0.5),
            decaying: SGD(learningRate: 0.05, momentum: 0.5, weightDecay: 0.5)),
        RegisteredRule(
            file: "SGD", rule: SGD(learningRate: 0.05, momentum: 0.5, nesterov: true),
            decaying: SGD(learningRate: 0.05, momentum: 0.5, weightDecay: 0.5, nesterov: true)),
        RegisteredRule(
            file: "Adagrad", rule: Adagrad(learningRate: 0.5),
            decaying: Adagrad(learningRate: 0.1, weightDecay: 0.5)),
        RegisteredRule(
            file: "RMSprop", rule: RMSprop(learningRate: 0.01, alpha: 0.9),
            decaying: RMSprop(learningRate: 0.01, alpha: 0.9, weightDecay: 0.5)),
        RegisteredRule(
            file: "RMSprop",
            rule: RMSprop(learningRate: 0.005, alpha: 0.9, epsilon: 1e-3, momentum: 0.5, centred: true, nesterov: true),
            decaying: RMSprop(
                learningRate: 0.002, alpha: 0.9, epsilon: 1e-2, momentum: 0.5, weightDecay: 0.5, centred: true,
                nesterov: true)),
        RegisteredRule(
            file: "AdaDelta", rule: AdaDelta(learningRate: 1, epsilon: 1e-3),
            decaying: AdaDelta(learningRate: 1, epsilon: 1e-3, weightDecay: 0.5)),
        RegisteredRule(
            file: "Adam", rule: Adam(learningRate: 0.03), decaying: Adam(learningRate: 0.03, weightDecay: 0.5)),
        RegisteredRule(
            file: "Adam", rule: Adam(learningRate: 0.03, amsgrad: true),
            decaying: Adam(learningRate: 0.03, weightDecay: 0.5, amsgrad: true, decay: .decoupled)),
        RegisteredRule(
            file: "AdamW", rule: AdamW(learningRate: 0.03, weightDecay: 0),
            decaying: AdamW(learningRate: 0.03, weightDecay: 0.5)),
        RegisteredRule(
            file: "Adamax", rule: Adamax(learningRate: 0.05), decaying: Adamax(learningRate: 0.05, weightDecay: 0.5)),
        RegisteredRule(
            file: "NAdam", rule: NAdam(learningRate: 0.03), decaying: NAdam(learningRate: 0.03, weightDecay: 0.5)),
        RegisteredRule(
            file: "RAdam", rule: RAdam(learningRate: 0.03), decaying: RAdam(learningRate: 0.01, weightDecay: 0.5)),
        RegisteredRule(
            file: "QHAdam", rule: QHAdam(learningRate: 0.03), decaying: QHAdam(learningRate: 0.03, weightDecay: 0.5)),
        RegisteredRule(
            file: "Lion", rule: Lion(learningRate: 0.01), decaying: Lion(learningRate: 0.01, weightDecay: 0.5)),
        RegisteredRule(
            file: "LARS", rule: LARS(learningRate: 1, momentum: 0.5, trustCoefficient: 0.02),
            decaying: LARS(learningRate: 0.05, momentum: 0.5, weightDecay: 0.5)),
        RegisteredRule(
            file: "LAMB", rule: LAMB(learningRate: 0.02), decaying: LAMB(learningRate: 0.02, weightDecay: 0.5)),
        RegisteredRule(
            file: "Adafactor", rule: Adafactor(learningRate: 0.05),
            decaying: Adafactor(learningRate: 0.05, weightDecay: 0.5)),
        RegisteredRule(
            file: "Muon", rule: Muon(learningRate: 0.02, weightDecay: 0),
            decaying: Muon(learningRate: 0.02, weightDecay: 0.5), steps: 600),
        RegisteredRule(
            file: "Muon", rule: Muon(learningRate: 0.06, weightDecay: 0, nesterov: false, scale: .matchingAdamW),
            decaying: nil),
        RegisteredRule(
            file: "Lookahead", rule: Lookahead(Adam(learningRate: 0.05)),
            decaying: Lookahead(Adam(learningRate: 0.05, weightDecay: 0.5))),
        RegisteredRule(
            file: "Lookahead", rule: Lookahead.ranger(learningRate: 0.1),
            decaying: Lookahead.ranger(learningRate: 0.05, weightDecay: 0.5)),
        RegisteredRule(
            file: "ScheduleFreeSGD", rule: ScheduleFreeSGD(learningRate: 0.3),
            decaying: ScheduleFreeSGD(learningRate: 0.3, weightDecay: 0.5)),
        RegisteredRule(
            file: "ScheduleFreeAdamW", rule: ScheduleFreeAdamW(learningRate: 0.05, warmupSteps: 5),
            decaying: ScheduleFreeAdamW(learningRate: 0.05, weightDecay: 0.5)),
        RegisteredRule(
            file: "Prodigy", rule: Prodigy(initialDistance: 1e-3),
            decaying: Prodigy(weightDecay: 0.5, initialDistance: 1e-2)),
    ]
}

/// A matrix and a vector, for rules that see shapes.
final class MatrixModel: Module {
    let weight: Parameter
    let bias: Parameter

    init(_ rows: Int = 6, _ columns: Int = 5) {
        var numbers = TestNumbers(seed: 11)
        weight = Parameter([rows, columns])
        bias = Parameter([4])
        weight.value = Tensor(numbers.floats(rows * columns), shape: [rows, columns])
        bias.value = Tensor(numbers.floats(4))
    }

    func forward(_ x: Tensor) -> Tensor { x }
}

/// Gives every element a gradient and steps.
func step(_ optimizer: Optimizer, _ gradient: (_ values: [Float]) -> [Float]) {
    let arena = optimizer.arena
    arena.zeroGradients()
    arena.completeGradients()
    for entry in arena.entries {
        let slopes = gradient(entry.range.map { arena.values[$0] })
        for (index, slope) in zip(entry.range, slopes) { arena.gradients[index] = slope }
    }
    optimizer.step()
}
