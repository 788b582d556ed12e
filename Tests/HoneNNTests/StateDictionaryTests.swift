import HoneNN
import HoneTensor
import Testing

@Suite struct StateDictionaryTests {
    private final class Running: Module {
        let scale = Scale(3)
        let mean = Buffer(Tensor([1, 2]))
        let steps = Buffer(Tensor([Int32(0)], shape: []))
        func forward(_ x: Tensor) -> Tensor { scale(x) }
    }

    @Test func parametersComeFirstThenBuffersInOrder() {
        let module = Running()
        let state = module.stateDictionary
        #expect(state.names == ["scale.weight", "mean", "steps"])
        #expect(state["mean"]?.scalars == [1, 2])
        #expect(state["scale.weight"]?.isBitwiseEqual(to: module.scale.weight.value) == true)
        #expect(state["nothing"] == nil)
    }

    /// The index of names follows every change, of copies too, and of a name that comes twice the first is found.
    @Test func namesAreFoundAfterEveryChange() {
        var state = StateDictionary((0..<3).map { ("\($0)", Tensor(Float($0))) })
        #expect(state["2"]?.item() == 2 && state["3"] == nil)
        let copy = state
        state.entries.append(("3", Tensor(3)))
        #expect(state["3"]?.item() == 3 && copy["3"] == nil)
        state.entries[0] = ("a", Tensor(10))
        #expect(state["a"]?.item() == 10 && state["0"] == nil && copy["0"]?.item() == 0)
        state.entries.append(("a", Tensor(11)))
        #expect(state["a"]?.item() == 10)
        state.entries.removeFirst()
        #expect(state["a"]?.item() == 11 && state["1"]?.item() == 1)
        state.entries = []
        #expect(state["a"] == nil && copy["1"]?.item() == 1)
    }

    @Test func aStateIsACopy() {
        let module = Running()
        let state = module.stateDictionary
        let before = state["scale.weight"]?.scalars
        module.initialise(seed: 9)
        module.mean.value = Tensor([7, 7])
        #expect(state["scale.weight"]?.scalars == before && state["mean"]?.scalars == [1, 2])
    }

    @Test func aRoundTripKeepsEveryBit() throws {
        let (a, b) = (Running(), Running())
        a.initialise(seed: 3)
        a.scale.weight.value = Tensor([Float(bitPattern: 0x7FC0_1234), -0.0, .leastNonzeroMagnitude])
        a.mean.value = Tensor([-.infinity, 0.1])
        a.steps.value = Tensor([Int32.min], shape: [])
        try b.load(a.stateDictionary)
        for (x, y) in zip(a.stateDictionary.entries, b.stateDictionary.entries) {
            #expect(x.name == y.name && x.value.isBitwiseEqual(to: y.value))
        }
        #expect(a.stateDictionary.sha256 == b.stateDictionary.sha256)
    }

    @Test func whatIsLoadedIsUsed() throws {
        let (a, b) = (Net(), Net())
        a.initialise(seed: 1)
        b.initialise(seed: 2)
        let x = Tensor.ones([1, 4])
        #expect(!a(x).isBitwiseEqual(to: b(x)))
        try b.load(a.stateDictionary)
        #expect(a(x).isBitwiseEqual(to: b(x)))
    }

    @Test func whatDoesNotFitIsListedAndNothingIsChanged() {
        let module = Running()
        module.initialise(seed: 1)
        let before = module.stateDictionary.sha256
        let state = StateDictionary([
            ("scale.weight", Tensor([1, 2])), ("extra", Tensor([1])), ("mean", Tensor([Int32(1), 2])),
            ("other", Tensor([1])),
        ])
        let error = #expect(throws: StateMismatch.self) { try module.load(state) }
        #expect(error?.missing == ["steps"])
        #expect(error?.unexpected == ["extra", "other"])
        #expect(
            error?.mismatched == [
                "scale.weight (float32 [2], expected float32 [3])", "mean (int32 [2], expected float32 [2])",
            ])
        #expect(
            error?.description
                == "state dictionary: missing: steps; unexpected: extra, other; of another shape: "
                + "scale.weight (float32 [2], expected float32 [3]), mean (int32 [2], expected float32 [2])")
        #expect(error?.localizedDescription == error?.description)
        #expect(module.stateDictionary.sha256 == before)
        let partial = StateDictionary([("mean", Tensor([8, 9])), ("steps", Tensor([Int32(4)], shape: []))])
        #expect(throws: StateMismatch.self) { try module.load(partial) }
        #expect(module.stateDictionary.sha256 == before)
    }

    /// The bytes are the name, the element type and the shape on a line, then the elements, least significant byte
    /// first; hashed outside of this package.
    @Test func theHashIsThatOfNamesShapesAndBits() {
        let state = StateDictionary([
            ("weight", Tensor([[1, 2, 3], [4, 5, 6]])), ("bias", Tensor([-0.5, 0.25])),
            ("steps", Tensor([Int32(7)], shape: [])),
        ])
        #expect(state.sha256 == "53cf7b30a5ccc0612cccdf7c3549bd3fc8eb2688fd3e99fc431519ca265c0caa")
    }

    @Test func theHashTellsStatesApart() {
        let states = [
            StateDictionary([("a", Tensor([1, 2]))]), StateDictionary([("b", Tensor([1, 2]))]),
            StateDictionary([("a", Tensor([2, 1]))]), StateDictionary([("a", Tensor([[1, 2]]))]),
            StateDictionary([("a", Tensor([Int32(1), 2]))]), StateDictionary(), StateDictionary([("a", Tensor([0]))]),
            StateDictionary([("a", Tensor([-0.0]))]),
        ]
        #expect(Set(states.map(\.sha256)).count == states.count)
    }
}
