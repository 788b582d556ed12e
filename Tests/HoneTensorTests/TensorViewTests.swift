import HoneTensor
import Testing

/// Memory that an optimizer changes under tensors that a user may have kept.
@Suite struct TensorViewTests {
    /// Two weights, their gradients, and the view of both.
    private final class Weights {
        let values = UnsafeMutablePointer<Float>.allocate(capacity: 2)
        let gradients = UnsafeMutablePointer<Float>.allocate(capacity: 2)
        let sink: Tape.Sink
        let view: TensorView

        init(_ a: Float, _ b: Float) {
            (values[0], values[1]) = (a, b)
            (gradients[0], gradients[1]) = (0, 0)
            sink = Tape.Sink(gradients)
            view = TensorView(values, shape: [2], sink: sink)
        }

        func update(_ a: Float, _ b: Float) {
            view.release()
            (values[0], values[1]) = (a, b)
        }

        deinit {
            values.deallocate()
            gradients.deallocate()
        }
    }

    @Test func aKeptTensorIsNotChangedByAnUpdate() {
        let weights = Weights(1, 2)
        let kept = weights.view.tensor(isConstant: true)
        let reshaped = weights.view.tensor(isConstant: true).reshaped([2, 1])
        let detached = weights.view.tensor(isConstant: true).detached()
        weights.update(10, 20)
        #expect(kept.scalars == [1, 2] && reshaped.scalars == [1, 2] && detached.scalars == [1, 2])
        #expect(weights.view.tensor(isConstant: true).scalars == [10, 20])
        weights.update(30, 40)
        #expect(kept.scalars == [1, 2])
        #expect(weights.view.tensor(isConstant: true).scalars == [30, 40])
    }

    @Test func aBackwardPassUsesTheValuesOfItsForwardPass() throws {
        let weights = Weights(3, 4)
        let tape = Tape()
        let loss = tape.record { weights.view.tensor(isConstant: false).square().sum() }
        weights.update(100, 100)
        try tape.backward(from: loss)
        #expect([weights.gradients[0], weights.gradients[1]] == [6, 8])
    }

    @Test func aFrozenViewIsAConstant() throws {
        let weights = Weights(3, 4)
        let tape = Tape()
        let slopes = try tape.record { () -> [Tensor] in
            let x = tape.watch(Tensor([5, 6]))
            let frozen = weights.view.tensor(isConstant: true)
            #expect(!frozen.isTracked)
            return try tape.gradients(of: x * frozen, for: [x])
        }
        #expect(slopes[0].scalars == [3, 4])
        #expect(!weights.sink.isWritten)
    }

    @Test func theGradientOfAViewCanBeAskedForAsAnyOther() throws {
        let weights = Weights(3, 4)
        let tape = Tape()
        let slopes = try tape.record { () -> [Tensor] in
            let w = weights.view.tensor(isConstant: false)
            #expect(w.isTracked)
            return try tape.gradients(of: w * w + weights.view.tensor(isConstant: false), for: [w])
        }
        #expect(slopes[0].scalars == [7, 9])
    }

    @Test func aViewWithoutATapeIsAConstant() {
        let weights = Weights(1, 2)
        #expect(!weights.view.tensor(isConstant: false).isTracked)
        let tape = Tape()
        tape.record { withoutGradient { #expect(!weights.view.tensor(isConstant: false).isTracked) } }
    }
}
