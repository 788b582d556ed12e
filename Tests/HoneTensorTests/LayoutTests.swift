import HoneTensor
import Testing

@Suite struct LayoutTests {
    private let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])

    @Test func reshapingKeepsTheOrder() {
        #expect(x.reshaped([4, 6]).scalars == x.scalars && x.reshaped([4, 6]).shape == [4, 6])
        #expect(x.reshaped([-1]).shape == [24])
        #expect(x.reshaped([6, -1]).shape == [6, 4])
        #expect(x.reshaped([-1, 2, 3]).shape == [4, 2, 3])
        #expect(x.reshaped([1, 2, 1, 3, 1, 4]).rank == 6)
        #expect(Tensor(Float(3)).reshaped([1, 1]).shape == [1, 1])
        #expect(Tensor([[5]]).reshaped([]).shape == [])
        #expect(Tensor.zeros([0, 3]).reshaped([0]).shape == [0])
        #expect(Tensor.zeros([0, 3]).reshaped([-1]).shape == [0])
        #expect(Tensor.zeros([0, 3]).reshaped([-1, 7]).shape == [0, 7])
        #expect(Tensor([Int32(1), 2]).reshaped([2, 1]).integers == [1, 2])
        #expect(mistake { Tensor.zeros([0, 3]).reshaped([0, -1]) } != nil)
    }

    @Test func neighbouringAxesBecomeOne() {
        #expect(x.flattened().shape == [24])
        #expect(x.flattened(from: 1).shape == [2, 12])
        #expect(x.flattened(from: 0, through: 1).shape == [6, 4])
        #expect(x.flattened(from: -2, through: -1).shape == [2, 12])
        #expect(x.flattened(from: 1, through: 1).shape == [2, 3, 4])
        #expect(Tensor(Float(1)).flattened().shape == [1])
        #expect(Tensor.zeros([2, 0, 3]).flattened(from: 1).shape == [2, 0])
    }

    @Test func aTransposedMatrixHasItsRowsAsColumns() {
        let matrix = Tensor([[1, 2, 3], [4, 5, 6]])
        #expect(matrix.transposed().scalars == [1, 4, 2, 5, 3, 6])
        #expect(matrix.transposed().shape == [3, 2])
        #expect(Tensor([[1, 2, 3]]).transposed().shape == [3, 1])
        #expect(Tensor.zeros([0, 3]).transposed().shape == [3, 0])
        #expect(Tensor([Int32(1), 2, 3, 4], shape: [2, 2]).transposed().integers == [1, 3, 2, 4])
        let wide = Tensor((0..<37 * 53).map(Float.init), shape: [37, 53])
        #expect(wide.transposed().transposed().isBitwiseEqual(to: wide))
        #expect(wide.transposed().scalars[37 * 5 + 3] == Float(53 * 3 + 5))
    }

    @Test func rowsAreGatheredInTheOrderOfTheIndices() {
        #expect(x.rows([1, 0, 1]).shape == [3, 3, 4])
        #expect(x.rows([1]).scalars == (12..<24).map(Float.init))
        #expect(Tensor([10, 20, 30]).rows([2, 2, 0]).scalars == [30, 30, 10])
        #expect(Tensor([Int32(7), 8]).rows([1, 0]).integers == [8, 7])
        #expect(x.rows([]).shape == [0, 3, 4])
        #expect(Tensor.zeros([2, 0]).rows([1, 1, 0]).shape == [3, 0])
    }

    @Test func theShapeOfAnIndexTensorReplacesTheFirstAxis() {
        let table = Tensor([[1, 2], [3, 4], [5, 6]])
        let indices = Tensor([Int32(2), 0, 1, 1], shape: [2, 2])
        let result = table.rows(indices)
        #expect(result.shape == [2, 2, 2])
        #expect(result.scalars == [5, 6, 1, 2, 3, 4, 3, 4])
        #expect(table.rows(Tensor([Int32(1)], shape: [])).shape == [2])
        #expect(mistake { Tensor.zeros([2, 1, 1, 1, 1]).rows(Tensor([Int32(0)], shape: [1, 1, 1])) } != nil)
    }

    @Test func rearrangementsHaveTheirGradients() throws {
        var numbers = TestNumbers(seed: 1)
        let (matrix, cube) = (numbers.tensor([3, 4]), numbers.tensor([2, 3, 2]))
        try expectGradients(at: [cube]) { $0[0].reshaped([4, 3]) * $0[0].reshaped([4, 3]) }
        try expectGradients(at: [cube]) { $0[0].flattened(from: 1).square() }
        try expectGradients(at: [matrix]) { $0[0].transposed().square() }
        try expectGradients(at: [matrix]) { $0[0].matmul($0[0].transposed()) }
        try expectGradients(at: [matrix]) { $0[0].rows([2, 0, 2, 2]).square() }
        try expectGradients(at: [cube]) { $0[0].rows(Tensor([Int32(1), 1, 0, 1], shape: [2, 2])).square() }
        try expectGradients(at: [numbers.tensor([1, 5])]) { $0[0].transposed().exp() }
        try expectGradients(at: [numbers.tensor([])]) { $0[0].reshaped([1, 1]).exp() }
    }

    @Test func aRowGatheredTwiceTakesBothGradients() throws {
        let slopes = try gradients(at: [Tensor([1, 2, 3])], seed: Tensor([1, 10, 100])) { $0[0].rows([2, 0, 2]) }
        #expect(slopes[0].scalars == [10, 0, 101])
    }

    @Test func gatheringNoRowsLeavesNoGradient() throws {
        let slopes = try gradients(at: [Tensor([[1, 2], [3, 4]])]) { $0[0].rows([]).sum() }
        #expect(slopes[0].scalars == [0, 0, 0, 0])
        let others = try gradients(at: [Tensor.zeros([2, 0])]) { $0[0].rows([1]) }
        #expect(others[0].shape == [2, 0])
    }
}
