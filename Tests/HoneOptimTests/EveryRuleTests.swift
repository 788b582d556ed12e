import Foundation
import HoneKernels
import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// What holds of every rule.
@Suite struct EveryRuleTests {
    @Test func everyFileOfRulesIsRegistered() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/HoneOptim/Rules")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
            String($0.dropLast(".swift".count))
        }
        #expect(Set(files) == Set(RegisteredRule.all.map(\.file)))
        for entry in RegisteredRule.all { #expect("\(type(of: entry.rule))" == entry.file) }
    }

    /// The loss summed over all elements, at the weights to evaluate with.
    private func total(_ optimizer: Optimizer, _ loss: ([Float]) -> Double) -> Double {
        optimizer.withEvaluationWeights {
            optimizer.arena.entries.reduce(0) { $0 + loss($1.range.map { optimizer.arena.values[$0] }) }
        }
    }

    @Test(arguments: RegisteredRule.all)
    func aConvexValleyIsDescended(_ entry: RegisteredRule) {
        // ½ a (x − 0.3)², a from 0.5 to 2.
        func slope(_ i: Int) -> Float { 0.5 + 1.5 * Float(i % 7) / 6 }
        func loss(_ x: [Float]) -> Double {
            x.indices.reduce(0) { $0 + 0.5 * Double(slope($1) * (x[$1] - 0.3) * (x[$1] - 0.3)) }
        }
        let optimizer = Optimizer(entry.rule, ParameterArena.adopt(MatrixModel(), seed: 0))
        let start = total(optimizer, loss)
        for _ in 0..<entry.steps { step(optimizer) { x in x.indices.map { slope($0) * (x[$0] - 0.3) } } }
        let end = total(optimizer, loss)
        #expect(end < 0.1 * start, "\(start) → \(end)")
    }

    @Test(arguments: RegisteredRule.all)
    func aBentValleyIsDescended(_ entry: RegisteredRule) {
        // Rosenbrock's function of each pair, with a valley of 1 : 4.
        func loss(_ v: [Float]) -> Double {
            stride(from: 0, to: v.count - 1, by: 2).reduce(0) { sum, i in
                let (x, y) = (Double(v[i]), Double(v[i + 1]))
                return sum + (1 - x) * (1 - x) + 4 * (y - x * x) * (y - x * x)
            }
        }
        let model = MatrixModel()
        model.weight.value = Tensor((0..<30).map { $0 % 2 == 0 ? -0.5 : 0.75 }, shape: [6, 5])
        model.bias.value = Tensor([-0.5, 0.75, -0.4, 0.6])
        let optimizer = Optimizer(entry.rule, ParameterArena.adopt(model, seed: 0))
        try? optimizer.set(.learningRate, to: (optimizer.learningRate) * (entry.file == "Prodigy" ? 1 : 0.25))
        let start = total(optimizer, loss)
        for _ in 0..<2 * entry.steps {
            step(optimizer) { v in
                v.indices.map { i in
                    let (x, y) = i % 2 == 0 ? (v[i], i + 1 < v.count ? v[i + 1] : v[i] * v[i]) : (v[i - 1], v[i])
                    return i % 2 == 0 ? -2 * (1 - x) - 16 * x * (y - x * x) : 8 * (y - x * x)
                }
            }
        }
        let end = total(optimizer, loss)
        #expect(end < 0.6 * start, "\(start) → \(end)")
    }

    @Test(arguments: RegisteredRule.all)
    func theFirstStepGoesDownTheGradient(_ entry: RegisteredRule) {
        let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
        let before = Array(arena.values)
        let optimizer = Optimizer(entry.rule, arena)
        step(optimizer, 1)
        for parameter in arena.entries {
            let product = parameter.range.reduce(0.0) {
                $0 + Double(arena.gradients[$1]) * Double(arena.values[$1] - before[$1])
            }
            #expect(product < 0, "\(parameter.name)")
        }
    }

    @Test func toMaximizeIsToMinimizeTheNegative() {
        let pairs: [(any UpdateRule, any UpdateRule)] = [
            (SGD(momentum: 0.9), SGD(momentum: 0.9, maximize: true)),
            (Adagrad(), Adagrad(maximize: true)), (RMSprop(), RMSprop(maximize: true)),
            (AdaDelta(), AdaDelta(maximize: true)), (Adam(), Adam(maximize: true)), (AdamW(), AdamW(maximize: true)),
            (Adamax(), Adamax(maximize: true)), (NAdam(), NAdam(maximize: true)), (RAdam(), RAdam(maximize: true)),
            (QHAdam(weightDecay: 0.1), QHAdam(weightDecay: 0.1, maximize: true)),
            (Lion(weightDecay: 0.1), Lion(weightDecay: 0.1, maximize: true)),
            (LARS(weightDecay: 0.1), LARS(weightDecay: 0.1, maximize: true)),
            (LAMB(weightDecay: 0.1), LAMB(weightDecay: 0.1, maximize: true)),
            (Adafactor(), Adafactor(maximize: true)),
        ]
        for (minimizing, maximizing) in pairs {
            let optimizers = [minimizing, maximizing].map {
                Optimizer($0, ParameterArena.adopt(MatrixModel(), seed: 0))
            }
            for number in 1...8 {
                for (optimizer, sign) in zip(optimizers, [Float(-1), 1]) {
                    step(optimizer) { gradient("any", $0.count, number).map { sign * $0 } }
                }
            }
            // The values are the arenas' own memory.
            withExtendedLifetime(optimizers) {
                for (a, b) in zip(optimizers[0].arena.values, optimizers[1].arena.values) {
                    #expect(abs(a - b) <= 1e-6 * (1 + abs(a)), "\(minimizing.name)")
                }
            }
        }
    }

    @Test(arguments: RegisteredRule.all.filter { $0.decaying != nil })
    func weightDecayPullsToZero(_ entry: RegisteredRule) {
        guard let rule = entry.decaying else { return }
        func size(_ decays: Bool) -> Double {
            let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
            let optimizer = Optimizer(decays ? rule : entry.rule, arena)
            for _ in 0..<30 { step(optimizer) { $0.map { _ in 0 } } }
            return arena.values.reduce(0) { $0 + Double($1 * $1) }
        }
        let (with, without) = (size(true), size(false))
        #expect(with < 0.99 * without, "\(with) and \(without)")
    }

    @Test(arguments: RegisteredRule.all.filter { $0.decaying != nil })
    func aFilterKeepsDecayFromBiases(_ entry: RegisteredRule) throws {
        guard let rule = entry.decaying else { return }
        let model = MatrixModel()
        let optimizer = try Optimizer(
            rule, ParameterArena.adopt(model, seed: 0), groups: .whole.withoutDecay())
        let (weight, bias) = (model.weight.value, model.bias.value)
        for _ in 0..<10 { step(optimizer) { $0.map { _ in 0 } } }
        #expect(optimizer.groups.count == 1)
        #expect(model.bias.value.isBitwiseEqual(to: bias))
        #expect(!model.weight.value.isBitwiseEqual(to: weight))
    }

    @Test(arguments: RegisteredRule.all)
    func aSavedStateContinuesWithTheSameBits(_ entry: RegisteredRule) throws {
        let model = MatrixModel()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = try Optimizer(entry.rule, arena, groups: .startingAt(["bias"]))
        for number in 1...4 { step(optimizer, number) }
        let (saved, weights) = (try JSONEncoder().encode(optimizer.state), model.stateDictionary)
        for number in 5...9 { step(optimizer, number) }
        let other = MatrixModel()
        try other.load(weights)
        let second = try Optimizer(
            entry.rule, ParameterArena.adopt(other, seed: 0), groups: .startingAt(["bias"]))
        try second.restore(JSONDecoder().decode(Optimizer.State.self, from: saved))
        for number in 5...9 { step(second, number) }
        #expect(bits(second.arena) == bits(arena) && second.state == optimizer.state)
        // And one that is forgotten begins anew.
        second.reset()
        let fresh = try Optimizer(
            entry.rule, ParameterArena.adopt(MatrixModel(), seed: 0), groups: .startingAt(["bias"]))
        #expect(second.state == fresh.state)
    }

    @Test(arguments: RegisteredRule.all)
    func groupsDoNotChangeWhatAParameterGets(_ entry: RegisteredRule) throws {
        let (a, b) = (MatrixModel(), MatrixModel())
        let one = Optimizer(entry.rule, ParameterArena.adopt(a, seed: 0))
        let two = try Optimizer(entry.rule, ParameterArena.adopt(b, seed: 0), groups: .startingAt(["bias"]))
        for number in 1...6 {
            step(one, number)
            step(two, number)
        }
        // Sums over all groups are made in another order.
        for (x, y) in zip(one.arena.values, two.arena.values) { #expect(abs(x - y) <= 1e-6 * (1 + abs(x))) }
    }

    @Test(arguments: RegisteredRule.all)
    func anUnknownHyperparameterIsAnErrorThatListsThoseThereAre(_ entry: RegisteredRule) {
        let optimizer = Optimizer(entry.rule, ParameterArena.adopt(MatrixModel(), seed: 0))
        let key = Hyperparameter("nonsense")
        #expect(
            throws: OptimizerError.unknownHyperparameter(
                key, optimizer: entry.rule.name, known: entry.rule.defaults.keys)
        ) { try optimizer.set(key, to: 1) }
        #expect(entry.rule.defaults[.learningRate] != nil)
    }

    @Test(arguments: RegisteredRule.all)
    func theNumberOfThreadsChangesNoBit(_ entry: RegisteredRule) {
        func result(_ threads: Int32) -> [UInt32] {
            let former = hone_threads()
            hone_set_threads(threads)
            defer { hone_set_threads(former) }
            let optimizer = Optimizer(entry.rule, ParameterArena.adopt(MatrixModel(160, 110), seed: 0))
            for number in 1...2 { step(optimizer, number) }
            return bits(optimizer.arena)
        }
        #expect(result(1) == result(2))
    }

    @Test(arguments: RegisteredRule.all)
    func whatIsNoNumberIsNotHidden(_ entry: RegisteredRule) {
        let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
        let optimizer = Optimizer(entry.rule, arena)
        step(optimizer) { $0.map { _ in .nan } }
        for parameter in arena.entries { #expect(arena.values[parameter.range.lowerBound].isNaN, "\(parameter.name)") }
    }
}
