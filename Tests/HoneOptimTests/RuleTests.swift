import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Update rules against formulas in double precision.
@Suite struct RuleTests {
    private struct Case {
        let name: String
        let rule: any UpdateRule
        let reference: ReferenceRule
    }

    private func sgd(nesterov: Bool = false, _ change: (inout ReferenceRule) -> Void) -> ReferenceRule {
        var reference = ReferenceRule(.sgd(nesterov: nesterov))
        change(&reference)
        return reference
    }

    private func adam(_ change: (inout ReferenceRule) -> Void) -> ReferenceRule {
        var reference = ReferenceRule(.adam)
        change(&reference)
        return reference
    }

    private var cases: [Case] {
        [
            Case(name: "SGD", rule: SGD(learningRate: 0.01), reference: sgd { $0.rate = 0.01 }),
            Case(
                name: "momentum", rule: SGD(learningRate: 0.01, momentum: 0.9),
                reference: sgd { ($0.rate, $0.momentum) = (0.01, 0.9) }),
            Case(
                name: "dampening", rule: SGD(learningRate: 0.01, momentum: 0.8, dampening: 0.3),
                reference: sgd { ($0.rate, $0.momentum, $0.dampening) = (0.01, 0.8, 0.3) }),
            Case(
                name: "Nesterov", rule: SGD(learningRate: 0.01, momentum: 0.9, nesterov: true),
                reference: sgd(nesterov: true) { ($0.rate, $0.momentum) = (0.01, 0.9) }),
            Case(
                name: "decay", rule: SGD(learningRate: 0.01, momentum: 0.5, weightDecay: 0.1),
                reference: sgd { ($0.rate, $0.momentum, $0.decay) = (0.01, 0.5, 0.1) }),
            Case(name: "Adam", rule: Adam(learningRate: 0.002), reference: adam { $0.rate = 0.002 }),
            Case(
                name: "Adam's options",
                rule: Adam(learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.05),
                reference: adam {
                    ($0.rate, $0.beta1, $0.beta2, $0.epsilon, $0.decay) = (0.01, 0.8, 0.95, 1e-3, 0.05)
                }),
            Case(
                name: "Adam without a first moment", rule: Adam(learningRate: 0.001, beta1: 0),
                reference: adam { ($0.rate, $0.beta1) = (0.001, 0) }),
        ]
    }

    @Test func rulesFollowTheirFormulasForAThousandSteps() {
        for test in cases {
            let model = Model()
            let arena = ParameterArena.adopt(model, seed: 0)
            let optimizer = Optimizer(test.rule, arena)
            var references = arena.entries.map { _ in test.reference }
            var values = arena.entries.map { $0.parameter.value.scalars.map(Double.init) }
            for number in 1...1000 {
                step(optimizer, number)
                for (index, entry) in arena.entries.enumerated() {
                    references[index].update(&values[index], gradient(entry.name, entry.range.count, number))
                }
                guard [1, 2, 10, 1000].contains(number) else { continue }
                for (index, entry) in arena.entries.enumerated() {
                    let worst = zip(entry.parameter.value.scalars, values[index]).reduce(0.0) {
                        max($0, abs(Double($1.0) - $1.1) / (1 + abs($1.1)))
                    }
                    // Each step rounds once more; errors grow with the root of their number.
                    #expect(worst < (number == 1000 ? 1e-5 : 1e-6), "\(test.name), step \(number), \(entry.name)")
                }
            }
        }
    }

    @Test func rulesGiveTheirNamesAndDefaults() {
        #expect(SGD().defaults == [.learningRate: 1e-3, .momentum: 0, .dampening: 0, .weightDecay: 0])
        #expect(
            Adam().defaults
                == [.learningRate: 1e-3, .momentum: 0.9, .beta2: 0.999, .epsilon: 1e-8, .weightDecay: 0])
        #expect(SGD().name == "SGD" && Adam().name == "Adam")
        #expect(SGD().states.count == 1 && Adam().states.map(\.name) == ["averageGradient", "averageSquare"])
        #expect(Hyperparameter.beta1 == .momentum)
    }

    @Test func whatLiesBetweenParametersStaysZero() {
        let rules: [any UpdateRule] = [
            SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true), Adam(weightDecay: 0.1),
            Adam(epsilon: 0),
        ]
        for rule in rules {
            let model = Model()
            let arena = ParameterArena.adopt(model, seed: 0)
            let optimizer = Optimizer(rule, arena)
            for number in 1...3 { step(optimizer, number) }
            var padding = Array(arena.values)
            for entry in arena.entries { for index in entry.range { padding[index] = 0 } }
            #expect(padding.allSatisfy { $0 == 0 }, "\(rule)")
            withExtendedLifetime(arena) {
                #expect(arena.values.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func aParameterThatTheBackwardPassDidNotReachHasAGradientOfZero() {
        let model = Model()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(SGD(learningRate: 0.1, weightDecay: 0.5), arena)
        let before = model.head.weight.value.scalars
        for index in arena.gradients.indices { arena.gradients[index] = .nan }
        optimizer.step()
        #expect(zip(model.head.weight.value.scalars, before).allSatisfy { abs($0 - 0.95 * $1) < 1e-6 })
    }

    @Test func aKeptTensorIsNotChangedByAStep() {
        let model = Model()
        let optimizer = Optimizer(SGD(learningRate: 0.1), ParameterArena.adopt(model, seed: 0))
        let (kept, before) = (model.head.weight.tensor, model.head.weight.value)
        step(optimizer, 1)
        #expect(kept.isBitwiseEqual(to: before))
        #expect(!model.head.weight.tensor.isBitwiseEqual(to: before))
    }
}
