import HoneNN
import HoneTensor
import Testing

@Suite struct ObservingTests {
    @Test func outputsOfEveryCallAreSeenWithTheirPaths() {
        let model = Sequential(Linear(4, 3), ReLU(), Sequential(Linear(3, 2)))
        let x = Tensor.normal([5, 4], key: RandomKey(seed: 1))
        let plain = model(x)
        var seen: [String] = []
        var shapes: [[Int]] = []
        let observed = model.observingOutputs { call in
            seen.append(call.path ?? "?")
            shapes.append(call.outputs[0].shape.array)
            if call.path == "1" { #expect(call.inputs[0].scalars.contains { $0 < 0 }) }
        } run: {
            model(x)
        }
        #expect(seen == ["0", "1", "2.0", "2", ""])
        #expect(shapes == [[5, 3], [5, 3], [5, 2], [5, 2], [5, 2]])
        #expect(observed.isBitwiseEqual(to: plain))
        seen = []
        _ = model(x)
        #expect(seen.isEmpty)
    }

    @Test func observersEndWithTheirScopeAlsoWhenItThrows() {
        struct Stop: Error {}
        let layer = Scale(2)
        var calls = 0
        #expect(throws: Stop.self) {
            try layer.observingOutputs { _ in
                calls += 1
            } run: {
                _ = layer(Tensor([1, 2]))
                throw Stop()
            }
        }
        _ = layer(Tensor([1, 2]))
        #expect(calls == 1)
    }

    @Test func theInnermostObserverSeesAndWhatItCallsIsNotObserved() {
        let layer = Scale(2)
        var (outer, inner) = (0, 0)
        layer.observingOutputs { _ in
            outer += 1
        } run: {
            layer.observingOutputs { _ in
                inner += 1
                _ = layer(Tensor([1, 1]))
            } run: {
                _ = layer(Tensor([1, 2]))
            }
            _ = layer(Tensor([3, 4]))
        }
        #expect(outer == 1 && inner == 1)
    }
}
