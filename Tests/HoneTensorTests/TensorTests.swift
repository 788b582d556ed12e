import HoneTensor
import Testing

@Suite struct TensorTests {
    @Test func elementsAreKeptInRowMajorOrder() {
        let tensor = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(tensor.shape == [2, 3] && tensor.rank == 2 && tensor.count == 6)
        #expect(tensor.elementType == .float32)
        #expect(tensor.scalars == [1, 2, 3, 4, 5, 6])
        #expect(Tensor([[1, 2, 3], [4, 5, 6]]).isBitwiseEqual(to: tensor))
        #expect(Tensor([Float(7), 8]).shape == [2])
        #expect(Tensor(Float(5)).shape == [] && Tensor(Float(5)).item() == 5)
    }

    @Test func emptyTensorsAreTensors() {
        #expect(Tensor([Float]()).shape == [0])
        #expect(Tensor([[Float]]()).shape == [0, 0])
        #expect(Tensor([[Float](), []]).shape == [2, 0])
        #expect(Tensor([Float](), shape: [3, 0, 2]).scalars == [])
        #expect(Tensor.zeros([0, 4]).count == 0)
    }

    @Test func integersAreATypeOfTheirOwn() {
        let tensor = Tensor([Int32.min, -1, 0, .max], shape: [2, 2])
        #expect(tensor.elementType == .int32)
        #expect(tensor.integers == [.min, -1, 0, .max])
        #expect(Tensor([Int32(3), 4]).scalars == [3, 4])
        #expect(Tensor([Int32(7)]).item() == 7)
    }

    @Test func floatsBecomeIntegersWithoutTrapping() {
        let tensor = Tensor([1.9, -1.9, 0, .nan, .infinity, -.infinity, 3e9, -3e9, 0x1p31, -0x1p31])
        #expect(tensor.integers == [1, -1, 0, 0, .max, .min, .max, .min, .max, .min])
    }

    @Test func fillsAreOfOneValue() {
        #expect(Tensor.full([2, 2], 1.5).scalars == [1.5, 1.5, 1.5, 1.5])
        #expect(Tensor.zeros([3]).scalars == [0, 0, 0])
        #expect(Tensor.ones([3]).scalars == [1, 1, 1])
        #expect(Tensor.full([], -2).item() == -2)
    }

    @Test func buildHandsOutTheElements() {
        let tensor = Tensor.build([2, 3]) { out in
            for index in out.indices { out[index] = Float(index * index) }
        }
        #expect(tensor.scalars == [0, 1, 4, 9, 16, 25])
        struct Stop: Error {}
        #expect(throws: Stop.self) { try Tensor.build([2]) { _ in throw Stop() } }
    }

    @Test func elementsCanBeReadInPlace() {
        let floats = Tensor([1, 2, 3])
        let integers = Tensor([Int32(4), 5])
        #expect(floats.withUnsafeFloats { Array($0) } == [1, 2, 3])
        #expect(floats.withUnsafeIntegers { $0.count } == 0)
        #expect(integers.withUnsafeIntegers { Array($0) } == [4, 5])
        #expect(integers.withUnsafeFloats { $0.count } == 0)
    }

    @Test func bitwiseEqualityTellsZerosAndTypesApart() {
        #expect(Tensor([Float(0)]).isBitwiseEqual(to: Tensor([Float(0)])))
        #expect(!Tensor([Float(0)]).isBitwiseEqual(to: Tensor([-0.0])))
        #expect(Tensor([Float.nan]).isBitwiseEqual(to: Tensor([Float.nan])))
        #expect(!Tensor([Float(0)]).isBitwiseEqual(to: Tensor([Int32(0)])))
        #expect(!Tensor([Float(0)]).isBitwiseEqual(to: Tensor([[0]])))
        #expect(!Tensor([1, 2]).isBitwiseEqual(to: Tensor([1, 2.0000002])))
    }

    @Test func unusableTensorsAreMistakesWithTheirReason() {
        let short = mistake { Tensor([1, 2, 3], shape: [2, 2]) }
        #expect(short == "Tensor: 3 elements do not fill [2, 2], which holds 4")
        #expect(mistake { Tensor([Int32(1)], shape: []) } == nil)
        #expect(mistake { Tensor([Int32(1)], shape: [2]) } == "Tensor: 1 elements do not fill [2], which holds 2")
        #expect(mistake { Tensor([[1, 2], [3]]) } == "Tensor: row 1 has 1 elements, row 0 has 2")
        #expect(mistake { Tensor.zeros([-1]) } == "Tensor: axis 0 of [-1] is negative")
        #expect(mistake { Tensor([Float](), shape: [-1]) } == "Tensor: axis 0 of [-1] is negative")
        let key = RandomKey(seed: 1)
        #expect(mistake { Tensor.uniform([2, -2], key: key) } == "Tensor: axis 1 of [2, -2] is negative")
        #expect(mistake { Tensor.normal([2, -2], key: key) } == "Tensor: axis 1 of [2, -2] is negative")
        #expect(mistake { Tensor.build([-5]) { _ in } } == "Tensor: axis 0 of [-5] is negative")
        let deep = Shape([1, 1, 1, 1, 1, 1, 1])
        #expect(mistake { Tensor.ones(deep) } == "Tensor: a shape of 7 axes, where at most 6 are possible")
        #expect(
            mistake { Tensor.ones([1 << 31, 1 << 31]) }
                == "Tensor: [2147483648, 2147483648] has more elements than memory has addresses")
    }

    @Test func anItemIsTheOnlyElement() {
        #expect(Tensor([[3.5]]).item() == 3.5)
        #expect(mistake { Tensor([1, 2]).item() } == "item: [2] has 2 elements, expected 1")
        #expect(mistake { Tensor([Float]()).item() } == "item: [0] has 0 elements, expected 1")
    }

    @Test func aTensorIsAValue() {
        let original = Tensor([1, 2, 3])
        var copy = original
        copy = copy * 2
        #expect(original.scalars == [1, 2, 3])
        #expect(copy.scalars == [2, 4, 6])
        let view = original.reshaped([3, 1])
        #expect((view + 1).scalars == [2, 3, 4])
        #expect(view.scalars == [1, 2, 3])
        #expect(original.detached().isBitwiseEqual(to: original))
    }
}
