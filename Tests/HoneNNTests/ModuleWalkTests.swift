import HoneNN
import HoneTensor
import Testing

/// What reflection finds in a model, in which order and by which names.
@Suite struct ModuleWalkTests {
    @Test func parametersAreNamedByTheirPathsInOrderOfDeclaration() {
        let net = Net()
        #expect(names(net) == ["body.0.weight", "body.0.bias", "head.weight", "head.bias"])
        #expect(net.parameters.map(\.parameter.shape) == [[3, 4], [3], [2, 3], [2]])
        #expect(net.modules.map(\.path) == ["", "body", "body.0", "body.1", "head"])
        #expect(net.modules.first?.module === net)
    }

    @Test func aLayerWithoutABiasHasNone() {
        #expect(names(Linear(2, 3)) == ["weight", "bias"])
        #expect(names(Linear(2, 3, bias: false)) == ["weight"])
        #expect(names(ReLU()).isEmpty && names(Sequential()).isEmpty)
    }

    private class Base: Module {
        let first = Scale()
        func forward(_ x: Tensor) -> Tensor { first(x) }
    }

    private class Middle: Base {
        let second = Scale()
    }

    private final class Derived: Middle {
        let third = Scale()
        override func forward(_ x: Tensor) -> Tensor { third(second(super.forward(x))) }
    }

    @Test func whatASuperclassDeclaresComesFirst() {
        #expect(names(Derived()) == ["first.weight", "second.weight", "third.weight"])
    }

    private final class Holder<Content>: Module {
        let content: Content
        init(_ content: Content) { self.content = content }
        func forward(_ x: Tensor) -> Tensor { x }
    }

    @Test func optionalsAreLookedInto() {
        #expect(names(Holder<Scale?>(Scale())) == ["content.weight"])
        #expect(names(Holder<Scale?>(nil)).isEmpty)
        #expect(names(Holder<Parameter?>(Parameter([1]))) == ["content"])
        #expect(names(Holder<Scale??>(.some(.some(Scale())))) == ["content.weight"])
    }

    @Test func arraysAreNamedByPosition() {
        #expect(names(Holder([Scale(), Scale()])) == ["content.0.weight", "content.1.weight"])
        #expect(names(Holder<[any Module]>([ReLU(), Scale()])) == ["content.1.weight"])
        #expect(names(Holder([[Scale()], [], [Scale()]])) == ["content.0.0.weight", "content.2.0.weight"])
        #expect(names(Holder<[Scale?]>([nil, Scale()])) == ["content.1.weight"])
        #expect(names(Holder([Parameter([1]), Parameter([2])])) == ["content.0", "content.1"])
    }

    @Test func dictionariesAreSortedByKey() {
        let dictionary = ["b": Scale(1), "a": Scale(2), "c": Scale(3)]
        let holder = Holder(dictionary)
        #expect(names(holder) == ["content.a.weight", "content.b.weight", "content.c.weight"])
        #expect(holder.parameters.map(\.parameter.shape) == [[2], [1], [3]])
    }

    @Test func tuplesAndStructuresAreLookedInto() {
        struct Pair {
            let left = Scale()
            let size = 3
            let right = [Scale()]
        }
        #expect(names(Holder((Scale(), Scale()))) == ["content.0.weight", "content.1.weight"])
        #expect(names(Holder((query: Scale(), key: Scale()))) == ["content.query.weight", "content.key.weight"])
        #expect(names(Holder(Pair())) == ["content.left.weight", "content.right.0.weight"])
    }

    private enum Choice {
        case none
        case one(Scale)
    }

    @Test func casesWithValuesAreLookedInto() {
        #expect(names(Holder(Choice.one(Scale()))) == ["content.one.weight"])
        #expect(names(Holder(Choice.none)).isEmpty)
    }

    @Test func collectionsOfPlainValuesHoldNothing() {
        #expect(names(Holder([1.0, 2.0])).isEmpty)
        #expect(names(Holder(["a": 1])).isEmpty)
        #expect(names(Holder("text")).isEmpty)
        #expect(names(Holder(Tensor([1, 2]))).isEmpty)
    }

    private final class Lazy: Module {
        let first = Scale()
        lazy var second = Scale()
        func forward(_ x: Tensor) -> Tensor { second(first(x)) }
    }

    @Test func aLazyPropertyIsFoundOnceItHasBeenRead() {
        let module = Lazy()
        #expect(names(module) == ["first.weight"])
        _ = module.second
        #expect(names(module) == ["first.weight", "second.weight"])
    }

    private final class Tied: Module {
        let encoder: Linear
        let decoder: Linear
        init() {
            encoder = Linear(3, 3)
            decoder = encoder
        }
        func forward(_ x: Tensor) -> Tensor { decoder(encoder(x)) }
    }

    @Test func aTiedParameterHasOnePlaceAndAllItsNames() {
        let module = Tied()
        #expect(names(module) == ["encoder.weight", "encoder.bias"])
        let arena = ParameterArena.adopt(module, seed: 0)
        #expect(
            arena.entries.map(\.names)
                == [["encoder.weight", "decoder.weight"], ["encoder.bias", "decoder.bias"]])
        #expect(arena.count == 32)
        #expect(module.modules.map(\.path) == ["", "encoder"])
        #expect(module.stateDictionary.names == ["encoder.weight", "decoder.weight", "encoder.bias", "decoder.bias"])
    }

    private final class Hidden: Module {
        let layer: () -> Scale
        let visible = Scale(3)
        init() {
            let made = Scale()
            layer = { made }
        }
        func forward(_ x: Tensor) -> Tensor { layer()(x) }
        func visitChildren(_ visitor: inout ModuleVisitor) {
            visitor.visit("inner", layer())
            visitor.visit("own", visible.weight)
            visitor.visit("count", Buffer(Tensor([1])))
        }
    }

    @Test func visitChildrenNamesWhatReflectionCannotSee() {
        let module = Hidden()
        #expect(names(module) == ["inner.weight", "own"])
        #expect(module.buffers.map(\.name) == ["count"])
        #expect(names(Sequential(module)) == ["0.inner.weight", "0.own"])
    }

    private final class Circular: Module {
        var myself: Circular?
        var friend: Circular?
        let layer = Scale()
        func forward(_ x: Tensor) -> Tensor { layer(x) }
    }

    @Test func aModuleThatHoldsItselfIsWalkedOnce() {
        let module = Circular()
        module.myself = module
        let friend = Circular()
        module.friend = friend
        friend.friend = module
        #expect(names(module) == ["friend.layer.weight", "layer.weight"])
        #expect(module.modules.map(\.path) == ["", "friend", "friend.layer", "layer"])
        (module.myself, module.friend, friend.friend) = (nil, nil, nil)
    }

    private final class Running: Module {
        let mean = Buffer(Tensor([0, 0]))
        let scale = Scale()
        let steps = Buffer(Tensor([Int32(0)]))
        func forward(_ x: Tensor) -> Tensor { scale(x) }
    }

    @Test func buffersAreFoundBesideParameters() {
        let module = Sequential(Running(), Running())
        #expect(module.buffers.map(\.name) == ["0.mean", "0.steps", "1.mean", "1.steps"])
        #expect(names(module) == ["0.scale.weight", "1.scale.weight"])
    }

    @Test func trainingModeReachesEveryLayerThatHasOne() {
        let (a, b) = (Dropout(0.5), Dropout(0.1))
        let module = Sequential(Linear(2, 2), a, Sequential(b))
        module.eval()
        #expect(!a.isTraining && !b.isTraining)
        module.train()
        #expect(a.isTraining && b.isTraining)
    }
}
