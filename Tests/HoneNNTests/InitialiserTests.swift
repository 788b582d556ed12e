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
