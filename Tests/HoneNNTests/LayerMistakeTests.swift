import HoneNN
import HoneTensor
import Testing

/// What layers say of inputs and arguments that do not fit.
@Suite struct LayerMistakeTests {
    private let image = Tensor.zeros([2, 3, 4, 4])

    @Test func inputsOfAnotherShapeAreRefusedByName() {
        let mistakes: [(String, () -> Tensor)] = [
            ("PReLU 5: input is [2, 3, 4, 4], expected [batch, 5, ...]", { PReLU(5)(image) }),
            ("Dropout1d 0.5: input is [2, 3, 4, 4], expected [batch, channels, length]", { Dropout1d()(image) }),
            ("Dropout2d 0.5: input is [3], expected [batch, channels, height, width]", { Dropout2d()(.zeros([3])) }),
            ("Dropout2d 2.0: probability is 2.0, expected 0...1", { Dropout2d(2)(image) }),
            ("DropPath -1.0: probability is -1.0, expected 0...1", { DropPath(-1)(image) }),
            ("DropPath 0.5: input is a scalar, expected [batch, ...]", { DropPath(0.5)(Tensor(1)) }),
            (
                "InstanceNorm2d 5: input is [2, 3, 4, 4], expected [batch, 5, height, width]",
                { InstanceNorm2d(5)(image) }
            ),
            (
                "InstanceNorm1d 3: input is [2, 3, 1], expected more than one value in each channel of a sample",
                { InstanceNorm1d(3)(.zeros([2, 3, 1])) }
            ),
            ("Embedding 4×2: input is float32 [1], expected int32 indices", { Embedding(4, 2)(Tensor([1])) }),
            (
                "Embedding 4×2: rows: index 4 at position 1 is outside 0..<4",
                { Embedding(4, 2)(Tensor([Int32(0), 4])) }
            ),
            (
                "Embedding 4×2: the padding's index is 4, expected 0..<4",
                { Embedding(4, 2, paddingIndex: 4)(Tensor([Int32(0)])) }
            ),
            (
                "Bilinear 2, 3→1: inputs are [4, 2] and [5, 3], expected [..., 2] and [..., 3]",
                { Bilinear(2, 3, 1)(.zeros([4, 2]), .zeros([5, 3])) }
            ),
            ("Bilinear 2, 3→1: there are 1 inputs, expected 2", { Bilinear(2, 3, 1)(Tensor([1, 2])) }),
            (
                "Unflatten 1 to [2, 2]: axis 1 of [2, 3, 4, 4] has 3 elements, which do not fill [2, 2]",
                { Unflatten(1, [2, 2])(image) }
            ),
            ("Unflatten 4 to [2]: input is [2, 3, 4, 4], expected one with an axis 4", { Unflatten(4, [2])(image) }),
            (
                "AdaptiveConcatPool2d: input is [4, 4], expected [batch, channels, height, width]",
                { AdaptiveConcatPool2d()(.zeros([4, 4])) }
            ),
            (
                "Residual: the body gives [2, 5] where the shortcut has [2, 3]",
                { Residual(Linear(3, 5))(.zeros([2, 3])) }
            ),
            (
                "ModuleList: a list of modules has no forward pass; call the modules in it",
                { ModuleList(ReLU())(image) }
            ),
            ("Sequential: two layers are named a", { Sequential([("a", ReLU()), ("a", Tanh())])(image) }),
            (
                "Sequential: a layer is named 'a.b', expected a name without dots",
                { Sequential(("a.b", ReLU()), ("c", ReLU()))(image) }
            ),
        ]
        for (words, make) in mistakes { #expect(mistake(in: make) == words) }
    }

    @Test func theMistakeOfAnInnerLayerHasItsPath() {
        let model = Sequential([("stem", Identity()), ("block", Residual(Sequential(Tanh(), Linear(4, 4))))])
        #expect(
            mistake { model(Tensor.zeros([2, 3])) }
                == "Sequential.block.body.1 (Linear 4→4): input has 3 features, expected 4")
    }
}
