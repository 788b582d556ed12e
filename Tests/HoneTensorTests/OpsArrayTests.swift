import Foundation
import HoneTensor
import Testing

@Suite struct OpsArrayTests {
    @Test func nestedArraysBecomeAxesAndBack() {
        let cube: [[[Float]]] = [[[1, 2], [3, 4], [5, 6]]]
        #expect(Tensor(cube).shape == [1, 3, 2] && Tensor(cube).scalars == [1, 2, 3, 4, 5, 6])
        #expect(Tensor(cube).nested() == cube)
        #expect(Tensor([[[[1.5]]]]).shape == [1, 1, 1, 1])
        let labels: [[Int32]] = [[1, 2, 3], [4, 5, 6]]
        #expect(Tensor(nested: labels).elementType == .int32 && Tensor(nested: labels).nested() == labels)
        let row: [Float] = Tensor([1, 2]).nested()
        #expect(row == [1, 2])
        let empty: [[Float]] = [[], []]
        #expect(Tensor(nested: empty).shape == [2, 0] && Tensor(nested: [[Float]]()).shape == [0, 0])
        #expect(Tensor(nested: empty).nested() == empty)
        #expect(Tensor(nested: Float(3)).shape == [])
        #expect(
            mistake { Tensor(nested: [[[Float(1)], [2, 3]]]) }
                == "Tensor: arrays differ in length from the first ones, which make [1, 2, 1]")
        #expect(
            mistake { () -> [Float] in Tensor([[1, 2]]).nested() }
                == "nested: float32 [1, 2] does not fill Array<Float>")
        #expect(mistake { () -> [Int32] in Tensor([1, 2]).nested() } != nil)
        #expect(
            mistake { Tensor(nested: [[[[[[[Float(1)]]]]]]]) }
                == "Tensor: a shape of 7 axes, where at most 6 are possible")
    }

    @Test func bytesBecomeElementsAndBack() {
        let x = Tensor([1, -2.5, .nan])
        let bytes = x.withUnsafeBytes { Data($0) }
        #expect(bytes.count == 12)
        let back = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [3]) }
        #expect(back.isBitwiseEqual(to: x))
        // Bytes need not be aligned.
        let shifted = (Data([0]) + bytes).withUnsafeBytes { all in
            Tensor(bytes: UnsafeRawBufferPointer(rebasing: all[1...]), shape: [3, 1])
        }
        #expect(shifted.isBitwiseEqual(to: x.reshaped([3, 1])))
        let integers = Tensor([Int32(-1), 7]).withUnsafeBytes { Tensor(bytes: $0, shape: [2], type: .int32) }
        #expect(integers.integers == [-1, 7])
        #expect(
            mistake { bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [2]) } }
                == "Tensor: 12 bytes do not fill [2], which takes 8")
        #expect(mistake { bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [-3]) } } != nil)
    }

    @Test func elementTypesAreConverted() {
        #expect(Tensor([1.9, -1.9, .nan]).converted(to: .int32).integers == [1, -1, 0])
        #expect(Tensor([Int32(3)]).converted(to: .float32).scalars == [3])
        #expect(Tensor([Float(1)]).converted(to: .float32).elementType == .float32)
    }

    @Test func smallTensorsArePrintedWhole() {
        #expect("\(Tensor(Float(3)))" == "Tensor(3.0, shape: [])")
        #expect("\(Tensor([1, 2.5, -3]))" == "Tensor([ 1.0,  2.5, -3.0], shape: [3])")
        #expect("\(Tensor([Int32(1), -200]))" == "Tensor([   1, -200], shape: [2], int32)")
        #expect("\(Tensor([[1, 2.5], [-3, 4]]))" == "Tensor([[ 1.0,  2.5],\n        [-3.0,  4.0]], shape: [2, 2])")
        #expect("\(Tensor.zeros([0, 3]))" == "Tensor([], shape: [0, 3])")
        #expect("\(Tensor([.nan, 1, .infinity]))" == "Tensor([nan, 1.0, inf], shape: [3])")
        #expect("\(Tensor([0.123456, 1]))" == "Tensor([0.1235, 1.0000], shape: [2])")
        let cube = Tensor((0..<8).map(Float.init), shape: [2, 2, 2])
        #expect(
            "\(cube)" == """
                Tensor([[[0.0, 1.0],
                         [2.0, 3.0]],

                        [[4.0, 5.0],
                         [6.0, 7.0]]], shape: [2, 2, 2])
                """)
    }

    @Test func numbersFarApartHaveExponents() {
        #expect("\(Tensor([1e-5, 1]))" == "Tensor([1.0e-05, 1.0e+00], shape: [2])")
        #expect("\(Tensor([1e9]))" == "Tensor([1.0e+09], shape: [1])")
        #expect("\(Tensor([1000, 0.5, 0]))" == "Tensor([1.0e+03, 5.0e-01, 0.0e+00], shape: [3])")
        #expect("\(Tensor([10000, 1]))" == "Tensor([10000.0,     1.0], shape: [2])")
    }

    @Test func largeTensorsAreShownByTheirEnds() {
        #expect(
            "\(Tensor((0..<1001).map(Float.init)))"
                == "Tensor([   0.0,    1.0,    2.0, …,  998.0,  999.0, 1000.0], shape: [1001])")
        let rows = "\(Tensor.zeros([200, 20]))".split(separator: "\n")
        #expect(rows.count == 7 && rows[3] == "        …,")
        #expect(rows[0] == "Tensor([[0.0, 0.0, 0.0, …, 0.0, 0.0, 0.0],")
        // A thousand elements are shown, in lines of at most a hundred characters.
        let whole = "\(Tensor.zeros([1000]))".split(separator: "\n")
        #expect(whole.count > 40 && whole.allSatisfy { $0.count <= 116 })
    }
}
