import HoneTensor
import Testing

@Suite struct ShapeTests {
    @Test func aShapeKeepsItsLengths() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.rank == 3 && shape.count == 24 && shape.array == [2, 3, 4])
        #expect(shape[0] == 2 && shape[2] == 4 && shape[-1] == 4 && shape[-3] == 2)
        #expect("\(shape)" == "[2, 3, 4]")
        #expect(shape.problem == nil)
    }

    @Test func aScalarHasNoAxesAndOneElement() {
        #expect(Shape().rank == 0 && Shape().count == 1 && Shape().array == [] && "\(Shape())" == "[]")
        #expect(Shape() == [] && Shape() != [1])
    }

    @Test func sixAxesAreTheMost() {
        let largest = Shape([1, 2, 3, 4, 5, 6])
        #expect(largest.rank == 6 && largest.count == 720 && largest.problem == nil)
        let tooMany = Shape([1, 1, 1, 1, 1, 1, 2])
        #expect(tooMany.count == 0)
        #expect(tooMany.problem == "a shape of 7 axes, where at most 6 are possible")
    }

    @Test func anEmptyAxisMakesNoElements() {
        #expect(Shape([3, 0, 2]).count == 0)
        #expect(Shape([3, 0, 2]).problem == nil)
    }

    @Test func aNegativeLengthIsAProblem() {
        let shape = Shape([2, -3])
        #expect(shape.count == 0)
        #expect(shape.problem == "axis 1 of [2, -3] is negative")
    }

    @Test func moreElementsThanAddressesAreAProblem() {
        let excessive = [
            [1 << 32, 1 << 32], [Int.max], [Int.max, 2], [1 << 21, 1 << 21, 1 << 21], [0, 1 << 40, 1 << 40],
        ]
        for lengths in excessive {
            let problem = Shape(lengths).problem
            #expect(problem?.hasSuffix("has more elements than memory has addresses") == true, "\(lengths)")
            #expect(Shape(lengths).count == 0)
        }
        #expect(Shape([1 << 30, 1 << 20]).problem == nil)
    }

    @Test func equalityAndHashesAreOfTheAxes() {
        #expect(Shape([2, 3]) == [2, 3])
        #expect(Shape([2, 3]) != [3, 2])
        #expect(Shape([2]) != [2, 1])
        #expect(Shape([1]) != [1, 1])
        #expect(Set([Shape([2, 3]), [2, 3], [3, 2]]).count == 2)
    }

    @Test func anAxisCanBeRemoved() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.removing(axis: 0) == [3, 4])
        #expect(shape.removing(axis: 1) == [2, 4])
        #expect(shape.removing(axis: -1) == [2, 3])
        #expect(Shape([5]).removing(axis: 0) == [])
    }

    @Test func operandsAreBroadcastFromTheEnd() throws {
        let pairs: [(a: Shape, b: Shape, result: Shape)] = [
            ([], [], []), ([], [3], [3]), ([3], [1], [3]), ([2, 3], [3], [2, 3]), ([2, 1, 4], [3, 1], [2, 3, 4]),
            ([4, 1], [1, 5], [4, 5]), ([0], [1], [0]), ([0, 3], [3], [0, 3]), ([2, 1], [0], [2, 0]),
            ([1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1], [2, 2, 2, 2, 2, 2]),
        ]
        for (a, b, result) in pairs {
            #expect((Tensor.zeros(a) + Tensor.zeros(b)).shape == result)
            #expect((Tensor.zeros(b) + Tensor.zeros(a)).shape == result)
        }
    }

    @Test func operandsThatDoNotFitAreAMistake() {
        for (a, b) in [([2], [3]), ([2, 3], [2]), ([0], [2]), ([2, 3], [3, 3])] as [(Shape, Shape)] {
            #expect(
                mistake { Tensor.zeros(a) + Tensor.zeros(b) }
                    == "add: shapes \(a) and \(b) cannot be broadcast to one")
        }
    }
}
