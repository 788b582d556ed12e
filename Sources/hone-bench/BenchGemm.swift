import Hone
import HoneKernels

/// Matrix products in the four forms of a dense layer: forward (weight as is and transposed), and its two gradients.
func benchGemm(_ options: BenchOptions) throws {
    let standard = [
        (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
        (64, 784, 256), (256, 256, 10), (25088, 144, 32), (128, 512, 512),
    ]
    for (m, k, n) in try options.cases.isEmpty ? standard : options.cases.map(parseShape) {
        let key = RandomKey(seed: 0)
        let a = Floats(m * k, key.derived("a"))
        let b = Floats(k * n, key.derived("b"))
        let y = Floats(m * n, key.derived("y"))
        let (out, weight, input) = (Floats(m * n, nil), Floats(k * n, nil), Floats(m * k, nil))
        let variants: [(String, () -> Void)] = [
            (
                "fwd_nn",
                { hone_sgemm(HONE_ISA_AUTO, false, false, m, n, k, a.start, k, b.start, n, 0, out.start, n, nil) }
            ),
            (
                "fwd_nt",
                { hone_sgemm(HONE_ISA_AUTO, false, true, m, n, k, a.start, k, b.start, k, 0, out.start, n, nil) }
            ),
            (
                "dW_tn",
                { hone_sgemm(HONE_ISA_AUTO, true, false, k, n, m, a.start, k, y.start, n, 0, weight.start, n, nil) }
            ),
            (
                "dX_nt",
                { hone_sgemm(HONE_ISA_AUTO, false, true, m, k, n, y.start, n, b.start, n, 0, input.start, k, nil) }
            ),
        ]
        for (variant, body) in variants {
            let gigaflops = 2e-9 * Double(m) * Double(k) * Double(n)
            Measurement(
                bench: "gemm", name: "\(m)x\(k)x\(n)", metric: "gflops", unit: "GFLOP/s",
                values: measure(options, body).map { gigaflops / $0 }, extra: [("variant", "\"\(variant)\"")]
            ).emit(options)
        }
    }
}

private func parseShape(_ text: String) throws -> (Int, Int, Int) {
    let parts = text.split(separator: "x").compactMap { Int($0) }
    guard parts.count == 3, parts.allSatisfy({ $0 > 0 }) else {
        throw BenchOptions.Mistake(description: "'\(text)' is no shape, expected MxKxN")
    }
    return (parts[0], parts[1], parts[2])
}

/// Aligned memory for a measurement, filled with normal numbers, or zeros without a key.
final class Floats {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(_ count: Int, _ key: RandomKey?) {
        self.count = count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(64, 4 * count), alignment: 2 << 20)
        start = memory.bindMemory(to: Float.self, capacity: max(16, count))
        if let key {
            hone_random_normal(HONE_ISA_AUTO, key.bits, 0, 0, 0, 1, start, count)
        } else {
            hone_fill(HONE_ISA_AUTO, 0, start, count)
        }
    }

    deinit { start.deallocate() }
}
