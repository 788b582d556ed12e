import HoneNN
import HoneTensor
import Testing

@Suite struct LayerTests {
    @Test func aDenseLayerIsAnAffineMap() {
        let layer = Linear(2, 3)
        layer.weight.value = Tensor([[1, 2], [3, 4], [-5, 6]])
        layer.bias?.value = Tensor([0.5, 0, -1])
        #expect(layer(Tensor([[1, 1], [2, 0]])).scalars == [3.5, 7, 0, 2.5, 6, -11])
        #expect(layer(Tensor.zeros([2, 5, 2])).shape == [2, 5, 3])
        #expect(layer(Tensor([1, 1])).scalars == [3.5, 7, 0])
        #expect(layer(Tensor.zeros([0, 2])).shape == [0, 3])
        #expect(layer.inputs == 2 && layer.outputs == 3 && layer.label == "Linear 2→3")
        let unbiased = Linear(2, 1, bias: false)
        unbiased.weight.value = Tensor([[2, 3]])
        #expect(unbiased(Tensor([[1, 1]])).scalars == [5])
        #expect(unbiased.bias == nil)
    }

    @Test func aDenseLayerHasTheGradientsOfItsFormula() throws {
        var numbers = TestNumbers(seed: 1)
        let layer = Linear(3, 2)
        let (x, g) = (numbers.tensor([4, 3]), numbers.tensor([4, 2]))
        let tape = Tape()
        let slope = try tape.record { () -> Tensor in
            let watched = tape.watch(x)
            return try tape.gradients(of: layer(watched), for: [watched], seed: g)[0]
        }
        #expect(distance(slope, g.matmul(layer.weight.value)) < 1e-5)
        #expect(distance(layer.weight.gradient, g.transposed().matmul(x)) < 1e-5)
        #expect(distance(layer.bias?.gradient ?? Tensor(0), g.sum(axes: [0])) < 1e-5)
    }

    @Test func aChainAppliesItsLayersInOrder() {
        let (a, b) = (Scale(1, .constant(2)), Scale(1, .constant(5)))
        let chain = Sequential(a, Adding(1), b)
        #expect(chain(Tensor([1])).scalars == [15])
        #expect(chain.count == 3 && chain[0] === a && chain[2] === b)
        #expect(Sequential([a, a])(Tensor([1])).scalars == [4])
        #expect(Sequential()(Tensor([1, 2])).scalars == [1, 2])
    }

    @Test func aDenseLayerAndItsReLUInAChainAreWhatTheyAreApart() throws {
        var numbers = TestNumbers(seed: 2)
        let layers: [any Module] = [Linear(5, 7), ReLU(), Linear(7, 7), ReLU(), ReLU(), Linear(7, 3)]
        let chain = Sequential(layers)
        chain.initialise(seed: 1)
        let (x, g) = (numbers.tensor([6, 5]), numbers.tensor([6, 3]))
        func run(_ forward: (Tensor) -> Tensor) throws -> [Tensor] {
            ParameterArena.adopt(chain, seed: 0).zeroGradients()
            let tape = Tape()
            return try tape.record {
                let watched = tape.watch(x)
                let y = forward(watched)
                let slope = try tape.gradients(of: y, for: [watched], seed: g)[0]
                return [y.detached(), slope] + chain.parameters.map(\.parameter.gradient)
            }
        }
        let fused = try run { chain($0) }
        let apart = try run { x in layers.reduce(x) { x, layer in layer(x) } }
        #expect(fused.count == 8)
        for (a, b) in zip(fused, apart) { #expect(distance(a, b) < 1e-5) }
        #expect(fused.allSatisfy { $0.scalars.contains { $0 != 0 } })
    }

    @Test func flatteningKeepsTheBatch() {
        let x = Tensor.zeros([2, 3, 4, 5])
        #expect(Flatten()(x).shape == [2, 60])
        #expect(Flatten(from: 2)(x).shape == [2, 3, 20])
        #expect(Flatten(from: 0)(x).shape == [120])
        #expect(Flatten(from: 1, through: 2)(x).shape == [2, 12, 5])
        #expect(Flatten(from: -2)(x).shape == [2, 3, 20])
        #expect(Flatten()(Tensor([1, 2])).shape == [2])
        #expect(Flatten()(Tensor.zeros([2, 0, 3])).shape == [2, 0])
        #expect(Flatten()(Tensor([[1, 2], [3, 4]])).scalars == [1, 2, 3, 4])
    }

    @Test func reluCutsOffWhatIsNegative() {
        #expect(ReLU()(Tensor([[-1, 0], [2, -3]])).scalars == [0, 0, 2, 0])
    }

    @Test func dropoutActsInTrainingAlone() {
        let layer = Dropout(0.5)
        let x = Tensor.ones([1000])
        #expect(layer.isTraining)
        let dropped = withRandomKey(RandomKey(seed: 1)) { layer(x) }.scalars
        #expect(Set(dropped) == [0, 2])
        #expect(withRandomKey(RandomKey(seed: 1)) { layer(x) }.scalars == dropped)
        layer.eval()
        #expect(layer(x).isBitwiseEqual(to: x))
        layer.train()
        #expect(!layer(x).isBitwiseEqual(to: x))
        #expect(Dropout(0)(x).isBitwiseEqual(to: x))
        #expect(Set(Dropout(1)(x).scalars) == [0])
        #expect(Dropout().probability == 0.5 && Dropout(0.25).label == "Dropout 0.25")
    }

    @Test func aDropoutProbabilityOutsideItsRangeIsAMistakeAlsoInEvaluation() {
        for probability: Float in [-0.1, 1.1, .nan] {
            let layer = Dropout(probability)
            let words = "Dropout \(probability): probability is \(probability), expected 0...1"
            #expect(mistake { layer(Tensor([1])) } == words)
            layer.eval()
            #expect(mistake { layer(Tensor([1])) } == words)
        }
    }

    private final class Adding: Module {
        let amount: Float
        init(_ amount: Float) { self.amount = amount }
        func forward(_ x: Tensor) -> Tensor { x + amount }
    }

    private final class Joined: MultiInputModule {
        let left = Scale(1, .constant(2))
        let right = Scale(1, .constant(3))
        func forward(_ inputs: [Tensor]) -> [Tensor] {
            inputs.count == 2 ? [left(inputs[0]) + right(inputs[1]), inputs[0]] : []
        }
    }

    @Test func aModuleMayHaveSeveralInputsAndOutputs() {
        let module = Joined()
        let outputs = module([Tensor([1]), Tensor([10])])
        #expect(outputs.map(\.scalars) == [[32], [1]])
        #expect(names(module) == ["left.weight", "right.weight"])
        #expect(mistake { module(Tensor([1])) } == "Joined: forward gave no output")
    }
}
