import HoneTensor
import Testing

@Suite struct OpsSelectTests {
    @Test func whereChoosesElementByElement() throws {
        let (a, b) = (Tensor([1, 2, 3]), Tensor([10, 20, 30]))
        #expect(Tensor.where(Tensor([1, 0, 1]), a, b).scalars == [1, 20, 3])
        #expect(Tensor.where(Tensor([Int32(0), 2, -1]), a, b).scalars == [10, 2, 3])
        #expect(Tensor.where(Tensor([-0.0, 0.5, .nan]), a, b).scalars == [10, 2, 3])
        let integers = Tensor.where(Tensor([1, 0]), Tensor([Int32(1), 2]), Tensor([Int32(5)]))
        #expect(integers.elementType == .int32 && integers.integers == [1, 5])
        let wide = Tensor.where(Tensor([[1], [0]]), a, Tensor(Float(0)))
        #expect(wide.shape == [2, 3] && wide.scalars == [1, 2, 3, 0, 0, 0])
        var numbers = TestNumbers(seed: 1)
        let mask = Tensor([1, 0, 0, 1, 0, 1], shape: [3, 2])
        for (shapeA, shapeB) in [([3, 2], [3, 2]), ([2], [3, 1]), ([], [4, 3, 2]), ([3, 2], [])] {
            let inputs = [numbers.tensor(shapeA), numbers.tensor(shapeB)]
            try expectGradients(at: inputs, "\(shapeA) \(shapeB)") { Tensor.where(mask, $0[0], $0[1]).square() }
        }
    }

    @Test func whatIsNotChosenHasNoGradientWhateverItIs() throws {
        let slopes = try gradients(at: [Tensor([0, 4])]) { inputs in
            Tensor.where(inputs[0] .> 0, inputs[0].sqrt(), Tensor(Float(0)))
        }
        #expect(slopes[0].scalars[1] == 0.25)
        #expect(
            try gradients(at: [Tensor([0, 4])]) { Tensor.where($0[0] .> 0, $0[0].square(), $0[0].log()) }[0].scalars[1]
                == 8)
    }

    @Test func maskedElementsAreFilled() throws {
        let x = Tensor([[1, 2], [3, 4]])
        #expect(x.maskedFill(Tensor([0, 1]), -9).scalars == [1, -9, 3, -9])
        #expect(try gradients(at: [x]) { $0[0].maskedFill(Tensor([0, 1]), -9) }[0].scalars == [1, 0, 1, 0])
        #expect(x.maskedFill(Tensor([0, 1]), -.infinity).softmax().scalars == [1, 0, 1, 0])
    }

    @Test func trianglesKeepOneSide() throws {
        let x = Tensor((1...12).map(Float.init), shape: [3, 4])
        #expect(x.tril().scalars == [1, 0, 0, 0, 5, 6, 0, 0, 9, 10, 11, 0])
        #expect(x.triu().scalars == [1, 2, 3, 4, 0, 6, 7, 8, 0, 0, 11, 12])
        for diagonal in [-9, -2, -1, 0, 1, 2, 9, .min, .max] {
            // Every element is on one side or the other.
            let shifted = diagonal == .max ? diagonal : diagonal + 1
            #expect((x.tril(diagonal: diagonal) + x.triu(diagonal: shifted)).allClose(to: x), "\(diagonal)")
        }
        var numbers = TestNumbers(seed: 2)
        for shape in [[2, 2], [2, 3, 2], [1, 4], [2, 0, 3], [0, 3]] {
            try expectGradients(at: [numbers.tensor(shape)]) { $0[0].tril(diagonal: -1).square() }
            try expectGradients(at: [numbers.tensor(shape)]) { $0[0].triu(diagonal: 1).square() }
        }
        #expect(mistake { Tensor([1]).tril() } == "tril: shape is [1], expected at least two axes")
    }

    @Test func comparisonsAreOneWhereTheyHold() {
        let (a, b) = (Tensor([1, 2, 3, .nan]), Tensor([2, 2, 2, 2]))
        #expect((a .< b).scalars == [1, 0, 0, 0] && (a .<= b).scalars == [1, 1, 0, 0])
        #expect((a .> b).scalars == [0, 0, 1, 0] && (a .>= b).scalars == [0, 1, 1, 0])
        #expect((a .== b).scalars == [0, 1, 0, 0] && (a .!= b).scalars == [1, 0, 1, 1])
        #expect((a .< 2).scalars == [1, 0, 0, 0] && (a .<= 2).scalars == [1, 1, 0, 0])
        #expect((a .> 2).scalars == [0, 0, 1, 0] && (a .>= 2).scalars == [0, 1, 1, 0])
        #expect((a .== 2).scalars == [0, 1, 0, 0] && (a .!= 2).scalars == [1, 0, 1, 1])
        #expect((Tensor([[1], [3]]) .< Tensor([2, 4])).scalars == [1, 1, 0, 1])
        #expect((Tensor.zeros([0, 2]) .== 1).shape == [0, 2])
    }

    @Test func integersAreComparedAsIntegers() {
        let (a, b) = (Tensor([Int32(16_777_217), 5]), Tensor([Int32(16_777_216), 5]))
        #expect((a .== b).scalars == [0, 1] && (a .> b).scalars == [1, 0] && (a .<= b).scalars == [0, 1])
        #expect((a .!= 5).scalars == [1, 0] && (a .< b).scalars == [0, 0] && (a .>= b).scalars == [1, 1])
        #expect((Tensor([Int32(1), 2], shape: [2, 1]) .== Tensor([Int32(1), 2])).scalars == [1, 0, 0, 1])
        #expect(mistake { a .== Tensor([1, 2]) } == ".==: operands are int32 and float32, expected float32")
        #expect(mistake { a .< 0.5 } == ".<: 0.5 is no int32, as the tensor is")
        #expect(mistake { a .== Tensor([Int32(1), 2, 3]) } == ".==: shapes [2] and [3] cannot be broadcast to one")
    }

    @Test func closenessIsRelativeAndAbsolute() {
        let (a, b) = (
            Tensor([1, 100, 0, .infinity, .nan, 1]), Tensor([1.001, 100.1, 1e-9, .infinity, .nan, .infinity])
        )
        #expect(a.isClose(to: b, relative: 1e-2).scalars == [1, 1, 1, 1, 0, 0])
        #expect(a.isClose(to: b, relative: 1e-4, absolute: 0, equalNaN: true).scalars == [0, 0, 0, 1, 1, 0])
        #expect(Tensor([1, 2]).allClose(to: Tensor([1, 2])) && !Tensor([1, 2]).allClose(to: Tensor([1, 3])))
        #expect(Tensor.zeros([0]).allClose(to: Tensor.zeros([0])))
        #expect(
            mistake { a.allClose(to: Tensor.zeros([5])) } == "isClose: shapes [6] and [5] cannot be broadcast to one")
    }

    @Test func assigningOperatorsAreNeverSeenByAnotherTensor() throws {
        var a = Tensor([1, 2, 3])
        let b = a
        a += b
        a *= 2
        a -= Tensor(Float(1))
        a /= Tensor([1, 1, 3])
        a += 1
        a -= 0.5
        a /= 2
        #expect(b.scalars == [1, 2, 3])
        #expect(a.allClose(to: Tensor([1.75, 3.75, (11.0 / 3 + 0.5) / 2])))
        var view = b.reshaped([3, 1])
        view *= 5
        #expect(b.scalars == [1, 2, 3] && view.scalars == [5, 10, 15])
        var grown = Tensor([1, 2])
        grown += Tensor([[1], [2]])
        #expect(grown.shape == [2, 2])
        var same = Tensor([1, 2])
        same *= same
        #expect(same.scalars == [1, 4])
        // What a tape follows is not changed under it.
        let slopes = try gradients(at: [Tensor([2, 3])]) { inputs in
            var y = inputs[0] * inputs[0]
            let square = y.square()
            y += 1
            y *= inputs[0]
            return y + square
        }
        // 3x² + 1 of the first term, 4x³ of the second.
        #expect(slopes[0].scalars == [45, 136])
        #expect(
            mistake { () -> Tensor in
                var c = Tensor([1, 2])
                c += Tensor([1, 2, 3])
                return c
            } == "add: shapes [2] and [3] cannot be broadcast to one")
    }
}
