import Hone
import HoneKernels

/// An optimizer's step alone, on ten million parameters.
func benchOptim(_ options: BenchOptions) throws {
    let count = 10_000_000
    let p = Floats(count, RandomKey(seed: 1))
    let g = Floats(count, RandomKey(seed: 2))
    hone_scale(HONE_ISA_AUTO, 0.01, g.start, count)
    let (first, second) = (Floats(count, nil), Floats(count, nil))
    let rules: [(name: String, rule: any UpdateRule, streams: Int)] = [
        ("adam", Adam(), 7), ("sgdm", SGD(momentum: 0.9), 5), ("sgd", SGD(), 3),
    ]
    for (name, rule, streams) in rules where options.cases.isEmpty || options.cases.contains(name) {
        let stretch = UpdateStretch(
            parameters: p.start, gradients: UnsafePointer(g.start), states: [first.start, second.start], count: count)
        var step = 1
        let times = measure(options) {
            step += 1
            rule.update(stretch, step: step, rule.defaults)
        }
        let nanoseconds = times.map { 1e9 * $0 / Double(count) }
        let measured = Measurement(
            bench: "optim", name: "1x10M", metric: "ns_per_param", unit: "ns/param", values: nanoseconds)
        var row = measured
        row.extra = [
            ("rule", "\"\(name)\""), ("bytes_per_param", "\(4 * streams)"),
            ("gbs", String(4 * Double(streams) / measured.median)),
        ]
        row.emit(options)
    }
}
