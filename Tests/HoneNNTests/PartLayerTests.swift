import Foundation
import HoneNN
import HoneTensor
import Testing

/// What the walk over all layers does not see of them.
@Suite struct PartLayerTests {
    @Test func channelDropoutDropsWholeChannelsAndDropPathWholeSamples() {
        let x = Tensor.ones([50, 4, 2, 3])
        func parts(_ layer: any Module, of length: Int) -> [Set<Float>] {
            let values = withRandomKey(RandomKey(seed: 5)) { layer(x) }.scalars
            return stride(from: 0, to: values.count, by: length).map { Set(values[$0..<$0 + length]) }
        }
        let channels = parts(Dropout2d(0.25), of: 6)
        #expect(channels.allSatisfy { $0 == [0] || $0 == [1 / 0.75] })
        #expect((30...70).contains(channels.filter { $0 == [0] }.count))
        let samples = parts(DropPath(0.5), of: 24)
        #expect(samples.allSatisfy { $0 == [0] || $0 == [2] })
        #expect(samples.contains([0]) && samples.contains([2]))
        // A sample's channels do not go together.
        #expect((0..<50).contains { Set(channels[$0 * 4..<$0 * 4 + 4]).count == 2 })
        #expect(DropPath()(x).isBitwiseEqual(to: x))
    }

    @Test func thePaddingsVectorBeginsAtZeroAndStaysAsItIs() throws {
        let layer = Embedding(6, 4, paddingIndex: -2)
        #expect(layer.paddingIndex == 4 && layer.count == 6 && layer.features == 4)
        layer.initialise(seed: 3)
        let values = layer.weight.value.scalars
        #expect(values[16..<20].allSatisfy { $0 == 0 })
        #expect((values[..<16] + values[20...]).allSatisfy { $0 != 0 })
        let plain = Embedding(6, 4)
        plain.initialise(seed: 3)
        #expect(zip(plain.weight.value.scalars, values).enumerated().allSatisfy { $0 / 4 == 4 || $1.0 == $1.1 })
        #expect(layer(Tensor([4, 1] as [Int32], shape: [1, 2])).shape == [1, 2, 4])
    }

    @Test func instanceNormMovesItsStatisticsToTheMeanOfTheSamples() {
        let layer = InstanceNorm1d(1, momentum: 0.5, tracksStatistics: true)
        // Means 2 and 5, unbiased variances 1 and 9.
        _ = layer(Tensor([[[1, 2, 3]], [[2, 5, 8]]]))
        let state = layer.stateDictionary
        #expect(state["running_mean"]?.scalars == [1.75] && state["running_var"]?.scalars == [0.5 + 2.5])
        // PyTorch's files have the count, which its layer leaves alone.
        #expect(state["num_batches_tracked"]?.integers == [0])
        let standard = InstanceNorm1d(1, tracksStatistics: true)
        _ = standard(Tensor([[[1, 2, 3]], [[2, 5, 8]]]))
        #expect(abs((standard.stateDictionary["running_mean"]?.scalars[0] ?? 0) - 0.35) < 1e-6)
        layer.eval()
        let y = layer(Tensor([[[1.75, 1.75 + Float(3.00001).squareRoot()]]])).scalars
        #expect(abs(y[0]) < 1e-6 && abs(y[1] - 1) < 1e-5)
    }

    @Test func aNamedChainIsAskedByNameAndByPosition() {
        let (a, b) = (Linear(2, 3), Linear(3, 1))
        let chain = Sequential([("up", a), ("middle", ReLU()), ("down", b)])
        #expect(chain["up"] === a && chain[2] === b && chain["other"] == nil && chain.count == 3)
        #expect(chain.names == ["up", "middle", "down"] && Sequential(a, b).names == ["0", "1"])
        #expect(names(chain) == ["up.weight", "up.bias", "down.weight", "down.bias"])
        #expect(Sequential(a, b)["1"] === b && Sequential([]).count == 0)
        // Fused with its ReLU or not, the layer gives the same.
        let x = Tensor([[1, -2], [0.5, 3]])
        #expect(distance(chain(x), b(a(x).relu())) < 1e-6)
    }

    @Test func listsAndDictionariesOfModulesAreCollections() {
        let (a, b) = (ReLU(), Tanh())
        let list = ModuleList([a, b])
        #expect(list.count == 2 && list[1] === b && list.map(\.label) == ["ReLU", "Tanh"])
        let dictionary = ModuleDictionary([("x", a), ("y", b)])
        #expect(dictionary.names == ["x", "y"] && dictionary["y"] === b && dictionary["z"] == nil)
    }

    @Test func firstValuesAreThoseOfPyTorch() {
        let form = Bilinear(100, 3, 5)
        form.initialise(seed: 1)
        let values = form.weight.value.scalars + (form.bias?.value.scalars ?? [])
        #expect(values.allSatisfy { abs($0) <= 0.1 } && values.contains { abs($0) > 0.09 })
        #expect(PReLU(3).stateDictionary["weight"]?.scalars == [0.25, 0.25, 0.25])
        let table = Embedding(200, 50)
        table.initialise(seed: 1)
        let drawn = table.weight.value.scalars.map(Double.init)
        let variance = drawn.reduce(0) { $0 + $1 * $1 } / Double(drawn.count)
        #expect(abs(drawn.reduce(0, +) / Double(drawn.count)) < 0.05 && abs(variance - 1) < 0.05)
    }
}
