import Hone
import HoneKernels

/// Element-wise kernels and reductions in cache (16,384 elements) and beyond it (2²⁵), in bytes moved per second. The
/// case `copy` is the machine's own speed to compare with: the C library's memory copy on all threads.
func benchElementwise(_ options: BenchOptions) throws {
    for (place, count) in [("cache", 1 << 14), ("memory", 1 << 25)] {
        let x = Floats(count, RandomKey(seed: 1))
        let y = Floats(count, RandomKey(seed: 2))
        let out = Floats(count, nil)
        var (length, one) = (count, 1)
        var sink = 0.0
        /// What is measured: a name, the streams of four bytes it reads and writes, and the kernel.
        let kernels: [(name: String, streams: Int, body: () -> Void)] = [
            ("copy", 2, { parallelCopy(x.start, out.start, count) }),
            (
                "add", 3,
                { hone_binary(HONE_ISA_AUTO, HONE_ADD, x.start, &one, y.start, &one, out.start, &length, 1) }
            ),
            (
                "mul", 3,
                { hone_binary(HONE_ISA_AUTO, HONE_MUL, x.start, &one, y.start, &one, out.start, &length, 1) }
            ),
            ("scale", 2, { hone_scale(HONE_ISA_AUTO, 1.0000001, out.start, count) }),
            ("axpy", 3, { hone_axpy(HONE_ISA_AUTO, 1e-9, x.start, out.start, count) }),
            ("relu", 2, { hone_unary(HONE_ISA_AUTO, HONE_RELU, x.start, out.start, count) }),
            ("exp", 2, { hone_unary(HONE_ISA_AUTO, HONE_EXP, x.start, out.start, count) }),
            ("log", 2, { hone_unary(HONE_ISA_AUTO, HONE_LOG, x.start, out.start, count) }),
            ("tanh", 2, { hone_unary(HONE_ISA_AUTO, HONE_TANH, x.start, out.start, count) }),
            ("sigmoid", 2, { hone_unary(HONE_ISA_AUTO, HONE_SIGMOID, x.start, out.start, count) }),
            ("gelu", 2, { hone_unary(HONE_ISA_AUTO, HONE_GELU, x.start, out.start, count) }),
            ("sum", 1, { sink += hone_sum(HONE_ISA_AUTO, x.start, count) }),
            ("sum_squares", 1, { sink += hone_sum_squares(HONE_ISA_AUTO, x.start, count) }),
            (
                "column_sum", 1,
                { hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x.start, 1, count / 256, 256, out.start, false) }
            ),
            ("softmax_256", 2, { hone_softmax(HONE_ISA_AUTO, false, x.start, out.start, count / 256, 256) }),
        ]
        for (name, streams, body) in kernels where options.cases.isEmpty || options.cases.contains(name) {
            let bytes = 4e-9 * Double(streams * count)
            Measurement(
                bench: "elementwise", name: "\(name)_\(place)", metric: "bandwidth", unit: "GB/s",
                values: measure(options, body).map { bytes / $0 }
            ).emit(options)
        }
        if sink == .infinity { print("the sums overflowed") }
    }
}

/// Copies on all threads, a stretch each.
private func parallelCopy(_ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ count: Int) {
    struct Job {
        let from: UnsafeMutablePointer<Float>
        let to: UnsafeMutablePointer<Float>
    }
    var job = Job(from: from, to: to)
    hone_parallel_for(
        count, 1 << 18,
        { context, begin, end in
            guard let job = context?.assumingMemoryBound(to: Job.self).pointee else { return }
            (job.to + begin).update(from: job.from + begin, count: end - begin)
        }, &job)
}
