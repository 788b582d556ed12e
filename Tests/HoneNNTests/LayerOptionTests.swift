import HoneNN
import HoneTensor
import Testing

/// Options of layers beyond what the registry walks.
@Suite struct LayerOptionTests {
    @Test(
        arguments: [
            (PaddingMode.zeros, [0, 0, 1, 2, 3, 4, 0]), (.reflect, [3, 2, 1, 2, 3, 4, 3]),
            (.replicate, [1, 1, 1, 2, 3, 4, 4]), (.circular, [3, 4, 1, 2, 3, 4, 1]),
        ] as [(PaddingMode, [Float])])
    func aFrameIsMadeOfTheTensor(mode: PaddingMode, expected: [Float]) throws {
        let x = Tensor([[1, 2, 3, 4]])
        #expect(x.padded([(2, 1)], mode: mode).scalars == expected)
        #expect(try GradientCheck.report(at: [x]) { $0[0].padded([(2, 1)], mode: mode) }.worst < 1e-3)
    }

    @Test func aFrameIsNoWiderThanItsModeAllows() {
        let x = Tensor.zeros([2, 3])
        #expect(x.padded([(2, 0)], mode: .reflect).shape == [2, 5])
        #expect(mistake { x.padded([(3, 0)], mode: .reflect) }?.contains("reflect") == true)
        #expect(mistake { x.padded([(0, 4)], mode: .circular) }?.contains("axis 1 of [2, 3]") == true)
        #expect(mistake { x.padded([(0, 0), (0, 0), (1, 0)], mode: .replicate) } != nil)
    }

    @Test func aConvolutionKeepsTheSize() {
        let layer = Conv2d(1, 1, kernel: Extent(2, 4), bias: false, keepsSize: true)
        layer.weight.value = .ones([1, 1, 2, 4])
        // The window over 2×4 places stands one place before the first column, and two after the last.
        let y = layer(Tensor.ones([1, 1, 3, 4]))
        #expect(y.scalars == [6, 8, 6, 4, 6, 8, 6, 4, 3, 4, 3, 2])
        let line = Conv1d(1, 1, kernel: 3, dilation: 2, bias: false, paddingMode: .circular, keepsLength: true)
        line.weight.value = Tensor([[[1, 10, 100]]])
        #expect(line(Tensor([[[1, 2, 3, 4, 5]]])).scalars == [314, 425, 531, 142, 253])
        let stepping = Conv1d(1, 1, kernel: 3, stride: 2, keepsLength: true)
        #expect(mistake { stepping(.zeros([1, 1, 5])) }?.contains("stride is 2") == true)
    }

    @Test func convolutionsAndInstanceNormsTakeOneSampleWithoutABatch() {
        var numbers = TestNumbers(seed: 5)
        let image = numbers.tensor([2, 4, 5])
        let layers: [any Module] = [
            Conv2d(2, 3, kernel: 3), ConvTranspose2d(2, 3, kernel: 2), InstanceNorm2d(2, affine: true),
        ]
        for layer in layers {
            layer.initialise(seed: 1)
            #expect(layer(image).isBitwiseEqual(to: layer(image.unsqueezed(axis: 0))[0]))
        }
        let line = Conv1d(4, 3, kernel: 2)
        #expect(line(image[0]).isBitwiseEqual(to: line(image[0].unsqueezed(axis: 0))[0]))
    }

    @Test func poolsTellWhereTheLargestWas() {
        let x = Tensor([[[1, 5, 2, 5], [7, 0, 3, 4]]])
        let pooled = MaxPool2d(2).withIndices(x)
        #expect(pooled.values.scalars == [7, 5] && pooled.indices.integers == [4, 3])
        let adaptive = AdaptiveMaxPool2d(height: 1, width: nil).withIndices(x)
        #expect(adaptive.values.scalars == [7, 5, 3, 5] && adaptive.indices.integers == [4, 1, 6, 3])
        #expect(MaxPool1d(2).withIndices(x).indices.integers == [1, 3, 0, 3])
        #expect(AdaptiveMaxPool1d(1).withIndices(x).indices.integers == [1, 0])
        #expect(AdaptiveAvgPool2d(height: nil, width: 1)(x).scalars == [3.25, 3.5])
    }

    @Test func longVectorsAreShortenedForGood() {
        let layer = Embedding(3, 2, longest: 5)
        layer.weight.value = Tensor([[30, 40], [1, 1], [60, 80]])
        #expect(distance(layer(Tensor([0, 1] as [Int32], shape: [2])), Tensor([[3, 4], [1, 1]])) < 1e-5)
        #expect(distance(layer.weight.value, Tensor([[3, 4], [1, 1], [60, 80]])) < 1e-5)
        let taxi = Embedding(1, 2, longest: 7, power: 1)
        taxi.weight.value = Tensor([[30, -40]])
        #expect(distance(taxi(Tensor([0] as [Int32], shape: [1])), Tensor([[3, -4]])) < 1e-5)
        #expect(mistake { Embedding(3, 2, longest: 0)(Tensor([0] as [Int32], shape: [1])) } != nil)
    }

    /// A table of 256 KiB, of which three vectors are used and one is too long: the others are not copied.
    @Test func ofALargeTableTheVectorsThatAreUsedAreShortenedInPlace() throws {
        let layer = Embedding(4096, 16, longest: 2)
        layer.weight.value = Tensor(
            (0..<4096).flatMap { Array(repeating: $0 == 7 ? 3 : 0.25, count: 16) }, shape: [4096, 16])
        let before = layer.weight.tensor
        let pool = StoragePool()
        for _ in 0..<2 {
            let output = withStoragePool(pool) { layer(Tensor([1, 7, 4095] as [Int32], shape: [3])).scalars }
            #expect(abs(output[16] - 0.5) < 1e-6 && output[0] == 0.25 && output[47] == 0.25)
        }
        #expect(layer.weight.value.scalars.enumerated().allSatisfy { abs($1 - ($0 / 16 == 7 ? 0.5 : 0.25)) < 1e-6 })
        // Whoever kept the former table has it still, in the one copy that this took.
        #expect(before.scalars[7 * 16] == 3)
        let again = StoragePool()
        withStoragePool(again) { _ = layer(Tensor([1, 7, 4095] as [Int32], shape: [3])) }
        layer.weight.value = Tensor.ones([4096, 16])
        withStoragePool(again) { _ = layer(Tensor([1, 7, 4095] as [Int32], shape: [3])) }
        #expect(layer.weight.value.scalars[16] < 0.6 && layer.weight.value.scalars[0] == 1)
        #expect(again.statistics.peakBytes < 4096)
    }

    @Test func gradientsOfFrequentVectorsAreMeans() throws {
        let layer = Embedding(3, 1, dividesByUse: true)
        let arena = ParameterArena.adopt(layer, seed: 1)
        arena.zeroGradients()
        let tape = Tape()
        try tape.record {
            let rows = layer(Tensor([2, 0, 2] as [Int32], shape: [3]))
            try tape.backward(from: rows, seed: Tensor([[1], [10], [4]]))
        }
        #expect(layer.weight.gradient.scalars == [10, 0, 2.5])
    }

    @Test func keysMayServeSeveralHeadsOfQueries() {
        var numbers = TestNumbers(seed: 6)
        let (q, k, v) = (numbers.tensor([2, 4, 3, 2]), numbers.tensor([2, 2, 5, 2]), numbers.tensor([2, 2, 5, 3]))
        let shared = Tensor.scaledDotProductAttention(query: q, key: k, value: v, sharesKeys: true)
        for head in 0..<4 {
            let own = Tensor.scaledDotProductAttention(
                query: q[.all, head], key: k[.all, head / 2], value: v[.all, head / 2])
            #expect(distance(shared[.all, head], own) < 1e-6)
        }
        #expect(mistake { Tensor.scaledDotProductAttention(query: q, key: k, value: v) } != nil)
    }

    @Test func aProjectedLSTMHasNarrowStatesAndWideCells() throws {
        let layer = LSTM(3, 4, layers: 2, bidirectional: true, projection: 2)
        layer.initialise(seed: 2)
        var numbers = TestNumbers(seed: 7)
        let x = numbers.tensor([3, 2, 3])
        let result = layer(x, state: nil)
        #expect(result.output.shape == [3, 2, 4] && result.state.hidden.shape == [4, 2, 2])
        #expect(result.state.cell?.shape == [4, 2, 4] && names(layer).contains("weight_hr_l1_reverse"))
        #expect(try worstSlope(layer, at: [x]) { layer($0[0]) } < 4e-3)
        #expect(mistake { LSTM(3, 4, projection: 4)(x) }?.contains("projection") == true)
    }

    @Test func classLossesTakeASingleSample() {
        let scores = Tensor([0, 1, 2] as [Float])
        let label = Tensor([Int32(1)], shape: [])
        let batch = CrossEntropy(smoothing: 0.1)(scores.unsqueezed(axis: 0), label.unsqueezed(axis: 0))
        let single = CrossEntropy(smoothing: 0.1)(scores, label, reduction: .none)
        #expect(single.shape == [] && single.item() == batch.item())
        #expect(NegativeLogLikelihood()(scores, label).item() == -1)
    }
}
