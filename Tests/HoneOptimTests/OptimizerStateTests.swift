import Foundation
import HoneNN
import HoneOptim
import HoneTensor
import Testing

@Suite struct OptimizerStateTests {
    private let rules: [any UpdateRule] = [
        SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), Adam(learningRate: 0.01),
    ]

    @Test func aStateThatIsPutBackGivesTheSameBits() throws {
        for rule in rules {
            let model = Model()
            let arena = ParameterArena.adopt(model, seed: 0)
            let optimizer = try Optimizer(rule, arena, groups: .startingAt(["head"]))
            for number in 1...4 { step(optimizer, number) }
            try optimizer.set(.learningRate, to: 0.05, group: 1)
            let (state, weights) = (optimizer.state, model.stateDictionary)
            for number in 5...9 { step(optimizer, number) }
            let (endState, end) = (optimizer.state, bits(arena))
            try optimizer.set(.learningRate, to: 99)
            step(optimizer, 10)
            try optimizer.restore(state)
            try model.load(weights)
            #expect(optimizer.state == state)
            #expect(optimizer.groups[1].values[.learningRate] == 0.05)
            for number in 5...9 { step(optimizer, number) }
            #expect(bits(arena) == end && optimizer.state == endState, "\(rule)")
        }
    }

    @Test func aStateFitsAnotherOptimizerOfTheSameKind() throws {
        for rule in rules {
            let (a, b) = (Model(), Model())
            let first = Optimizer(rule, ParameterArena.adopt(a, seed: 0))
            for number in 1...4 { step(first, number) }
            let second = Optimizer(rule, ParameterArena.adopt(b, seed: 0))
            try second.restore(first.state)
            try b.load(a.stateDictionary)
            step(first, 5)
            step(second, 5)
            #expect(bits(first.arena) == bits(second.arena))
        }
    }

    @Test func aStateIsACopy() {
        let optimizer = Optimizer(Adam(), ParameterArena.adopt(Model(), seed: 0))
        step(optimizer, 1)
        let state = optimizer.state
        step(optimizer, 2)
        #expect(optimizer.state != state)
    }

    @Test func aResetOptimizerIsAsNew() throws {
        for rule in rules {
            let (a, b) = (Model(), Model())
            let used = Optimizer(rule, ParameterArena.adopt(a, seed: 0))
            let start = a.stateDictionary
            for number in 1...4 { step(used, number) }
            used.reset()
            try a.load(start)
            let fresh = Optimizer(rule, ParameterArena.adopt(b, seed: 0))
            for number in 5...8 {
                step(used, number)
                step(fresh, number)
            }
            #expect(bits(used.arena) == bits(fresh.arena))
        }
    }

    @Test func aStateOfAnotherOptimizerOrModelIsRefused() throws {
        let adam = Optimizer(Adam(), ParameterArena.adopt(Model(), seed: 0))
        step(adam, 1)
        let sgd = Optimizer(SGD(), ParameterArena.adopt(Model(), seed: 0))
        let small = Optimizer(Adam(), ParameterArena.adopt(Block(2, seed: 1), seed: 0))
        let grouped = try Optimizer(Adam(), ParameterArena.adopt(Model(), seed: 0), groups: .startingAt(["head"]))
        var short = adam.state
        short.parameters["head.bias"]?.states["averageSquare"] = [1]
        var partial = adam.state
        partial.parameters["head.bias"] = nil
        let problems: [(Optimizer.State, String)] = [
            (sgd.state, "group 0 was changed by SGD, here it is by Adam"),
            (small.state, "it knows a parameter 'bias' that the model does not have"),
            (grouped.state, "it has 2 groups, the optimizer has 1"),
            (short, "'head.bias' has 1 elements of averageSquare, expected 3"),
            (partial, "it knows no parameter 'head.bias'"),
        ]
        for (state, problem) in problems {
            let before = adam.state
            #expect(throws: OptimizerError.stateMismatch(problem)) { try adam.restore(state) }
            #expect(adam.state == before)
        }
    }

    @Test func theReferenceRateIsSavedAndAStateWithoutOneLeavesIt() throws {
        let rule = AdamW(learningRate: 0.01, decay: .decoupledFromRate)
        let (first, second) = (
            Optimizer(rule, ParameterArena.adopt(Model(), seed: 0)),
            Optimizer(rule, ParameterArena.adopt(Model(), seed: 0))
        )
        first.referenceRates = [0.5]
        let saved = String(decoding: try JSONEncoder().encode(first.state), as: UTF8.self)
        try second.restore(JSONDecoder().decode(Optimizer.State.self, from: Data(saved.utf8)))
        #expect(second.referenceRates == [0.5])
        // As it was written before there was one.
        let old = saved.replacingOccurrences(of: #""referenceRate":0.5"#, with: #""other":0"#)
        #expect(old != saved)
        first.referenceRates = [0.25]
        try first.restore(JSONDecoder().decode(Optimizer.State.self, from: Data(old.utf8)))
        #expect(first.referenceRates == [0.25] && first.groups[0].values.rateMultiplier == 0.04)
    }

    @Test func aScheduleFreeStateOfBeforeItsMomentumWasKeptIsRefused() throws {
        let optimizer = Optimizer(ScheduleFreeSGD(), ParameterArena.adopt(Model(), seed: 0))
        step(optimizer, 1)
        var old = optimizer.state
        for name in old.parameters.keys { old.parameters[name]?.states["mixing"] = nil }
        let before = optimizer.state
        #expect(throws: OptimizerError.stateMismatch("'body.weight' has 0 elements of mixing, expected 1")) {
            try optimizer.restore(old)
        }
        #expect(optimizer.state == before)
    }

    @Test func aStateIsReadByNameWhateverTheOrder() throws {
        final class Reversed: Module {
            let head = Block(5, seed: 2)
            let body = Block(17, seed: 1)
            func forward(_ x: Tensor) -> Tensor { x }
        }
        let (a, b) = (Model(), Reversed())
        let first = Optimizer(Adam(), ParameterArena.adopt(a, seed: 0))
        let second = Optimizer(Adam(), ParameterArena.adopt(b, seed: 0))
        for number in 1...3 { step(first, number) }
        try second.restore(JSONDecoder().decode(Optimizer.State.self, from: JSONEncoder().encode(first.state)))
        try b.load(a.stateDictionary)
        step(first, 4)
        step(second, 4)
        #expect(a.head.weight.value.isBitwiseEqual(to: b.head.weight.value))
        #expect(a.body.bias.value.isBitwiseEqual(to: b.body.bias.value))
    }
}
