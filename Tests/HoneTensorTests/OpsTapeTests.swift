import HoneTensor
import Testing

/// What the tape promises to every operation.
@Suite struct OpsTapeTests {
    @Test func aMillionOperationsNeedNoStack() throws {
        let tape = Tape()
        let slope = try tape.record {
            let x = tape.watch(Tensor([1]))
            var y = x
            for _ in 0..<500_000 { y = y * 1.000001 + 0 }
            return try tape.gradients(of: y, for: [x])[0]
        }
        // (1 + 1e-6)^500000, with the factor as it is in single precision.
        #expect(abs(slope.item() - 1.6109) < 0.05)
    }

    @Test func aDeepProgramOfViewsAndSumsNeedsNoStackEither() throws {
        let tape = Tape()
        let slope = try tape.record {
            let x = tape.watch(Tensor([1, 2]))
            var y = x
            for _ in 0..<50_000 { y = Tensor.concatenate([y[1...], y[0..<1]]).reshaped([1, 2]).squeezed(axis: 0) }
            return try tape.gradients(of: (y * Tensor([3, 4])).sum(), for: [x])[0]
        }
        #expect(slope.scalars == [3, 4])
    }

    @Test func aFinishedTapeSaysSo() throws {
        let tape = Tape()
        try tape.record {
            let x = tape.watch(Tensor([1, 2]))
            let y = x[0..<1].sum()
            _ = try tape.gradients(of: y, for: [x])
            let error = #expect(throws: TensorError.self) { try tape.backward(from: y) }
            #expect(error?.description.contains("the recording is over") == true)
        }
    }

    @Test func gradientsOfAnyTensorCanBeAskedFor() throws {
        let tape = Tape()
        let slopes = try tape.record {
            let x = tape.watch(Tensor([1, 2, 3]))
            let doubled = x * 2
            let part = doubled[1...]
            let wide = part.expanded(to: [2, 2])
            let other = tape.watch(Tensor([5]))
            return try tape.gradients(
                of: wide.square(), for: [wide, part, doubled, x, other], seed: Tensor([[1, 0], [0, 10]]))
        }
        #expect(slopes[0].scalars == [8, 0, 0, 120] && slopes[1].scalars == [8, 120])
        #expect(slopes[2].scalars == [0, 8, 120] && slopes[3].scalars == [0, 16, 240] && slopes[4].scalars == [0])
    }

    @Test func aGradientThatIsKeptIsNotOverwrittenByTheNext() throws {
        let tape = Tape()
        let slopes = try tape.record {
            let x = tape.watch(Tensor([1, 2]))
            let (a, b, c) = (x * 3, (x * 3).tanh(), (x * 3) + 1)
            let y = (a * 5) * 7
            let total = y + b * 0 + c * 0
            return try tape.gradients(of: total, for: [total, y, a, x])
        }
        #expect(slopes.map(\.scalars) == [[1, 1], [1, 1], [35, 35], [105, 105]])
    }

    @Test func oneTensorUsedInManyWaysTakesAllGradients() throws {
        var numbers = TestNumbers(seed: 1)
        let x = numbers.tensor([3, 3], in: 0.5...1.5)
        try expectGradients(at: [x], tolerance: 8e-3) { inputs in
            let x = inputs[0]
            let joined = Tensor.stack([x, x.transposed(), x.flipped(axes: [0])])
            let parts = joined.chunk(3)
            let mask = x .> 1
            return parts[0].squeezed(axis: 0) * x.cumulativeSum(axis: 1) + x.matmul(x, transposeOther: true)
                + Tensor.where(mask, x.square(), x.exp()) + x.norm(axes: [1], keepDimensions: true)
                + x[.all, 0..<1].expanded(to: [3, 3]) + joined.mean(axes: [0])
        }
    }

    @Test func nothingIsRecordedWithoutAGradient() throws {
        let tape = Tape()
        try tape.record {
            let x = tape.watch(Tensor([[1, 2], [3, 4]]))
            withoutGradient {
                for y in [
                    x.permuted(1, 0), x[0], x.variance(), Tensor.concatenate([x, x]), x.matmul(x), x.sorted().values,
                ] {
                    #expect(!y.isTracked)
                }
            }
            #expect(!x.argmax().isTracked && !(x .> 1).isTracked && !x.detached()[0].isTracked)
            #expect(x[0].isTracked)
            _ = try tape.gradients(of: x[0].sum(), for: [x])
        }
    }

    @Test func inertTensorsPassThroughEveryOperation() {
        let words = mistake {
            let bad = Tensor([1, 2]) + Tensor([1, 2, 3])
            let x = Tensor([1, 2])
            let index = Tensor([Int32(0)])
            var changed = bad
            changed += 1
            changed[0] = x
            let results: [Tensor] = [
                bad.permuted(0), bad.transposed(0, 1), bad.expanded(to: [2]), bad.squeezed(), bad.squeezed(axis: 0),
                bad.unsqueezed(axis: 0), bad.flipped(axes: [0]), bad.repeated([2]), bad.rolled(1),
                bad.rolled([1], axes: [0]),
                bad.unfolded(axis: 0, size: 1, step: 1), bad[0], bad[.ellipsis, 0], bad.replacing([0], with: x),
                x.replacing([0], with: bad), .concatenate([x, bad]), .stack([bad, x]), bad.split(sizes: [1])[0],
                bad.split(1)[0], bad.chunk(2)[0], bad.padded([(1, 1)]), bad.indexSelect(axis: 0, indices: index),
                x.indexSelect(axis: 0, indices: bad), bad.gather(axis: 0, indices: index),
                x.scatterAdd(axis: 0, indices: index, source: bad), bad.oneHot(classes: 2), .where(bad, x, x),
                .where(x, bad, x), bad.maskedFill(x, 0), bad.tril(), bad.triu(), bad .< x, x .== bad, bad .> 1,
                bad.isClose(to: x), bad.cumulativeSum(axis: 0), bad.cumulativeProduct(axis: 0), bad.sorted().values,
                bad.topK(1).indices, bad.argsort(), bad.product(), bad.variance(), bad.standardDeviation(),
                bad.logSumExp(), bad.norm(), bad.max(), bad.min(axis: 0).values, bad.argmin(axis: nil), bad.gelu(),
                bad.ceil(),
                bad.dot(x), x.outer(bad), .einsum("i,i", x, bad), bad.converted(to: .int32), changed,
            ]
            for (number, result) in results.enumerated() { #expect(result.isInert, "\(number)") }
            let none: [Float] = bad.nested()
            #expect(none.isEmpty && !bad.allClose(to: x))
        }
        #expect(words == "add: shapes [2] and [3] cannot be broadcast to one")
    }

    @Test func shapesThatOverflowAreMistakes() {
        let x = Tensor.zeros([1, 1])
        let huge = 1 << 40
        for body in [
            { x.expanded(to: [huge, huge]) }, { x.repeated([huge, huge]) },
            { Tensor.zeros([3, 1]).repeated([.max, 1]) },
            { x.padded([(huge, huge), (huge, huge)]) },
            { Tensor([Int32(0)]).oneHot(classes: 1 << 62) },
            { Tensor.zeros([1 << 62, 0]).reshaped([0, 5]).expanded(to: [0, .max]) },
            { Tensor.zeros([0, huge]).matmul(Tensor.zeros([huge, 0])).reshaped([huge, huge]) },
            { Tensor.zeros([huge, 0]).matmul(Tensor.zeros([0, huge])) },
        ] as [() -> Tensor] {
            #expect(mistake(in: body) != nil)
        }
    }
}
