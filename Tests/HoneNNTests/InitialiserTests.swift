import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct InitialiserTests {
    private let key = RandomKey(seed: 4)

    @Test func constantsFill() {
        #expect(Initialiser.zeros.draw([2], key).scalars == [0, 0])
        #expect(Initialiser.ones.draw([2], key).scalars == [1, 1])
        #expect(Initialiser.constant(2.5).draw([2], key).scalars == [2.5, 2.5])
    }

    /// Mean, deviation and largest magnitude of many draws.
    private func moments(_ values: [Float]) -> (mean: Double, deviation: Double, largest: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0) { $0 + Double($1) } / count
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        return (mean, variance.squareRoot(), values.reduce(0) { max($0, Double(abs($1))) })
    }

    /// Whether values look uniform within ±bound: five standard errors of mean and deviation, and the bound is neared.
    private func expectUniform(_ values: [Float], bound: Double, sourceLocation: SourceLocation = #_sourceLocation) {
        let (mean, deviation, largest) = moments(values)
        let (count, expected) = (Double(values.count), bound / 3.0.squareRoot())
        #expect(abs(mean) < 5 * expected / count.squareRoot(), sourceLocation: sourceLocation)
        // The kurtosis of a uniform distribution is 9/5.
        #expect(
            abs(deviation - expected) < 5 * expected * (0.8 / (4 * count)).squareRoot(), sourceLocation: sourceLocation)
        #expect(largest <= bound * (1 + 1e-6) && largest > 0.99 * bound, sourceLocation: sourceLocation)
    }

    @Test func denseLayersHaveTorchsInitialValues() throws {
        for (inputs, outputs) in [(64, 300), (10, 2000), (300, 70)] {
            let layer = Linear(inputs, outputs)
            layer.initialise(seed: 3)
            let bound = 1 / Double(inputs).squareRoot()
            expectUniform(layer.weight.value.scalars, bound: bound)
            let bias = try #require(layer.bias).value.scalars
            #expect(moments(bias).largest <= bound && moments(bias).largest > 0.9 * bound)
            #expect(Array(layer.weight.value.scalars.prefix(5)) != Array(bias.prefix(5)))
        }
    }

    @Test func kaimingUniformDependsOnFanInAndSlope() {
        let plain = Initialiser.kaimingUniform().draw([100, 6, 5, 5], key)
        expectUniform(plain.scalars, bound: (6.0 / 150).squareRoot())
        let leaky = Initialiser.kaimingUniform(a: 1).draw([500, 50], key)
        expectUniform(leaky.scalars, bound: (3.0 / 50).squareRoot())
        #expect(Initialiser.fanIn([8, 3, 5, 5]) == 75 && Initialiser.fanIn([8, 3]) == 3)
        #expect(Initialiser.fanIn([8]) == 1)
    }

    @Test func uniformAndNormalHaveTheirParameters() {
        let uniform = Initialiser.uniform(low: 1, high: 3).draw([20_000], key).scalars
        #expect(uniform.allSatisfy { $0 >= 1 && $0 < 3 })
        expectUniform(uniform.map { $0 - 2 }, bound: 1)
        let normal = moments(Initialiser.normal(mean: 2, deviation: 0.5).draw([20_000], key).scalars)
        #expect(abs(normal.mean - 2) < 5 * 0.5 / 20_000.0.squareRoot())
        #expect(abs(normal.deviation - 0.5) < 5 * 0.5 / 40_000.0.squareRoot())
    }

    @Test func aBiasOfNoInputsIsZero() {
        #expect(Initialiser.torchBias(fanIn: 0) == .zeros)
        #expect(Initialiser.torchBias(fanIn: 4) == .uniform(low: -0.5, high: 0.5))
    }

    @Test func gainsAreThoseOfTorch() {
        #expect(Initialiser.gain(for: .linear) == 1 && Initialiser.gain(for: .sigmoid) == 1)
        #expect(abs(Initialiser.gain(for: .tanh) - 5.0 / 3) < 1e-6 && abs(Initialiser.gain(for: .selu) - 0.75) < 1e-6)
        #expect(Initialiser.gain(for: .relu) == Float(2).squareRoot())
        #expect(abs(Initialiser.gain(for: .leakyReLU, a: 0.5) - Float(1.6).squareRoot()) < 1e-6)
        #expect(abs(Initialiser.gain(for: .leakyReLU) - Float(2 / 1.0001).squareRoot()) < 1e-6)
    }

    @Test func fansAreOfAllAxesButOne() {
        #expect(Initialiser.fanOut([8, 3, 5, 5]) == 200 && Initialiser.fanOut([8, 3]) == 8)
    }

    /// The quantile is the distribution function turned round.
    @Test func truncatedNormalKeepsItsShapeAlsoInTheTails() {
        for (low, high) in [(-2.0, 2.0), (0.5, 0.6), (3, 9), (-9, -3), (-1, 4)] as [(Float, Float)] {
            let values = Initialiser.truncatedNormal(low: low, high: high).draw([20_000], key).scalars.sorted()
            #expect(values.first.map { $0 >= low } == true && values.last.map { $0 <= high } == true)
            // Kolmogorov's distance of 20,000 draws is above 0.0138 once in a thousand.
            let (from, to) = (TruncatedNormalTruth.below(Double(low)), TruncatedNormalTruth.below(Double(high)))
            let distance = values.enumerated().reduce(0.0) { worst, pair in
                let expected = (TruncatedNormalTruth.below(Double(pair.element)) - from) / (to - from)
                return max(worst, abs(expected - (Double(pair.offset) + 0.5) / 20_000))
            }
            #expect(distance < 0.0138, "\(low)...\(high)")
        }
        #expect(Initialiser.truncatedNormal(mean: 5, deviation: 0, low: -1, high: 2).draw([2], key).scalars == [2, 2])
        #expect(mistake { Initialiser.truncatedNormal(low: 1, high: 0).draw([2], key) } != nil)
    }

    @Test(arguments: [[6, 6], [3, 10], [10, 3], [4, 2, 3, 3], [1, 5], [5, 1], [0, 3]])
    func orthogonalMatricesHaveOrthonormalRowsOrColumns(shape: [Int]) {
        let tensor = Initialiser.orthogonal(gain: 2).draw(Shape(shape), key)
        #expect(tensor.shape.array == shape)
        let matrix = tensor.reshaped([shape[0], shape.dropFirst().reduce(1, *)])
        let isWide = matrix.shape[0] <= matrix.shape[1]
        let gram = isWide ? matrix.matmul(matrix.transposed(0, 1)) : matrix.transposed(0, 1).matmul(matrix)
        for row in 0..<gram.shape[0] {
            for column in 0..<gram.shape[1] {
                let found = gram.scalars[row * gram.shape[1] + column]
                #expect(abs(found - (row == column ? 4 : 0)) < 1e-5)
            }
        }
    }

    /// Signs are as likely one way as the other, and drawing again gives the same.
    @Test func orthogonalMatricesAreUniform() {
        let traces = (0..<400).map { seed in
            let q = Initialiser.orthogonal().draw([3, 3], RandomKey(seed: UInt64(seed))).scalars
            return Double(q[0] + q[4] + q[8])
        }
        // The trace of a uniform orthogonal matrix has mean 0 and variance 1 (Diaconis and Shahshahani 1994).
        #expect(abs(traces.reduce(0, +) / 400) < 5 / 20)
        #expect(abs(traces.reduce(0) { $0 + $1 * $1 } / 400 - 1) < 0.5)
        let again = Initialiser.orthogonal().draw([4, 7], key)
        #expect(again.isBitwiseEqual(to: Initialiser.orthogonal().draw([4, 7], key)))
    }

    @Test func identityHandsItsInputOn() {
        #expect(Initialiser.identity.draw([2, 3], key).scalars == [1, 0, 0, 0, 1, 0])
        let layer = Conv2d(2, 3, kernel: 3, padding: 1, bias: false)
        layer.weight.initialiser = .identity
        let x = Tensor.normal([1, 2, 4, 5], key: key)
        #expect(Array(layer(x).scalars.prefix(40)) == x.scalars)
        #expect(layer(x).scalars.suffix(20).allSatisfy { $0 == 0 })
        #expect(mistake { Initialiser.identity.draw([3], key) } != nil)
        #expect(mistake { Initialiser.orthogonal().draw([3], key) } != nil)
    }

    @Test func anInitialiserSetLaterIsDrawnFromTheSameSeed() {
        let (before, after) = (Scale(50), Scale(50))
        before.weight.initialiser = .uniform(low: 2, high: 3)
        before.initialise(seed: 7)
        after.initialise(seed: 7)
        after.weight.initialiser = .uniform(low: 2, high: 3)
        #expect(after.weight.value.isBitwiseEqual(to: before.weight.value))
        #expect(after.weight.value.scalars.allSatisfy { $0 >= 2 && $0 < 3 })
        let adopted = Scale(50)
        _ = ParameterArena.adopt(adopted, seed: 7)
        adopted.weight.initialiser = .uniform(low: 2, high: 3)
        #expect(adopted.weight.value.isBitwiseEqual(to: before.weight.value))
        let given = Scale(2)
        given.weight.value = Tensor([9, 9])
        given.weight.initialiser = .ones
        _ = ParameterArena.adopt(given, seed: 0)
        #expect(given.weight.value.scalars == [1, 1])
    }

    @Test func applyVisitsInnerModulesFirst() {
        let model = Net()
        var seen: [String] = []
        model.apply { seen.append($0.label) }
        #expect(seen == ["Linear 4→3", "ReLU", "Sequential", "Linear 3→2", "Net"])
        model.apply { ($0 as? Linear)?.weight.initialiser = .constant(0.5) }
        _ = ParameterArena.adopt(model, seed: 0)
        #expect(model.head.weight.value.scalars.allSatisfy { $0 == 0.5 })
    }

    private final class Ordered: Module {
        let first: Scale
        let second: Scale
        init() {
            first = Scale(50)
            second = Scale(50)
        }
        func forward(_ x: Tensor) -> Tensor { second(first(x)) }
    }

    private final class Reversed: Module {
        let second = Scale(50)
        let extra = Linear(2, 2)
        let first = Scale(50)
        func forward(_ x: Tensor) -> Tensor { second(first(x)) }
    }

    @Test func valuesDependOnSeedAndNameAlone() {
        let (a, b) = (Ordered(), Reversed())
        a.initialise(seed: 11)
        b.initialise(seed: 11)
        #expect(a.first.weight.value.isBitwiseEqual(to: b.first.weight.value))
        #expect(a.second.weight.value.isBitwiseEqual(to: b.second.weight.value))
        #expect(!a.first.weight.value.isBitwiseEqual(to: a.second.weight.value))
        let before = a.first.weight.value
        a.initialise(seed: 12)
        #expect(!a.first.weight.value.isBitwiseEqual(to: before))
        a.initialise(seed: 11)
        #expect(a.first.weight.value.isBitwiseEqual(to: before))
    }

    @Test func adoptionDrawsWhatInitialiseDraws() {
        let (adopted, drawn) = (Ordered(), Ordered())
        _ = ParameterArena.adopt(adopted, seed: 8)
        drawn.initialise(seed: 8)
        #expect(adopted.stateDictionary.sha256 == drawn.stateDictionary.sha256)
        let arena = ParameterArena.adopt(drawn, seed: 0)
        arena.initialise(seed: 9)
        adopted.initialise(seed: 9)
        #expect(adopted.stateDictionary.sha256 == drawn.stateDictionary.sha256)
    }
}

/// The normal distribution function, from its series: Σ (−1)ⁿ x²ⁿ⁺¹ / (2ⁿ n! (2n + 1)), and beyond 4 the continued
/// fraction of Mills' ratio.
private enum TruncatedNormalTruth {
    static func below(_ x: Double) -> Double {
        if x > 2.5 { return 1 - tail(x) }
        if x < -2.5 { return tail(-x) }
        var (term, sum) = (x, x)
        for n in 1..<60 {
            term *= -x * x / (2 * Double(n))
            sum += term / Double(2 * n + 1)
        }
        return 0.5 + sum / (2 * Double.pi).squareRoot()
    }

    private static func tail(_ x: Double) -> Double {
        var fraction = x
        for n in stride(from: 200, through: 1, by: -1) { fraction = x + Double(n) / fraction }
        return exp(-x * x / 2) / (2 * Double.pi).squareRoot() / fraction
    }
}
