import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Groups, frozen parameters, and models whose parameters move.
@Suite struct GroupTests {
    /// A parameter's values after updates by one reference rule.
    private func expected(
        _ start: [Float], _ name: String, steps: some Sequence<Int>, _ rule: ReferenceRule
    ) -> [Double] {
        var rule = rule
        var values = start.map(Double.init)
        for number in steps { rule.update(&values, gradient(name, start.count, number)) }
        return values
    }

    private func isClose(_ parameter: Parameter, _ values: [Double]) -> Bool {
        zip(parameter.value.scalars, values).allSatisfy { abs(Double($0) - $1) < 1e-6 * (1 + abs($1)) }
    }

    private let adam: ReferenceRule = {
        var rule = ReferenceRule(.adam)
        rule.rate = 0.01
        return rule
    }()

    @Test func everyGroupHasValuesAndARuleOfItsOwn() throws {
        let model = Model()
        let start = [model.body.weight, model.head.weight].map(\.value.scalars)
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = try Optimizer(
            [SGD(learningRate: 0.1, momentum: 0.9), Adam(learningRate: 0.01)], arena, groups: .startingAt(["head"]))
        for number in 1...10 { step(optimizer, number) }
        var sgd = ReferenceRule(.sgd(nesterov: false))
        (sgd.rate, sgd.momentum) = (0.1, 0.9)
        #expect(isClose(model.body.weight, expected(start[0], "body.weight", steps: 1...10, sgd)))
        #expect(isClose(model.head.weight, expected(start[1], "head.weight", steps: 1...10, adam)))
    }

    @Test func rangesBeginWhereAPrefixFirstFits() throws {
        let arena = ParameterArena.adopt(Model(), seed: 0)
        func ranges(_ grouping: ParameterGrouping) throws -> [Range<Int>] {
            try Optimizer(Adam(), arena, groups: grouping).groups.flatMap(\.entries)
        }
        #expect(try ranges(.whole) == [0..<4])
        #expect(try ranges(.startingAt([])) == [0..<4])
        #expect(try ranges(.startingAt(["body.bias", "head", "head.bias"])) == [0..<1, 1..<2, 2..<3, 3..<4])
    }

    @Test func groupsThatDoNotFitAreErrors() {
        let arena = ParameterArena.adopt(Model(), seed: 0)
        func problem(_ prefixes: [String], rules: [any UpdateRule] = [Adam()]) -> String? {
            do {
                if rules.count == 1 {
                    _ = try Optimizer(rules[0], arena, groups: .startingAt(prefixes))
                } else {
                    _ = try Optimizer(rules, arena, groups: .startingAt(prefixes))
                }
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            problem(["hea"])
                == "parameter groups: no parameter's name begins with 'hea'; there are: "
                + #"["body.weight", "body.bias", "head.weight", "head.bias"]"#)
        let late = [(["head", "body.bias"], "body.bias"), (["head", "head"], "head"), (["body"], "body")]
        for (prefixes, late) in late {
            #expect(problem(prefixes) == "parameter groups: '\(late)' does not come after the group before it")
        }
        #expect(problem(["head"], rules: [Adam(), Adam(), SGD()]) == "parameter groups: 3 rules for 2 groups")
        #expect(problem(["head"]) == nil)
    }

    @Test func aFrozenParameterAndItsStateAreNotTouched() {
        let model = Model()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(Adam(learningRate: 0.01), arena)
        let start = model.head.weight.value.scalars
        for number in 1...3 { step(optimizer, number) }
        model.head.weight.isTrainable = false
        let frozen = model.head.weight.value
        for number in 4...8 { step(optimizer, number) }
        #expect(model.head.weight.value.isBitwiseEqual(to: frozen))
        model.head.weight.isTrainable = true
        for number in 9...12 { step(optimizer, number) }
        // As if the steps in between had not been.
        let numbers = Array(1...3) + Array(9...12)
        #expect(isClose(model.head.weight, expected(start, "head.weight", steps: numbers, adam)))
    }

    @Test func aParameterThatIsUnfrozenBeginsAtItsFirstStep() {
        let model = Model()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(Adam(learningRate: 0.01), arena)
        let starts = arena.entries.map { $0.parameter.value.scalars }
        model.body.weight.isTrainable = false
        model.head.bias.isTrainable = false
        for number in 1...20 { step(optimizer, number) }
        model.body.weight.isTrainable = true
        for number in 21...23 { step(optimizer, number) }
        #expect(isClose(model.body.weight, expected(starts[0], "body.weight", steps: 21...23, adam)))
        #expect(isClose(model.body.bias, expected(starts[1], "body.bias", steps: 1...23, adam)))
        #expect(isClose(model.head.weight, expected(starts[2], "head.weight", steps: 1...23, adam)))
        #expect(model.head.bias.value.scalars == starts[3])
    }

    @Test func whatIsKeptFollowsAParameterIntoANewArena() throws {
        let (old, body) = (Model(), Block(9, seed: 3))
        let optimizer = Optimizer(Adam(learningRate: 0.01), ParameterArena.adopt(Sequential(old.head, body), seed: 0))
        let start = body.weight.value.scalars
        func names(_ number: Int) -> String { number <= 5 ? "1.weight" : "0.weight" }
        for number in 1...5 { step(optimizer, number) }
        // A new head, and the body in another place.
        let head = Block(6, seed: 4)
        let fresh = head.weight.value.scalars
        try optimizer.follow(ParameterArena.adopt(Sequential(body, head), seed: 0), groups: .whole)
        for number in 6...9 { step(optimizer, number) }
        var (rule, values) = (adam, start.map(Double.init))
        for number in 1...9 { rule.update(&values, gradient(names(number), 9, number)) }
        #expect(isClose(body.weight, values))
        #expect(isClose(head.weight, expected(fresh, "1.weight", steps: 6...9, adam)))
    }

    @Test func followingIntoOtherGroupsIsAnErrorThatChangesNothing() throws {
        let model = Model()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = try Optimizer(SGD(momentum: 0.9), arena, groups: .startingAt(["head"]))
        step(optimizer, 1)
        let state = optimizer.state
        let other = ParameterArena.adopt(Sequential(model.body), seed: 0)
        #expect(throws: OptimizerError.self) { try optimizer.follow(other, groups: .startingAt(["head"])) }
        #expect(throws: OptimizerError.invalidGroups("the model's parameters now make 1 groups, not 2")) {
            try optimizer.follow(other, groups: .whole)
        }
        #expect(optimizer.arena === arena && optimizer.state == state && optimizer.groups.count == 2)
    }

    @Test func aModelWithoutParametersCanBeStepped() {
        let optimizer = Optimizer(Adam(), ParameterArena.adopt(Sequential(ReLU()), seed: 0))
        optimizer.step()
        #expect(optimizer.arena.count == 0)
    }

    @Test func aFilterTakesParametersIntoAGroupWithARuleOfItsOwn() throws {
        let model = Sequential(MatrixModel(), MatrixModel(), Block(3, seed: 1))
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = try Optimizer(
            AdamW(), arena, groups: .whole.separating(.matrices && !.named("1"), rule: Muon()).withoutDecay())
        // 0.weight alone; the rest is in two runs.
        #expect(optimizer.groups.map(\.entries) == [[1..<6], [0..<1]])
        #expect(optimizer.groups.map(\.rule.name) == ["AdamW", "Muon"])
        let scattered = try Optimizer(AdamW(), arena, groups: .whole.separating(.matrices))
        #expect(scattered.groups.map(\.entries) == [[1..<2, 3..<6], [0..<1, 2..<3]])
        for number in 1...3 { step(optimizer, number) }
        // Each gets what an optimizer of its own would give it.
        let other = Sequential(MatrixModel(), MatrixModel(), Block(3, seed: 1))
        let adam = Optimizer(AdamW(), ParameterArena.adopt(other, seed: 0))
        for number in 1...3 { step(adam, number) }
        #expect(
            arena.entries[2].parameter.value.isBitwiseEqual(to: adam.arena.entries[2].parameter.value))
        #expect(
            !arena.entries[0].parameter.value.isBitwiseEqual(to: adam.arena.entries[0].parameter.value))
        #expect(throws: OptimizerError.self) { try Optimizer(Adam(), arena, groups: .whole.separating(.named("x"))) }
        do {
            _ = try Optimizer(Adam(), arena, groups: .whole.separating(.named("x") || .named("y")))
        } catch {
            #expect("\(error)".hasPrefix("parameter groups: no parameter is among 'named x or named y'; there are:"))
        }
    }

    @Test func whatIsABiasOrOfANormIsSaidByItsModuleAndNotByItsShape() throws {
        final class Wide: Module {
            let dense = Linear(6, 5)
            let layerNorm = LayerNorm([4, 5])
            let rmsNorm = RMSNorm([4, 5])
            let attention = MultiheadAttention(4, heads: 2, addsKeyBias: true)
            let own = Parameter([2, 2], role: .bias)
            let scale = Parameter([3])
            func forward(_ x: Tensor) -> Tensor { x }
        }
        let arena = ParameterArena.adopt(Wide(), seed: 0)
        func names(_ filter: ParameterFilter) -> [String] {
            arena.entries.filter { filter.includes($0.name, $0.parameter) }.map(\.name)
        }
        #expect(names(.matrices) == ["dense.weight", "attention.in_proj_weight", "attention.out_proj.weight"])
        #expect(names(.biasesAndNorms) == names(!.matrices))
        #expect(
            names(.biasesAndNorms && .named("layerNorm", "rmsNorm", "attention"))
                == [
                    "layerNorm.weight", "layerNorm.bias", "rmsNorm.weight", "attention.in_proj_bias",
                    "attention.bias_k", "attention.bias_v", "attention.out_proj.bias",
                ])
        // Neither decay nor Muon gets them.
        let optimizer = try Optimizer(
            AdamW(weightDecay: 0.5), arena, groups: .whole.separating(.matrices, rule: Muon()).withoutDecay())
        let before = arena.entries.map { $0.parameter.value }
        step(optimizer) { $0.map { _ in 0 } }
        for (entry, before) in zip(arena.entries, before) where !names(.matrices).contains(entry.name) {
            #expect(entry.parameter.value.isBitwiseEqual(to: before), "\(entry.name)")
        }
        #expect(optimizer.groups[1].entries.joined().map { arena.entries[$0].name } == names(.matrices))
    }

    @Test func aFilterOfDecayLeavesRatesAndGroupsAsTheyAre() throws {
        let arena = ParameterArena.adopt(Model(), seed: 0)
        let optimizer = try Optimizer(
            AdamW(weightDecay: 0.5), arena,
            groups: .startingAt(["head"]).withoutDecay(on: .named("body.bias", "head.weight")))
        #expect(optimizer.groups.map(\.entries) == [[0..<2], [2..<4]])
        try optimizer.set(.learningRate, to: 0.1, group: 1)
        let before = arena.entries.map { $0.parameter.value.scalars }
        step(optimizer) { $0.map { _ in 0 } }
        let factors: [Float] = [1 - 5e-4, 1, 1, 0.95]
        for (index, entry) in arena.entries.enumerated() {
            for (a, b) in zip(entry.parameter.value.scalars, before[index]) {
                #expect(abs(a - factors[index] * b) < 1e-6)
            }
        }
    }
}
