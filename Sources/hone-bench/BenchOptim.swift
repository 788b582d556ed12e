import Hone
import HoneKernels

/// An optimizer's step alone, on ten million parameters as one matrix.
func benchOptim(_ options: BenchOptions) throws {
    let (rows, columns) = (3125, 3200)
    let count = rows * columns
    let p = Floats(count, RandomKey(seed: 1))
    let g = Floats(count, RandomKey(seed: 2))
    hone_scale(HONE_ISA_AUTO, 0.01, g.start, count)
    // The streams of memory that a step cannot do without: each array is read or written once.
    let rules: [(name: String, rule: any UpdateRule, streams: Int)] = [
        ("adam", Adam(), 7), ("adamw", AdamW(), 7), ("sgdm", SGD(momentum: 0.9), 5), ("sgd", SGD(), 3),
        ("adam_amsgrad", Adam(amsgrad: true), 9), ("nadam", NAdam(), 7), ("radam", RAdam(), 7),
        ("qhadam", QHAdam(), 7), ("adamax", Adamax(), 7), ("adagrad", Adagrad(), 5), ("rmsprop", RMSprop(), 5),
        ("rmsprop_centred_momentum", RMSprop(momentum: 0.9, centred: true), 9), ("adadelta", AdaDelta(), 7),
        ("lion", Lion(), 5), ("lamb", LAMB(), 7), ("lars", LARS(), 5), ("adafactor", Adafactor(), 3),
        ("lookahead_adam", Lookahead(Adam()), 7), ("schedule_free_sgd", ScheduleFreeSGD(), 5),
        ("schedule_free_adamw", ScheduleFreeAdamW(), 7), ("prodigy", Prodigy(), 12),
    ]
    let chosen = rules.filter { options.cases.isEmpty || options.cases.contains($0.name) }
    guard !chosen.isEmpty else { return }
    let most = chosen.map(\.rule.states.count).max() ?? 0
    let states = (0..<most).map { _ in Floats(count, nil) }
    for (name, rule, streams) in chosen {
        for state in states { hone_fill(HONE_ISA_AUTO, 0, state.start, count) }
        let stretch = UpdateStretch(
            parameters: p.start, gradients: UnsafePointer(g.start), states: states.map(\.start), count: count,
            shape: [rows, columns])
        var group = [GroupStep(values: rule.defaults, updates: [], scalars: rule.scalars)]
        var step = 0
        let times = measure(options) {
            step += 1
            let pending = PendingUpdate(stretch: stretch, step: step, values: rule.defaults)
            group[0] = GroupStep(values: rule.defaults, updates: [pending], scalars: group[0].scalars)
            rule.prepare(&group)
            rule.update(stretch.with(scalars: group[0].scalars), step: step, rule.defaults)
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
