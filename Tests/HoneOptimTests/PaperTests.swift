import Foundation
import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// Rules that no library's figures are at hand for, against their papers' formulas in double precision, written in another
/// way than the rules are.
@Suite struct PaperTests {
    private static let steps = 20
    private static let rates = (1...steps).map { 0.01 * Double(1 + $0 % 3) }

    /// Runs a rule and a formula on the same gradients, at rates that change. The formula gets the weights to take the
    /// gradient at, and gives those of the next step; all of them are compared.
    private func compare(
        _ rule: any UpdateRule, tolerance: Double = 5e-6,
        rates: [Double] = rates,
        _ makeFormula: (_ start: [Double], _ shape: Shape) -> (_ p: [Double], _ g: [Double], _ rate: Double, _ t: Int)
            ->
            [Double]
    ) throws {
        let model = MatrixModel()
        let arena = ParameterArena.adopt(model, seed: 0)
        let optimizer = Optimizer(rule, arena)
        var expected = arena.entries.map { $0.parameter.value.scalars.map(Double.init) }
        let formulas = zip(arena.entries, expected).map { makeFormula($1, $0.parameter.shape) }
        for t in 1...Self.steps {
            try optimizer.set(.learningRate, to: rates[t - 1])
            step(optimizer, t)
            for (index, entry) in arena.entries.enumerated() {
                let g = gradient(entry.name, entry.range.count, t).map(Double.init)
                expected[index] = formulas[index](expected[index], g, rates[t - 1], t)
                for (a, b) in zip(entry.parameter.value.scalars, expected[index]) {
                    #expect(abs(Double(a) - b) <= tolerance * (1 + abs(b)), "\(rule.name), step \(t), \(entry.name)")
                }
            }
        }
    }

    @Test func quasiHyperbolicAdamMixesPresentAndAverage() throws {
        let rule = QHAdam(beta1: 0.9, beta2: 0.99, nu1: 0.7, nu2: 0.8, epsilon: 1e-6, weightDecay: 0.1)
        try compare(rule) { start, _ in
            // Averages as sums over the past, as the paper writes them.
            var past: [[Double]] = []
            return { p, g, rate, t in
                past.append(zip(p, g).map { $1 + 0.1 * $0 })
                return p.indices.map { i in
                    var (m, v, firsts, seconds) = (0.0, 0.0, 0.0, 0.0)
                    for (age, slopes) in past.reversed().enumerated() {
                        let (a, b) = (pow(0.9, Double(age)), pow(0.99, Double(age)))
                        (m, v, firsts, seconds) = (
                            m + a * slopes[i], v + b * slopes[i] * slopes[i], firsts + a, seconds + b
                        )
                    }
                    let now = past[t - 1][i]
                    let top = 0.3 * now + 0.7 * m / firsts
                    return p[i] - rate * top / ((0.2 * now * now + 0.8 * v / seconds).squareRoot() + 1e-6)
                }
            }
        }
    }

    @Test func theDecayOfThePaperFollowsTheMultiplierAlone() throws {
        let rule = AdamW(learningRate: 0.02, weightDecay: 0.1, decay: .decoupledFromRate)
        try compare(rule) { start, _ in
            var (m, v) = (start.map { _ in 0.0 }, start.map { _ in 0.0 })
            return { p, g, rate, t in
                p.indices.map { i in
                    m[i] = 0.9 * m[i] + 0.1 * g[i]
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
                    let (mean, square) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.999, Double(t))))
                    // η (α m̂ / (√v̂ + ε) + λ p) with α = 0.02
                    return p[i] - rate / 0.02 * (0.02 * mean / (square.squareRoot() + 1e-8) + 0.1 * p[i])
                }
            }
        }
    }

    @Test func scheduleFreeDescentFollowsItsThreeSequences() throws {
        for (warmup, power) in [(0, 0.0), (7, 0), (0, 1.5), (7, 2)] {
            var averages: [[Double]] = []
            let rule = ScheduleFreeSGD(momentum: 0.8, weightDecay: 0.1, warmupSteps: warmup, stepPower: power)
            try compare(rule) { start, _ in
                var (x, z, largest, sum) = (start, start, 0.0, 0.0)
                return { y, g, rate, t in
                    let rate = warmup > 0 ? rate * min(1, Double(t) / Double(warmup)) : rate
                    largest = max(largest, rate)
                    let weight = pow(Double(t), power) * largest * largest
                    sum += weight
                    let share = weight / sum
                    for i in y.indices {
                        z[i] -= rate * (g[i] + 0.1 * y[i])
                        x[i] = (1 - share) * x[i] + share * z[i]
                    }
                    if t == Self.steps { averages.append(x) }
                    return y.indices.map { 0.2 * z[$0] + 0.8 * x[$0] }
                }
            }
            try expectAverages(rule, averages)
        }
    }

    @Test(arguments: [0.0, 1]) func scheduleFreeAdamFollowsItsThreeSequences(_ power: Double) throws {
        var averages: [[Double]] = []
        let rule = ScheduleFreeAdamW(beta1: 0.9, beta2: 0.99, weightDecay: 0.1, stepPower: power)
        try compare(rule) { start, _ in
            var (x, z, v, largest, sum) = (start, start, start.map { _ in 0.0 }, 0.0, 0.0)
            return { y, g, rate, t in
                largest = max(largest, rate)
                let weight = pow(Double(t), power) * largest * largest
                sum += weight
                let share = weight / sum
                for i in y.indices {
                    v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i]
                    let size = (v[i] / (1 - pow(0.99, Double(t)))).squareRoot() + 1e-8
                    z[i] -= rate * (g[i] / size + 0.1 * y[i])
                    x[i] = (1 - share) * x[i] + share * z[i]
                }
                if t == Self.steps { averages.append(x) }
                return y.indices.map { 0.1 * z[$0] + 0.9 * x[$0] }
            }
        }
        try expectAverages(rule, averages)
    }

    /// The weights to evaluate with are the averages, and those to train with come back.
    private func expectAverages(_ rule: any UpdateRule, _ averages: [[Double]]) throws {
        let arena = ParameterArena.adopt(MatrixModel(), seed: 0)
        let optimizer = Optimizer(rule, arena)
        for t in 1...Self.steps {
            try optimizer.set(.learningRate, to: Self.rates[t - 1])
            step(optimizer, t)
        }
        let before = bits(arena)
        optimizer.withEvaluationWeights {
            #expect(optimizer.valuesToTrain.map(\.bitPattern) == before)
            for (entry, average) in zip(arena.entries, averages) {
                for (a, b) in zip(entry.parameter.value.scalars, average) {
                    #expect(abs(Double(a) - b) <= 5e-6 * (1 + abs(b)))
                }
            }
            optimizer.withEvaluationWeights {}
            #expect(bits(arena) != before)
        }
        #expect(bits(arena) == before)
    }

    @Test func adafactorIsAProductOfRowsAndColumns() throws {
        try compare(Adafactor(weightDecay: 0.1)) { start, shape in
            let (rows, columns) = shape.rank < 2 ? (start.count, 1) : (shape[0], shape[1])
            var (row, column) = ([Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns))
            return { p, g, rate, t in
                let fresh = pow(Double(t), -0.8)
                func meanSquare(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } / Double(x.count) }
                for i in 0..<rows {
                    row[i] += fresh * (meanSquare((0..<columns).map { g[i * columns + $0] }) - row[i])
                }
                for j in 0..<columns {
                    column[j] += fresh * (meanSquare((0..<rows).map { g[$0 * columns + j] }) - column[j])
                }
                // A vector's average has no factors.
                let mean = row.reduce(0, +) / Double(rows)
                let direction = p.indices.map { k in
                    let size = shape.rank < 2 ? row[k] : row[k / columns] * column[k % columns] / mean
                    return g[k] / size.squareRoot()
                }
                let scale = max(1e-3, meanSquare(p).squareRoot()) * min(rate, 1 / Double(t).squareRoot())
                let clip = max(1, meanSquare(direction).squareRoot())
                return p.indices.map { p[$0] * (1 - rate * 0.1) - scale / clip * direction[$0] }
            }
        }
    }

    /// By Jordan's polynomial, the classic one, and another.
    @Test(arguments: [[3.4445, -4.7750, 2.0315], [1.5, -0.5, 0], [2, -1.5, 0.5]])
    func muonMakesTheMomentumOrthogonal(_ abc: [Double]) throws {
        #expect(Muon().coefficients == Muon.Coefficients(3.4445, -4.7750, 2.0315))
        let rule = Muon(momentum: 0.9, weightDecay: 0.1, coefficients: .init(abc[0], abc[1], abc[2]))
        try compare(rule, tolerance: 5e-5) { start, shape in
            var buffer = start.map { _ in 0.0 }
            return { p, g, rate, t in
                for i in p.indices { buffer[i] = 0.9 * buffer[i] + 0.1 * g[i] }
                var x = p.indices.map { 0.1 * g[$0] + 0.9 * buffer[$0] }
                let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
                x = x.map { $0 / norm }
                guard shape.rank == 2 else { return p.indices.map { p[$0] * (1 - rate * 0.1) - rate * x[$0] } }
                let (rows, columns) = (shape[0], shape[1])
                for _ in 0..<5 {
                    // a x + b (x xᵀ) x + c (x xᵀ)² x, element by element.
                    func applied(_ y: [Double]) -> [Double] {
                        p.indices.map { (k: Int) -> Double in
                            var sum = 0.0
                            for r in 0..<rows {
                                var gram = 0.0
                                for j in 0..<columns { gram += x[k / columns * columns + j] * x[r * columns + j] }
                                sum += gram * y[r * columns + k % columns]
                            }
                            return sum
                        }
                    }
                    let once = applied(x)
                    let twice = applied(once)
                    x = x.indices.map { abc[0] * x[$0] + abc[1] * once[$0] + abc[2] * twice[$0] }
                }
                let factor = max(1, Double(rows) / Double(columns)).squareRoot()
                return p.indices.map { p[$0] * (1 - rate * 0.1) - rate * factor * x[$0] }
            }
        }
    }

    @Test func muonBringsAllSingularValuesNearOne() {
        let model = MatrixModel(5, 8)
        let arena = ParameterArena.adopt(model, seed: 0)
        let before = model.weight.value.scalars
        let optimizer = Optimizer(Muon(learningRate: 1, momentum: 0, weightDecay: 0), arena)
        step(optimizer, 1)
        let x = zip(before, model.weight.value.scalars).map { Double($0 - $1) }
        // Of x xᵀ, the eigenvalues are the squares; the trace and the square of the norm bound them.
        let gram = (0..<25).map { (k: Int) -> Double in
            var sum = 0.0
            for j in 0..<8 { sum += x[k / 5 * 8 + j] * x[k % 5 * 8 + j] }
            return sum
        }
        let trace = (0..<5).map { gram[6 * $0] }.reduce(0, +)
        #expect(trace > 5 * 0.4 && trace < 5 * 1.6)
        #expect(gram.reduce(0) { $0 + $1 * $1 } < 5 * 1.6 * 1.6)
    }

    @Test func prodigyEstimatesTheDistance() throws {
        // One parameter alone: the estimate is made of all.
        let model = Sequential(Block(9, seed: 5))
        let arena = ParameterArena.adopt(model, seed: 0)
        arena.entries[1].parameter.isTrainable = false
        let rule = Prodigy(beta1: 0.8, beta2: 0.99, weightDecay: 0.1, initialDistance: 1e-2)
        let optimizer = Optimizer(rule, arena)
        let first = arena.entries[0].parameter.value.scalars.map(Double.init)
        var (p, m, v, s) = (first, first.map { _ in 0.0 }, first.map { _ in 0.0 }, first.map { _ in 0.0 })
        var (d, r) = (1e-2, 0.0)
        let beta3 = 0.99.squareRoot()
        var grew = false
        for t in 1...Self.steps {
            // A slope toward a minimum far away.
            let g = p.map { 0.1 * ($0 - 30) }
            step(optimizer) { $0.map { Float(0.1) * ($0 - 30) } }
            let rate = d
            r *= beta3
            for i in p.indices {
                r += d / 1e-2 * rate * g[i] * (first[i] - p[i])
                m[i] = 0.8 * m[i] + 0.2 * d * g[i]
                v[i] = 0.99 * v[i] + 0.01 * d * d * g[i] * g[i]
                s[i] = beta3 * s[i] + d / 1e-2 * rate * g[i]
            }
            let former = d
            d = max(d, r / s.reduce(0) { $0 + abs($1) })
            grew = grew || d > former
            for i in p.indices {
                p[i] = p[i] * (1 - rate * 0.1) - rate * m[i] / (v[i].squareRoot() + d * 1e-8)
            }
            for (a, b) in zip(arena.entries[0].parameter.value.scalars, p) {
                #expect(abs(Double(a) - b) <= 1e-4 * (1 + abs(b)), "step \(t)")
            }
        }
        #expect(grew)
        let kept = try #require(optimizer.state.groups[0].scalars["distance"])
        #expect(abs(kept - d) < 1e-4 * d)
    }

    @Test func rangerIsRectifiedAdamWithLookahead() {
        let ranger = Lookahead.ranger()
        #expect(ranger.name == "Lookahead(RAdam)" && ranger.period == 6 && ranger.alpha == 0.5)
        #expect(ranger.states.map(\.name) == ["averageGradient", "averageSquare", "slowWeights"])
    }

    @Test func aNarrowValleyNeedsFewerStepsWithMomentumAndWithAdaptiveRates() {
        // ½ (x² + 100 y²): plain descent may not take steps above 0.02.
        func steps(_ rule: any UpdateRule) -> Int {
            let model = Sequential(Block(2, seed: 1))
            model.modules.forEach { ($0.module as? Block)?.weight.value = Tensor([3, 1]) }
            let optimizer = Optimizer(rule, ParameterArena.adopt(model, seed: 0))
            for number in 1...2000 {
                step(optimizer) { $0.count == 2 ? [$0[0], 100 * $0[1]] : $0.map { _ in 0 } }
                let v = optimizer.arena.values
                if 0.5 * (v[0] * v[0] + 100 * v[1] * v[1]) < 1e-4 { return number }
            }
            return 2001
        }
        let plain = [0.005, 0.01, 0.0195].map { steps(SGD(learningRate: $0)) }.min() ?? 0
        let momentum = [0.005, 0.01, 0.02].map { steps(SGD(learningRate: $0, momentum: 0.8)) }.min() ?? 0
        let adam = [0.03, 0.1, 0.3].map { steps(Adam(learningRate: $0)) }.min() ?? 0
        let adagrad = [0.3, 1, 3].map { steps(Adagrad(learningRate: $0)) }.min() ?? 0
        #expect(momentum < plain && adam < plain && adagrad < plain, "\(plain), \(momentum), \(adam), \(adagrad)")
    }
}
