import HoneNN
import HoneOptim
import HoneTensor
import Testing

@Suite struct HyperparameterTests {
    private func optimizer(_ rule: any UpdateRule = Adam(), groups: ParameterGrouping = .whole) throws -> Optimizer {
        try Optimizer(rule, ParameterArena.adopt(Model(), seed: 0), groups: groups)
    }

    @Test func valuesAreSetForAllGroupsOrOne() throws {
        let optimizer = try optimizer(groups: .startingAt(["head"]))
        #expect(optimizer.groups.map(\.entries) == [[0..<2], [2..<4]])
        try optimizer.set(.learningRate, to: 0.5)
        #expect(optimizer.groups.map { $0.values[.learningRate] } == [0.5, 0.5])
        try optimizer.set(.learningRate, to: 0.25, group: 0)
        #expect(optimizer.groups.map { $0.values[.learningRate] } == [0.25, 0.5])
        #expect(try optimizer.value(of: .learningRate) == 0.5 && optimizer.learningRate == 0.5)
        #expect(try optimizer.value(of: .learningRate, group: 0) == 0.25)
        optimizer.learningRate = 2
        #expect(optimizer.groups.map { $0.base[.learningRate] } == [2, 2])
    }

    @Test func anUnknownHyperparameterIsNamedWithThoseThereAre() throws {
        let optimizer = try optimizer(SGD())
        let known: [Hyperparameter] = [.learningRate, .momentum, .dampening, .weightDecay]
        let error = OptimizerError.unknownHyperparameter(.beta2, optimizer: "SGD", known: known)
        #expect(throws: error) { try optimizer.set(.beta2, to: 1) }
        #expect(throws: error) { try optimizer.value(of: .beta2) }
        #expect(throws: error) { try optimizer.modify(.beta2, by: 0.5, owner: "a") }
        #expect(
            error.description
                == "SGD has no hyper-parameter beta2; it has learningRate, momentum, dampening, weightDecay")
        #expect(error.localizedDescription == error.description)
        #expect(optimizer.has(.momentum) && !optimizer.has(.epsilon))
        #expect(optimizer.hyperparameters == known)
    }

    @Test func aGroupThatDoesNotExistIsAnError() throws {
        let optimizer = try optimizer(groups: .startingAt(["head"]))
        for group in [-1, 2] {
            let error = OptimizerError.invalidGroups("there is no group \(group), only 0..<2")
            #expect(throws: error) { try optimizer.set(.learningRate, to: 1, group: group) }
            #expect(throws: error) { try optimizer.value(of: .learningRate, group: group) }
        }
    }

    @Test func groupsMayHaveHyperparametersOfTheirOwn() throws {
        let arena = ParameterArena.adopt(Model(), seed: 0)
        let optimizer = try Optimizer([SGD(), Adam()], arena, groups: .startingAt(["head"]))
        #expect(
            optimizer.hyperparameters
                == [.learningRate, .momentum, .dampening, .weightDecay, .beta2, .epsilon])
        try optimizer.set(.beta2, to: 0.5)
        #expect(optimizer.groups[0].values[.beta2] == nil && optimizer.groups[1].values[.beta2] == 0.5)
        #expect(throws: OptimizerError.self) { try optimizer.set(.beta2, to: 0.5, group: 0) }
        #expect(try optimizer.value(of: .dampening) == 0)
    }

    @Test func anErrorNamesTheRuleAndTheKeysOfTheGroupThatWasAsked() throws {
        let optimizer = try Optimizer(
            [AdamW(), Muon()], ParameterArena.adopt(Model(), seed: 0), groups: .startingAt(["head"]))
        let muon = OptimizerError.unknownHyperparameter(.beta2, optimizer: "Muon", known: Muon().defaults.keys)
        #expect(throws: muon) { try optimizer.set(.beta2, to: 0.5, group: 1) }
        #expect(throws: muon) { try optimizer.value(of: .beta2, group: 1) }
        #expect(throws: muon) { try optimizer.modify(.beta2, by: 0.5, group: 1, owner: "a") }
        do {
            try optimizer.set(.dampening, to: 0.5)
        } catch {
            #expect(
                "\(error)" == "the optimizer (AdamW, Muon) has no hyper-parameter dampening; it has "
                    + "learningRate, momentum, beta2, epsilon, weightDecay")
        }
        // Of all groups, those are modified that have it.
        try optimizer.modify(.beta2, by: 0.5, owner: "a")
        #expect(optimizer.groups[0].values[.beta2] == 0.4995 && optimizer.groups[1].values[.beta2] == nil)
    }

    @Test func aValueThatTheRuleCannotHaveIsRefusedAndChangesNothing() throws {
        let refused: [(any UpdateRule, Hyperparameter, [Double])] = [
            (SGD(), .learningRate, [-1, .nan, .infinity]), (SGD(), .momentum, [2, 1, -0.1, .nan]),
            (SGD(), .dampening, [1.5, -1]), (Adam(), .beta1, [1]), (Adam(), .beta2, [1, -0.5]),
            (Adam(), .weightDecay, [-0.1]), (Adam(), .epsilon, [-1e-8, .nan]), (Muon(), .epsilon, [0]),
            (AdaDelta(), .epsilon, [0]), (Adafactor(), .epsilon, [0]), (ScheduleFreeSGD(), .momentum, [0, 1.1]),
            (Lookahead(ScheduleFreeAdamW()), .momentum, [0]), (Adagrad(), .rateDecay, [-1]),
            (NAdam(), .momentumDecay, [-1]),
        ]
        for (rule, key, values) in refused {
            let optimizer = try optimizer(rule)
            let before = optimizer.state
            for value in values {
                do {
                    try optimizer.set(key, to: value)
                    Issue.record("\(rule.name) takes \(key) \(value)")
                } catch {
                    #expect("\(error)".hasPrefix("\(key) is \(value), expected ") && "\(error)".hasSuffix(rule.name))
                }
            }
            #expect(optimizer.state == before)
        }
        let allowed: [(any UpdateRule, Hyperparameter, Double)] = [
            (SGD(), .learningRate, 0), (SGD(), .dampening, 1), (Adam(), .beta1, 0), (Adam(), .epsilon, 0),
            (ScheduleFreeSGD(), .momentum, 1),
        ]
        for (rule, key, value) in allowed { try optimizer(rule).set(key, to: value) }
    }

    @Test func valuesAreCheckedAsTheyAreModified() throws {
        let optimizer = try optimizer(Adam(), groups: .startingAt(["head"]))
        for factor in [1.2, -1, .nan] {
            #expect(throws: OptimizerError.self) { try optimizer.modify(.beta1, by: factor, owner: "a") }
        }
        #expect(throws: OptimizerError.invalidValue(.beta1, value: 1.8, expected: "0 or more and below 1, for Adam")) {
            try optimizer.modify(.beta1, by: 2, group: 1, owner: "a")
        }
        #expect(optimizer.groups.allSatisfy { $0.values[.beta1] == 0.9 })
        try optimizer.modify(.beta1, by: 1.05, owner: "a")
        #expect(throws: OptimizerError.self) { try optimizer.set(.beta1, to: 0.99) }
        try optimizer.validate()
        optimizer.learningRate = -1
        #expect(
            throws: OptimizerError.invalidValue(
                .learningRate, value: -1, expected: "a finite number, 0 or more, for Adam")
        ) { try optimizer.validate() }
    }

    @Test(arguments: RegisteredRule.all)
    func theFirstValuesOfEveryRuleAreInRange(_ entry: RegisteredRule) throws {
        for rule in [entry.rule, entry.decaying].compactMap({ $0 }) { try optimizer(rule).validate() }
    }

    @Test func modifiersMultiply() throws {
        let optimizer = try optimizer(groups: .startingAt(["head"]))
        try optimizer.set(.learningRate, to: 8, group: 0)
        try optimizer.set(.learningRate, to: 4, group: 1)
        try optimizer.modify(.learningRate, by: 0.5, owner: "warm-up")
        try optimizer.modify(.learningRate, by: 0.25, owner: "plateau")
        #expect(optimizer.groups.map { $0.values[.learningRate] } == [1, 0.5])
        #expect(optimizer.groups.map { $0.base[.learningRate] } == [8, 4])
        #expect(optimizer.learningRate == 0.5)
        // The same owner's factor replaces its former one, and a new base value keeps all factors.
        try optimizer.modify(.learningRate, by: 1, owner: "warm-up")
        try optimizer.set(.learningRate, to: 16)
        #expect(optimizer.groups.map { $0.values[.learningRate] } == [4, 4])
        try optimizer.modify(.learningRate, by: nil, owner: "plateau")
        #expect(optimizer.learningRate == 16)
        try optimizer.modify(.momentum, by: 0, owner: "plateau")
        optimizer.removeModifiers()
        #expect(try optimizer.value(of: .momentum) == 0.9)
    }

    @Test func aStepUsesTheModifiedValues() throws {
        let (plain, modified) = (try optimizer(SGD()), try optimizer(SGD()))
        try plain.set(.learningRate, to: 0.125)
        try modified.set(.learningRate, to: 0.5)
        try modified.modify(.learningRate, by: 0.25, owner: "a")
        for number in 1...3 {
            step(plain, number)
            step(modified, number)
        }
        #expect(bits(plain.arena) == bits(modified.arena))
    }

    @Test func valuesKeepTheirOrderAndTakeNoNewKeys() {
        var values: HyperparameterValues = [.learningRate: 1, .momentum: 2]
        values[.epsilon] = 3
        values[.momentum] = 4
        #expect(values.keys == [.learningRate, .momentum] && values[.epsilon] == nil && values[.momentum] == 4)
        #expect(values == [.learningRate: 1, .momentum: 4] && values != [.momentum: 4, .learningRate: 1])
        #expect("\(Hyperparameter("mine"))" == "mine" && Hyperparameter("learningRate") == .learningRate)
    }

    @Test(arguments: [
        (Lookahead(SGD(), period: 0) as any UpdateRule, "period is 0.0, expected a finite number, 1 or more"),
        (Lookahead(SGD(), alpha: 1.5), "alpha is 1.5, expected 0...1"),
        (Lookahead(Muon(iterations: -1)), "iterations is -1.0, expected a finite number, 1 or more"),
        (LARS(trustCoefficient: 0), "trustCoefficient is 0.0, expected a finite number above 0"),
        (Adafactor(clipping: .nan), "clipping is nan, expected a finite number above 0"),
        (Adafactor(leastSize: -1), "leastSize is -1.0, expected a finite number above 0"),
        (Adagrad(initialAccumulator: -1), "initialAccumulator is -1.0, expected a finite number, 0 or more"),
        (Prodigy(initialDistance: 0), "initialDistance is 0.0, expected a finite number above 0"),
        (QHAdam(nu1: 2), "nu1 is 2.0, expected 0...1"), (QHAdam(nu2: -1), "nu2 is -1.0, expected 0...1"),
        (ScheduleFreeSGD(warmupSteps: -1), "warmupSteps is -1.0, expected a finite number, 0 or more"),
        (ScheduleFreeAdamW(weightPower: .infinity), "weightPower is inf, expected a finite number"),
        (ScheduleFreeAdamW(stepPower: .nan), "stepPower is nan, expected a finite number"),
    ])
    func optionsOutOfRangeAreRefused(_ rule: any UpdateRule, _ problem: String) throws {
        let optimizer = try optimizer(rule)
        let error = try #require(throws: OptimizerError.self) { try optimizer.validate() }
        #expect("\(error)" == "\(problem), for \(rule.name)")
    }
}
