import HoneNN
import HoneTensor
import Testing

@Suite struct ParameterTests {
    @Test func aValueReadIsACopy() {
        let module = Scale(2, .constant(3))
        let arena = ParameterArena.adopt(module, seed: 0)
        let (copy, used) = (module.weight.value, module.weight.tensor)
        arena.willChangeValues()
        arena.values[0] = 100
        #expect(copy.scalars == [3, 3] && used.scalars == [3, 3])
        #expect(module.weight.value.scalars == [100, 3] && module.weight.tensor.scalars == [100, 3])
    }

    @Test func aValueThatIsSetIsCopiedIn() {
        let module = Scale(2, .constant(3))
        let arena = ParameterArena.adopt(module, seed: 0)
        let kept = module.weight.tensor
        module.weight.value = Tensor([5, 6])
        #expect(Array(arena.values.prefix(2)) == [5, 6])
        #expect(kept.scalars == [3, 3])
        #expect(module.weight.tensor.scalars == [5, 6])
    }

    @Test func aValueSetBeforeThereIsAPlaceIsKept() {
        let module = Scale(2, .constant(3))
        module.weight.value = Tensor([5, 6])
        #expect(module.weight.value.scalars == [5, 6])
        _ = ParameterArena.adopt(module, seed: 0)
        #expect(module.weight.value.scalars == [5, 6])
    }

    @Test func aValueOfAnotherShapeOrTypeIsAMistake() {
        let module = Scale(2, .constant(3))
        _ = ParameterArena.adopt(module, seed: 0)
        #expect(
            mistake { module.weight.value = Tensor([1, 2, 3]) }
                == "Parameter: a value of float32 [3], expected float32 [2]")
        #expect(
            mistake { module.weight.value = Tensor([Int32(1), 2]) }
                == "Parameter: a value of int32 [2], expected float32 [2]")
        #expect(module.weight.value.scalars == [3, 3])
    }

    @Test func aFrozenParameterIsAConstant() throws {
        let net = Net()
        _ = ParameterArena.adopt(net, seed: 1)
        net.head.weight.isTrainable = false
        let tape = Tape()
        var numbers = TestNumbers(seed: 1)
        let x = numbers.tensor([16, 4])
        let loss = tape.record { () -> Tensor in
            #expect(!net.head.weight.tensor.isTracked)
            return net(x).square().sum()
        }
        try tape.backward(from: loss)
        #expect(net.head.weight.gradient.scalars == [0, 0, 0, 0, 0, 0])
        #expect(net.head.bias?.gradient.scalars.contains { $0 != 0 } == true)
        #expect(net.parameters[0].parameter.gradient.scalars.contains { $0 != 0 })
    }

    @Test func aModelUsedAloneDrawsFromSeedZero() {
        let (used, drawn) = (Linear(3, 2), Linear(3, 2))
        _ = used(Tensor.ones([1, 3]))
        drawn.initialise(seed: 0)
        #expect(used.weight.value.isBitwiseEqual(to: drawn.weight.value))
        #expect(used.weight.value.scalars.contains { $0 != 0 })
    }

    @Test func aParameterUsedOutsideOfEveryModuleHasAnArenaToItself() {
        let parameter = Parameter([2], .constant(4))
        #expect((parameter.tensor * 2).scalars == [8, 8])
        #expect(parameter.value.scalars == [4, 4])
    }

    @Test func gradientsReachEveryUseOfAParameter() throws {
        let layer = Linear(2, 2, bias: false)
        layer.weight.value = Tensor([[1, 0], [0, 1]])
        let tape = Tape()
        let loss = tape.record { layer(layer(Tensor([[1, 2]]))).sum() }
        try tape.backward(from: loss)
        // y = W W x: dy/dW = 1 (W x)ᵀ + Wᵀ 1 xᵀ, at W = I.
        #expect(layer.weight.gradient.scalars == [2, 4, 2, 4])
    }

    @Test func aNewTapeSeesTheNewValues() throws {
        let module = Scale(1, .constant(2))
        let arena = ParameterArena.adopt(module, seed: 0)
        let tape = Tape()
        var seen: [Float] = []
        for _ in 0..<3 {
            let loss = tape.record { (module.weight.tensor * module.weight.tensor).sum() }
            try tape.backward(from: loss)
            seen.append(module.weight.gradient.item())
            arena.willChangeValues()
            arena.values[0] += 1
            arena.zeroGradients()
        }
        #expect(seen == [4, 6, 8])
    }
}
