import HoneTensor
import Testing

@Suite struct CustomOperationTests {
    private final class Cube: CustomOperation {
        func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * inputs[0] * inputs[0] }
        func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
            [gradient * inputs[0].square() * 3]
        }
    }

    /// a · b, with no gradient for b.
    private final class OneSided: CustomOperation {
        func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * inputs[1] }
        func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
            [gradient * inputs[1], nil]
        }
    }

    /// exp, whose slope is its output.
    private final class Exponential: CustomOperation {
        func forward(_ inputs: [Tensor]) -> Tensor { inputs[0].exp() }
        func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [gradient * output] }
    }

    /// The identity, with a backward pass that a test gives.
    private final class Wrong: CustomOperation {
        let gradients: (Tensor) -> [Tensor?]
        init(_ gradients: @escaping (Tensor) -> [Tensor?]) { self.gradients = gradients }
        func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] }
        func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { gradients(gradient) }
    }

    @Test func anOperationOfOnesOwnHasItsValueAndGradient() throws {
        let x = Tensor([1, 2, -3])
        #expect(Cube()(x).scalars == [1, 8, -27])
        #expect(try gradients(at: [x]) { Cube()($0[0]) }[0].scalars == [3, 12, 27])
        try expectGradients(at: [Tensor([0.5, 1.5])]) { Cube()($0[0] * 0.5) + $0[0] }
        try expectGradients(at: [Tensor([0.5, 1.5])]) { Exponential()($0[0]) * $0[0] }
    }

    @Test func anInputMayHaveNoGradient() throws {
        let slopes = try gradients(at: [Tensor([2]), Tensor([5])]) { OneSided()($0[0], $0[1]) + $0[1] }
        #expect(slopes.map(\.scalars) == [[5], [1]])
    }

    @Test func anInputUsedTwiceTakesBothGradients() throws {
        #expect(try gradients(at: [Tensor([3])]) { OneSided()($0[0], $0[0]) }[0].scalars == [3])
        #expect(try gradients(at: [Tensor([3])]) { Cube()($0[0]) * Cube()($0[0]) }[0].scalars == [6 * 243])
    }

    @Test func withoutAWatchedInputNothingIsRecorded() {
        let tape = Tape()
        tape.record { #expect(!Cube()(Tensor([2])).isTracked) }
        #expect(!Cube()(Tensor([2])).isTracked)
    }

    @Test func whatHappensWithinIsNotRecorded() throws {
        // The identity's own gradient is replaced; were its inside recorded, the slope would be 1.
        let slopes = try gradients(at: [Tensor([1, 2])]) { Wrong { [$0 * 10] }($0[0]) }
        #expect(slopes[0].scalars == [10, 10])
    }

    @Test func aResultThatIsTheInputIsAValueOfItsOwn() throws {
        let slopes = try gradients(at: [Tensor([1, 2])]) { inputs in
            let y = Wrong { [$0 * 10] }(inputs[0])
            return y + inputs[0]
        }
        #expect(slopes[0].scalars == [11, 11])
    }

    @Test func theWrongNumberOfGradientsIsAMistake() {
        #expect(
            mistake { try gradients(at: [Tensor([1])]) { Wrong { _ in [] }($0[0]) } }
                == "Wrong: backward gave 0 gradients for 1 inputs")
        #expect(
            mistake { try gradients(at: [Tensor([1])]) { Wrong { [$0, $0] }($0[0]) } }
                == "Wrong: backward gave 2 gradients for 1 inputs")
    }

    @Test func aGradientOfAnotherShapeOrTypeIsAMistake() {
        #expect(
            mistake { try gradients(at: [Tensor([1, 2])]) { Wrong { _ in [Tensor([1, 2, 3])] }($0[0]) } }
                == "Wrong: backward gave a gradient of [3], expected [2]")
        #expect(
            mistake { try gradients(at: [Tensor([1, 2])]) { Wrong { [$0.sum()] }($0[0]) } }
                == "Wrong: backward gave a gradient of [], expected [2]")
        #expect(
            mistake { try gradients(at: [Tensor([1, 2])]) { Wrong { _ in [Tensor([Int32(1), 2])] }($0[0]) } }
                == "Wrong: backward gave a gradient of int32, expected float32")
    }
}
