import HoneNN
import HoneTensor
import Testing

/// Which layer a mistake is in, and parameters that a walk of the model did not find.
@Suite struct ModuleMistakeTests {
    @Test func aMistakeNamesTheLayerByItsPath() {
        let model = Sequential(Linear(4, 8), ReLU(), Linear(9, 2))
        #expect(
            mistake { model(Tensor.zeros([2, 4])) }
                == "Sequential.2 (Linear 9→2): input has 8 features, expected 9")
        #expect(
            mistake { model(Tensor.zeros([2, 5])) } == "Sequential.0 (Linear 4→8): input has 5 features, expected 4")
        #expect(
            mistake { Net()(Tensor.zeros([2, 5])) } == "Net.body.0 (Linear 4→3): input has 5 features, expected 4")
        #expect(
            mistake { Linear(4, 3)(Tensor(1)) } == "Linear 4→3: input is a scalar, expected [..., 4]")
    }

    @Test func aMistakeOfAnOperationNamesTheLayerAndTheOperation() {
        let model = Sequential(ReLU(), Scale(3))
        #expect(
            mistake { model(Tensor.zeros([2, 4])) }
                == "Sequential.1 (Scale): multiply: shapes [2, 4] and [3] cannot be broadcast to one")
        #expect(
            mistake { Scale(3)(Tensor.zeros([4])) }
                == "Scale: multiply: shapes [4] and [3] cannot be broadcast to one")
    }

    @Test func aMistakeOutsideOfEveryLayerNamesNone() {
        let model = Linear(2, 2)
        #expect(mistake { model(Tensor.zeros([1, 2])).reshaped([3]) }?.hasPrefix("reshape: ") == true)
    }

    @Test func afterAMistakeTheRestOfTheModelIsInert() {
        let model = Sequential(Linear(4, 8), ReLU(), Flatten(), Dropout(0.5), Linear(8, 2), Scale(2))
        let words = mistake {
            let y = model(Tensor.zeros([2, 5]))
            #expect(y.isInert)
            #expect(CrossEntropy().evaluate(y, Tensor([Int32(0), 1])).sum.isInert)
            #expect(MeanSquaredError()(y, Tensor.zeros([2, 2])).isInert)
        }
        #expect(words?.hasPrefix("Sequential.0 (Linear 4→8): ") == true)
    }

    /// Holds its layer where no reflection sees it.
    private final class Secretive: Module {
        private let make: () -> Scale
        init(_ scale: Scale) { make = { scale } }
        func forward(_ x: Tensor) -> Tensor { make()(x) }
    }

    private let unfound =
        "a parameter of shape [2] is used here, but is not among those found in the model's properties"

    @Test func aParameterThatTheWalkDidNotFindIsAMistake() {
        let model = Sequential(Linear(2, 2), Secretive(Scale(2)))
        let words = mistake { model(Tensor.zeros([1, 2])) }
        #expect(words?.hasPrefix("Sequential.1 (Scale): Parameter: \(unfound)") == true)
    }

    @Test func aParameterOfAnotherModelIsAMistakeInARun() throws {
        let hidden = Scale(2)
        let model = Sequential(Linear(2, 2), Secretive(hidden))
        let arena = ParameterArena.adopt(model, seed: 0)
        _ = ParameterArena.adopt(hidden, seed: 0)
        #expect(mistake { model(Tensor.zeros([1, 2])) } == nil)
        let words = mistake { arena.withExclusiveUse { model(Tensor.zeros([1, 2])) } }
        #expect(words?.contains(unfound) == true)
        // What is not learned may come from anywhere, and so may the parameters of a loss.
        hidden.weight.isTrainable = false
        #expect(mistake { arena.withExclusiveUse { model(Tensor.zeros([1, 2])) } } == nil)
        let stranger = Parameter([1], .ones)
        #expect(mistake { arena.withExclusiveUse { Linear(2, 2)(Tensor.zeros([1, 2])) } } != nil)
        _ = stranger.tensor
        #expect(mistake { arena.withExclusiveUse { stranger.tensor } } == nil)
    }

    @Test func exclusiveUseEndsWithItsScope() throws {
        let (first, second) = (Net(), Net())
        let arena = ParameterArena.adopt(first, seed: 0)
        _ = ParameterArena.adopt(second, seed: 0)
        let x = Tensor.zeros([1, 4])
        #expect(mistake { arena.withExclusiveUse { first(x) } } == nil)
        #expect(mistake { arena.withExclusiveUse { second(x) } } != nil)
        #expect(mistake { second(x) } == nil)
    }
}
