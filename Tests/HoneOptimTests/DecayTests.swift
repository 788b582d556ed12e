import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Where weight decay acts, of every rule that has a choice.
@Suite struct DecayTests {
    /// A rule with decay λ that acts somewhere; rate 0.05.
    typealias Maker = @Sendable (_ weightDecay: Double, _ decay: WeightDecay) -> any UpdateRule

    static let makers: [Maker] = [
        { SGD(learningRate: 0.05, momentum: 0.9, weightDecay: $0, decay: $1) },
        { SGD(learningRate: 0.05, momentum: 0.9, weightDecay: $0, nesterov: true, decay: $1, maximize: true) },
        { RMSprop(learningRate: 0.05, momentum: 0.5, weightDecay: $0, centred: true, decay: $1) },
        { Adagrad(learningRate: 0.05, weightDecay: $0, initialAccumulator: 0.1, decay: $1) },
        { AdaDelta(learningRate: 0.05, weightDecay: $0, decay: $1) },
        { Adam(learningRate: 0.05, weightDecay: $0, amsgrad: true, decay: $1) },
        { AdamW(learningRate: 0.05, weightDecay: $0, decay: $1) },
        { Adamax(learningRate: 0.05, weightDecay: $0, decay: $1) },
        { NAdam(learningRate: 0.05, weightDecay: $0, decay: $1) },
        { RAdam(learningRate: 0.05, weightDecay: $0, decay: $1) },
        { QHAdam(learningRate: 0.05, weightDecay: $0, decay: $1) },
    ]

    /// The weights before and after each of some steps at changing rates, with gradients that do not depend on them.
    private func course(_ rule: any UpdateRule) throws -> [[Float]] {
        let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
        let optimizer = Optimizer(rule, arena)
        return try [Array(arena.values)]
            + (1...12).map { number in
                try optimizer.set(.learningRate, to: DecayTests.rate(number))
                step(optimizer, number)
                return Array(arena.values)
            }
    }

    private static func rate(_ number: Int) -> Double { 0.01 * Double(1 + number % 5) }

    @Test(arguments: DecayTests.makers.indices)
    func decoupledDecayShrinksTheWeightsBesideTheStep(_ index: Int) throws {
        let make = DecayTests.makers[index]
        let plain = try course(make(0, .coupled))
        // With such gradients a step is the same wherever the weights are; p ← (1 − s) p + step.
        let shrinks: [(WeightDecay, (Double) -> Double)] = [
            (.decoupled, { 1 - $0 * 0.5 }), (.decoupledFromRate, { 1 - $0 / 0.05 * 0.5 }),
        ]
        for (decay, shrink) in shrinks {
            var expected = plain[0].map(Double.init)
            for (number, values) in try course(make(0.5, decay)).enumerated().dropFirst() {
                for i in expected.indices {
                    let step = Double(plain[number][i]) - Double(plain[number - 1][i])
                    expected[i] = shrink(DecayTests.rate(number)) * expected[i] + step
                    let isClose = abs(Double(values[i]) - expected[i]) <= 1e-5 * (1 + abs(expected[i]))
                    #expect(isClose, "\(make(0.5, decay).name), \(decay), step \(number), \(i)")
                }
            }
        }
        // Added to the gradient it is another thing, and the default one.
        #expect(try course(make(0.5, .coupled)) != course(make(0.5, .decoupled)))
    }

    @Test func addedToTheGradientIsTheDefaultButForAdamW() {
        let decays: [WeightDecay] = [
            SGD().decay, RMSprop().decay, Adagrad().decay, AdaDelta().decay, Adam().decay, Adamax().decay,
            NAdam().decay, RAdam().decay, QHAdam().decay,
        ]
        #expect(decays.allSatisfy { $0 == .coupled })
        #expect(AdamW() == AdamW(decay: .decoupled) && AdamW() != AdamW(decay: .coupled))
    }

    @Test func prodigysDecayFollowsTheRateAndTheDistanceOrTheMultiplierAlone() throws {
        for decay in [WeightDecay.decoupled, .decoupledFromRate] {
            let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
            let optimizer = Optimizer(Prodigy(weightDecay: 0.5, initialDistance: 1e-2, decay: decay), arena)
            for number in 1...3 { step(optimizer, number) }
            try optimizer.set(.learningRate, to: 0.25)
            // What a step without a gradient does beside the decay is small against it, and known.
            let (before, state) = (Array(arena.values), optimizer.state)
            step(optimizer) { $0.map { _ in 0 } }
            let distance = optimizer.state.groups[0].scalars["distance"] ?? 0
            #expect(distance == state.groups[0].scalars["distance"] && distance < 0.5)
            let shrink = decay == .decoupled ? 1 - 0.25 * distance * 0.5 : 1 - 0.25 * 0.5
            for entry in arena.entries {
                let kept = optimizer.state.parameters[entry.name]?.states ?? [:]
                guard let m = kept["averageGradient"], let v = kept["averageSquare"] else {
                    Issue.record("\(entry.name) has no averages")
                    continue
                }
                for (i, index) in entry.range.enumerated() {
                    let move = 0.25 * distance * Double(m[i]) / (Double(v[i]).squareRoot() + distance * 1e-8)
                    #expect(
                        abs(Double(arena.values[index]) - (shrink * Double(before[index]) - move)) < 1e-6, "\(decay)")
                }
            }
        }
    }
}
