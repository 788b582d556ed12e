import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Numbers that a rule keeps for each parameter, while it sees runs of several.
@Suite struct NumberStateTests {
    /// The lengths of the runs that a rule was given.
    private final class Calls: @unchecked Sendable {
        var counts: [Int] = []
    }

    /// Adds the rate to the number at each update, and copies it to all elements.
    private struct Counting: UpdateRule {
        let calls: Calls
        let name = "Counting"
        let defaults: HyperparameterValues = [.learningRate: 1]
        let states: [RuleState] = ["copy", .number("count")]
        func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
            calls.counts.append(stretch.count)
            stretch.states[1].pointee += Float(values(.learningRate))
            for i in 0..<stretch.count { stretch.states[0][i] = stretch.states[1].pointee }
        }
    }

    @Test func parametersOfEqualNumbersAreOneRunAndKeepThemApart() throws {
        let (model, calls) = (Model(), Calls())
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(Counting(calls: calls), arena)
        step(optimizer, 1)
        // One run of all, with the padding between.
        #expect(calls.counts == [arena.entries[3].range.upperBound])
        model.body.bias.isTrainable = false
        step(optimizer, 2)
        model.body.bias.isTrainable = true
        model.head.weight.isTrainable = false
        try optimizer.set(.learningRate, to: 0.5)
        step(optimizer, 3)
        model.head.weight.isTrainable = true
        calls.counts = []
        step(optimizer, 4)
        // 2.5, 1.5, 2 and 2.5 before it; the two in the middle have had as many updates.
        #expect(calls.counts == [17, 3, 5, 3])
        let kept = optimizer.state.parameters
        let numbers = arena.entries.map { kept[$0.name]?.states["count"] ?? [] }
        #expect(numbers == [[3], [2], [2.5], [3]])
        for (entry, number) in zip(arena.entries, numbers) {
            #expect(kept[entry.name]?.states["copy"] == entry.range.map { _ in number[0] })
        }
        // They are saved and put back.
        let other = Optimizer(Counting(calls: Calls()), ParameterArena.adopt(Model(), seed: 0))
        try other.restore(optimizer.state)
        #expect(other.state == optimizer.state)
    }

    @Test func theProductOfNAdamIsThatOfEachParametersOwnUpdates() throws {
        func result(_ grouping: ParameterGrouping) throws -> [UInt32] {
            let model = Model()
            let optimizer = try Optimizer(NAdam(), ParameterArena.adopt(model, seed: 0), groups: grouping)
            for number in 1...9 {
                try optimizer.set(.beta1, to: 0.95 - 0.05 * Double(number % 3))
                model.body.bias.isTrainable = number > 2
                model.head.weight.isTrainable = number != 5 && number != 6
                step(optimizer, number)
            }
            return bits(optimizer.arena)
        }
        #expect(NAdam().granularity == .elements)
        // As if every parameter were alone; two neighbours have had seven updates each, with other products.
        #expect(try result(.whole) == result(.startingAt(["body.bias", "head", "head.bias"])))
    }
}
