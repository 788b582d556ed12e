import HoneTensor
import Testing

@Suite struct PackedAttentionTests {
    private func packed(_ shape: Shape) -> Tensor { .normal(shape, key: RandomKey(seed: 4)) }

    /// The same by splitting, permuting and joining.
    private func composed(_ x: Tensor, heads: Int, batchFirst: Bool, isCausal: Bool, dropout: Float) -> Tensor {
        let width = x.shape[2] / 3 / heads
        let parts = x.reshaped([x.shape[0], x.shape[1], 3, heads, width])
            .permuted(batchFirst ? [2, 0, 3, 1, 4] : [2, 1, 3, 0, 4])
        return Tensor.scaledDotProductAttention(
            query: parts[0], key: parts[1], value: parts[2], isCausal: isCausal, dropout: dropout
        ).permuted(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]).reshaped([x.shape[0], x.shape[1], heads * width])
    }

    @Test("is attention of the parts, bit for bit", arguments: [true, false], [true, false])
    func values(batchFirst: Bool, isCausal: Bool) throws {
        for (shape, heads, dropout) in [([2, 5, 24], 2, 0 as Float), ([3, 40, 18], 3, 0.3), ([1, 600, 6], 1, 0)] {
            let x = packed(batchFirst ? Shape(shape) : Shape([shape[1], shape[0], shape[2]]))
            func run(_ function: (Tensor) -> Tensor) throws -> (Tensor, Tensor) {
                let tape = Tape()
                return try tape.record {
                    let input = tape.watch(x)
                    let output = withRandomKey(RandomKey(seed: 1)) { function(input) }
                    let weights = Tensor.normal(output.shape, key: RandomKey(seed: 2))
                    return (output.detached(), try tape.gradients(of: output, for: [input], seed: weights)[0])
                }
            }
            let fused = try run {
                $0.packedAttention(heads: heads, batchFirst: batchFirst, isCausal: isCausal, dropout: dropout)
            }
            let plain = try run {
                composed($0, heads: heads, batchFirst: batchFirst, isCausal: isCausal, dropout: dropout)
            }
            #expect(fused.0.isBitwiseEqual(to: plain.0), "\(shape)")
            #expect(fused.1.isBitwiseEqual(to: plain.1), "\(shape)")
        }
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        let report = try GradientCheck.report(at: [packed([2, 4, 12])]) {
            // The input's gradient has two contributions.
            $0[0].packedAttention(heads: 2, batchFirst: true, isCausal: true, dropout: 0)
                * $0[0].packedAttention(heads: 1, batchFirst: true, isCausal: false, dropout: 0)
        }
        #expect(report.worst <= 4e-3, "\(report)")
    }

    @Test func whatDoesNotFitIsAnError() {
        for (shape, heads) in [([2, 4, 10], 1), ([2, 4, 12], 0), ([4, 12], 1)] as [(Shape, Int)] {
            #expect(throws: TensorError.self) {
                try catchingTensorErrors {
                    packed(shape).packedAttention(heads: heads, batchFirst: true, isCausal: false, dropout: 0)
                }
            }
        }
    }
}
