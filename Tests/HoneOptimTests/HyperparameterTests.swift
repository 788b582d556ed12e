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
}
