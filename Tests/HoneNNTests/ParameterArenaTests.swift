import HoneNN
import HoneTensor
import Testing

@Suite struct ParameterArenaTests {
    @Test func parametersLieSideBySideOnCacheLines() {
        let net = Net()
        let arena = ParameterArena.adopt(net, seed: 1)
        #expect(ParameterArena.alignment == 16)
        // [3, 4], [3], [2, 3], [2]: 12, 3, 6 and 2 elements.
        #expect(arena.entries.map(\.range) == [0..<12, 16..<19, 32..<38, 48..<50])
        #expect(arena.count == 64 && arena.values.count == 64 && arena.gradients.count == 64)
        #expect(arena.entries.map(\.name) == ["body.0.weight", "body.0.bias", "head.weight", "head.bias"])
        #expect(UInt(bitPattern: arena.values.baseAddress) % 64 == 0)
        #expect(UInt(bitPattern: arena.gradients.baseAddress) % 64 == 0)
        for entry in arena.entries {
            #expect(Array(arena.values[entry.range]) == entry.parameter.value.scalars)
        }
    }

    @Test func whatLiesBetweenIsZeroAndStaysZero() throws {
        let net = Net()
        let arena = ParameterArena.adopt(net, seed: 1)
        var isPadding = [Bool](repeating: true, count: arena.count)
        for entry in arena.entries { for index in entry.range { isPadding[index] = false } }
        func paddingIsZero() -> Bool {
            isPadding.indices.allSatisfy { !isPadding[$0] || (arena.values[$0] == 0 && arena.gradients[$0] == 0) }
        }
        #expect(paddingIsZero())
        let tape = Tape()
        for _ in 0..<3 {
            let loss = tape.record { net(Tensor.ones([5, 4])).square().sum() }
            try tape.backward(from: loss)
            #expect(paddingIsZero())
        }
        net.initialise(seed: 2)
        arena.zeroGradients()
        arena.completeGradients()
        #expect(paddingIsZero())
        #expect(isPadding.filter { $0 }.count == 64 - 23)
    }

    @Test func twoAdoptionsOfAModelAreOneMemory() {
        let net = Net()
        let (first, second) = (ParameterArena.adopt(net, seed: 1), ParameterArena.adopt(net, seed: 99))
        #expect(first.values.baseAddress == second.values.baseAddress)
        #expect(first.gradients.baseAddress == second.gradients.baseAddress)
        #expect(first.isCurrent && second.isCurrent)
        let before = net.head.weight.value
        _ = ParameterArena.adopt(net, seed: 5)
        #expect(net.head.weight.value.isBitwiseEqual(to: before))
    }

    @Test func aModuleTakenOverMovesWithItsValues() throws {
        let body = Linear(4, 3)
        let old = ParameterArena.adopt(body, seed: 1)
        let (weight, bias) = (body.weight.value, try #require(body.bias).value)
        let whole = Sequential(body, Linear(3, 2))
        let arena = ParameterArena.adopt(whole, seed: 2)
        #expect(!old.isCurrent && arena.isCurrent)
        #expect(body.weight.value.isBitwiseEqual(to: weight) && body.bias?.value.isBitwiseEqual(to: bias) == true)
        #expect(arena.entries.map(\.name) == ["0.weight", "0.bias", "1.weight", "1.bias"])
        // The old memory is no longer the parameter's.
        old.values[0] = 1000
        #expect(body.weight.value.isBitwiseEqual(to: weight))
        arena.values[0] = 7
        #expect(body.weight.value.scalars[0] == 7)
    }

    @Test func theOldMemoryLivesAsLongAsItsArena() {
        let body = Linear(4, 3)
        let old = ParameterArena.adopt(body, seed: 1)
        _ = ParameterArena.adopt(Sequential(body), seed: 2)
        #expect(old.values.allSatisfy { $0.isFinite })
    }

    @Test func readingAPartOfAModelLeavesItInItsPlace() throws {
        let net = Net()
        let arena = ParameterArena.adopt(net, seed: 1)
        let state = net.head.stateDictionary
        #expect(arena.isCurrent)
        try net.head.load(state)
        net.body.initialise(seed: 3)
        #expect(arena.isCurrent)
        #expect(Array(arena.values[0..<12]) == net.body.parameters[0].parameter.value.scalars)
    }

    @Test func gradientsAddUpUntilTheyAreForgotten() throws {
        let module = Scale(2, .constant(3))
        let arena = ParameterArena.adopt(module, seed: 0)
        let tape = Tape()
        func pass() throws {
            let loss = tape.record { module(Tensor([1, 2])).sum() }
            try tape.backward(from: loss)
        }
        #expect(module.weight.gradient.scalars == [0, 0])
        try pass()
        try pass()
        #expect(module.weight.gradient.scalars == [2, 4])
        #expect(Array(arena.gradients.prefix(2)) == [2, 4])
        arena.zeroGradients()
        #expect(module.weight.gradient.scalars == [0, 0])
        try pass()
        #expect(module.weight.gradient.scalars == [1, 2])
        arena.zeroGradients()
        arena.completeGradients()
        #expect(Array(arena.gradients.prefix(2)) == [0, 0])
    }

    @Test func completingLeavesWrittenGradientsAlone() throws {
        let net = Net()
        let arena = ParameterArena.adopt(net, seed: 1)
        for index in arena.gradients.indices { arena.gradients[index] = .nan }
        let tape = Tape()
        let loss = tape.record { net.head.weight.tensor.sum() * 2 }
        try tape.backward(from: loss)
        arena.completeGradients()
        #expect(net.head.weight.gradient.scalars == [Float](repeating: 2, count: 6))
        #expect(net.head.bias?.gradient.scalars == [0, 0])
        #expect(Array(arena.gradients[0..<12]) == [Float](repeating: 0, count: 12))
    }

    @Test func neighbouringTrainableParametersAreOneRange() {
        let net = Net()
        let arena = ParameterArena.adopt(net, seed: 1)
        #expect(arena.trainableRanges(in: 0..<4) == [0..<64])
        #expect(arena.trainableRanges(in: 1..<3) == [16..<48])
        net.parameters[1].parameter.isTrainable = false
        #expect(arena.trainableRanges(in: 0..<4) == [0..<16, 32..<64])
        for (_, parameter) in net.parameters { parameter.isTrainable = false }
        #expect(arena.trainableRanges(in: 0..<4) == [])
    }

    @Test func aModelWithoutParametersHasAnEmptyArena() {
        let arena = ParameterArena.adopt(Sequential(ReLU(), Flatten()), seed: 0)
        #expect(arena.entries.isEmpty && arena.count == 0 && arena.isCurrent)
    }

    @Test func aParameterOfNoElementsHasAnEmptyRange() {
        let arena = ParameterArena.adopt(Sequential(Linear(0, 2), Linear(2, 0)), seed: 0)
        #expect(arena.entries.map(\.range.count) == [0, 2, 0, 0])
        #expect(arena.trainableRanges(in: 0..<4) == [0..<16])
    }
}
