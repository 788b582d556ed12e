import HoneSchedule

/// A case of schedules.json that this adapter cannot read.
struct UnreadableScheduleCase: Error, CustomStringConvertible {
    let description: String
}

/// The results for a case of schedules.json, by the keys of its `expected`.
///
/// - Parameters:
///   - config: the case's `config`.
///   - inputs: the case's `inputs`.
/// - Returns: `lr`, `momentum`, `phases`, `values` … as the file has them.
func scheduleResults(config: JSONValue, inputs: JSONValue) throws -> [String: JSONValue] {
    let kind = config["kind"].string ?? ""
    let options = config["options"]
    let progress = inputs["pct"].doubles ?? []
    if kind == "ReduceLROnPlateau" {
        return plateauResults(options, rates: config["base_lr"].doubles ?? [], metrics: inputs["metrics"].array ?? [])
    }
    if kind.hasPrefix("fastai.anneal.") {
        let schedule = try annealer(kind, options)
        return ["values": .array(progress.map { .number(schedule.value(at: $0)) })]
    }
    if kind.hasPrefix("fastai.") {
        let phases = try fastaiPhases(kind, options, groups: config["n_groups"].int ?? 1)
        return ["phases": .array(phases.map { $0.results(at: progress) })]
    }
    let steps = config["steps"].int ?? 0
    let rates = config["base_lr"].doubles ?? []
    let schedules = try rates.indices.map {
        try scheduleForCase(kind: kind, options: options, baseRate: rates[$0], group: $0)
    }
    func table(_ schedules: [Schedule]) -> JSONValue {
        .array(schedules.map { .array($0.samples(total: steps).map(JSONValue.number)) })
    }
    var results = ["lr": table(schedules)]
    let momenta = rates.indices.compactMap { momentumForCase(kind: kind, options: options, group: $0) }
    if !momenta.isEmpty { results["momentum"] = table(momenta) }
    return results
}

/// The rate of one parameter group for a torch class, a `hf.*` kind or a `window`, as a function of the step: it holds
/// for a run of any length, since every part has its own.
func scheduleForCase(kind: String, options: JSONValue, baseRate base: Double, group: Int = 0) throws -> Schedule {
    if kind.hasPrefix("hf.") { return try huggingFace(kind, options, base) }
    /// An option which may be given once for all groups or once for each.
    func option(_ name: String, _ standard: Double) -> Double {
        options[name].double ?? options[name][group].double ?? standard
    }
    func steps(_ name: String, _ standard: Int) -> Interval { .steps(options[name].int ?? standard) }
    func child(_ value: JSONValue, _ base: Double) throws -> Schedule {
        try scheduleForCase(
            kind: value["kind"].string ?? "", options: value["options"], baseRate: base, group: group)
    }
    switch kind {
    case "StepLR":
        return .stepDecay(from: base, gamma: option("gamma", 0.1), every: steps("step_size", 0))
    case "MultiStepLR":
        let milestones = (options["milestones"].ints ?? []).map(Interval.steps)
        return .multiStep(from: base, gamma: option("gamma", 0.1), milestones: milestones)
    case "ConstantLR":
        let low = Schedule.constant(base * option("factor", 1.0 / 3))
        return low.then(.constant(base), at: steps("total_iters", 5))
    case "LinearLR":
        let (start, end) = (option("start_factor", 1.0 / 3), option("end_factor", 1))
        return .linear(from: base * start, to: base * end).over(steps("total_iters", 5))
    case "ExponentialLR":
        return .exponentialDecay(from: base, gamma: option("gamma", .nan))
    case "PolynomialLR":
        return .polynomial(from: base, power: option("power", 1)).over(steps("total_iters", 5))
    case "CosineAnnealingLR":
        // torch's goes up again after T_max, so this is the wave, not `.cosine(from:to:)`, which stays down.
        return .cosineWave(from: base, to: option("eta_min", 0), cycles: 0.5, per: steps("T_max", 0))
    case "CosineAnnealingWarmRestarts":
        return .cosineRestarts(
            from: base, to: option("eta_min", 0), first: steps("T_0", 0), multiplier: option("T_mult", 1))
    case "CyclicLR":
        let (up, down, envelope) = torchCycle(options)
        return .cyclical(
            base: option("base_lr", base), peak: option("max_lr", .nan), up: up, down: down, envelope: envelope)
    case "OneCycleLR":
        let cycle = TorchCycle(options)
        return Schedule.torchOneCycle(
            max: option("max_lr", .nan), pctStart: cycle.pctStart, anneal: cycle.anneal,
            divFactor: option("div_factor", 25), finalDivFactor: option("final_div_factor", 1e4),
            threePhase: cycle.threePhase
        ).over(.steps(cycle.total))
    case "SWALR":
        let curve: Schedule.Curve = options["anneal_strategy"].string == "linear" ? .linear : .cosine
        return .ramp(from: base, to: option("swa_lr", .nan), curve: curve).over(steps("anneal_epochs", 10))
    case "LambdaLR":
        let gamma = option("gamma", .nan)
        return options["formula"].string == "inverse_time"
            ? .inverseTime(from: base, rate: gamma) : .naturalDecay(from: base, rate: gamma)
    case "MultiplicativeLR":
        return .multiplicative(from: base, by: option("factor", .nan))
    case "SequentialLR":
        let children = options["schedulers"].array ?? []
        guard let first = children.first else { throw UnreadableScheduleCase(description: "no schedulers") }
        return try zip(children.dropFirst(), options["milestones"].ints ?? [])
            .reduce(child(first, base)) { try $0.then(child($1.0, base), at: .steps($1.1)) }
    case "ChainedScheduler":
        return try (options["schedulers"].array ?? []).reduce(.constant(base)) {
            try $0 * child($1, base).scaled(by: 1 / base)
        }
    case "window":
        let names: [String: Schedule.Window] = ["triangular": .triangular, "welch": .welch, "hann": .hann]
        let scales: [String: Schedule.Envelope] = [
            "halve": .halving, "exp": .exponentialAmplitude(gamma: option("gamma", 1)),
        ]
        let up = steps("step_size_up", 0)
        return .cyclical(
            base: option("base_lr", base), peak: option("max_lr", .nan), up: up,
            down: options["step_size_down"].int.map(Interval.steps) ?? up,
            window: names[options["window"].string ?? ""] ?? .triangular,
            envelope: scales[options["scale"].string ?? ""] ?? .constant)
    default:
        throw UnreadableScheduleCase(description: "there is no schedule kind \(kind)")
    }
}

/// The momentum of one parameter group; nil where the kind does not schedule it.
func momentumForCase(kind: String, options: JSONValue, group: Int = 0) -> Schedule? {
    guard options["cycle_momentum"].bool ?? true else { return nil }
    func option(_ name: String, _ standard: Double) -> Double {
        options[name].double ?? options[name][group].double ?? standard
    }
    switch kind {
    case "CyclicLR":
        let (up, down, envelope) = torchCycle(options)
        return .cyclicalMomentum(
            high: option("max_momentum", 0.9), low: option("base_momentum", 0.8), up: up, down: down,
            envelope: envelope)
    case "OneCycleLR":
        let cycle = TorchCycle(options)
        return Schedule.torchOneCycleMomentum(
            high: option("max_momentum", 0.95), low: option("base_momentum", 0.85), pctStart: cycle.pctStart,
            anneal: cycle.anneal, threePhase: cycle.threePhase
        ).over(.steps(cycle.total))
    default:
        return nil
    }
}

/// What rate and momentum of torch's `CyclicLR` share.
private func torchCycle(_ options: JSONValue) -> (up: Interval, down: Interval, envelope: Schedule.Envelope) {
    let up = options["step_size_up"].int ?? 2000
    let envelope: Schedule.Envelope =
        switch options["mode"].string {
        case "triangular2": .halving
        case "exp_range": .exponentialAmplitude(gamma: options["gamma"].double ?? 1)
        default: .constant
        }
    return (.steps(up), .steps(options["step_size_down"].int ?? up), envelope)
}

/// What rate and momentum of torch's `OneCycleLR` share.
private struct TorchCycle {
    let total: Int
    let pctStart: Double
    let anneal: Schedule.Anneal
    let threePhase: Bool

    init(_ options: JSONValue) {
        total = options["total_steps"].int ?? (options["epochs"].int ?? 0) * (options["steps_per_epoch"].int ?? 0)
        pctStart = options["pct_start"].double ?? 0.3
        anneal = options["anneal_strategy"].string == "linear" ? .linear : .cosine
        threePhase = options["three_phase"].bool ?? false
    }
}

/// The kinds of Hugging Face's `optimization.py`, whose cosine goes on past the number of training steps.
private func huggingFace(_ kind: String, _ options: JSONValue, _ base: Double) throws -> Schedule {
    let warmup = options["num_warmup_steps"].int ?? 0
    let rest = Interval.steps(max(1, (options["num_training_steps"].int ?? 0) - warmup))
    func option(_ name: String, _ standard: Double) -> Double { options[name].double ?? standard }
    func warmed(_ body: Schedule) -> Schedule { body.warmup(over: .steps(warmup)) }
    switch kind {
    case "hf.constant", "hf.constant_with_warmup":
        return warmed(.constant(base))
    case "hf.linear_with_warmup":
        return warmed(.linear(from: base, to: 0).over(rest))
    case "hf.cosine_with_warmup":
        let floor = base * option("min_lr_rate", 0)
        return warmed(.cosineWave(from: base, to: floor, cycles: option("num_cycles", 0.5), per: rest))
    case "hf.cosine_with_hard_restarts":
        let cycles = option("num_cycles", 1)
        let body = Schedule.cosine(from: base, to: 0).repeated(every: .fraction(1 / cycles)).over(rest)
        return warmed(body.then(.constant(0), at: rest))
    case "hf.polynomial_with_warmup":
        return warmed(
            .polynomial(from: base, to: option("lr_end", 1e-7), power: option("power", 1)).over(rest))
    case "hf.inverse_sqrt":
        let timescale = options["timescale"].int ?? (warmup > 0 ? warmup : 10_000)
        return warmed(.inverseSquareRoot(from: base, timescale: .steps(timescale)))
    case "hf.warmup_stable_decay":
        let decay = options["num_decay_steps"].int ?? 0
        let stable =
            options["num_stable_steps"].int ?? max(0, (options["num_training_steps"].int ?? 0) - warmup - decay)
        let floor = base * option("min_lr_ratio", 0)
        let curves: [String: (up: Schedule.Curve, down: Schedule.Curve)] = [
            "linear": (.linear, .linear), "cosine": (.cosine, .cosine), "1-sqrt": (.squareRootMirrored, .squareRoot),
        ]
        let up = curves[options["warmup_type"].string ?? "linear"]?.up ?? .linear
        let down = curves[options["decay_type"].string ?? "cosine"]?.down ?? .cosine
        let fall =
            down == .cosine
            ? Schedule.cosineWave(from: base, to: floor, cycles: option("num_cycles", 0.5), per: .steps(decay))
            : .ramp(from: base, to: floor, curve: down)
        return Schedule.ramp(from: floor, to: base, curve: up)
            .then(.constant(base), at: .steps(warmup))
            .then(fall, at: .steps(warmup + stable))
            .then(.constant(floor), at: .steps(warmup + stable + decay))
    default:
        throw UnreadableScheduleCase(description: "there is no schedule kind \(kind)")
    }
}

/// One call of a fastai fit.
private struct FastaiPhase {
    var epochs: Int
    var frozenGroups = 0
    var rates: [Schedule]
    var momentum: Schedule?

    func results(at progress: [Double]) -> JSONValue {
        func row(_ schedule: Schedule) -> JSONValue { .array(progress.map { .number(schedule.value(at: $0)) }) }
        var members: [String: JSONValue] = [
            "n_epoch": .number(Double(epochs)), "frozen_groups": .number(Double(frozenGroups)),
            "lr": .array(rates.map(row)),
        ]
        if let momentum { members["momentum"] = .array(rates.map { _ in row(momentum) }) }
        return .object(members)
    }
}

/// A number, a list, or a Python slice, for so many groups.
private func fastaiRates(_ value: JSONValue, groups: Int, standard: Double = 1e-3) throws -> [Double] {
    if let stop = value["stop"].double {
        if let start = value["start"].double { return try RateSpread.spread(start, stop).rates(groups: groups) }
        return try RateSpread.stop(stop).rates(groups: groups)
    }
    if let list = value.doubles { return try list.rates(groups: groups) }
    return try (value.double ?? standard).rates(groups: groups)
}

private func oneCyclePhase(
    _ options: JSONValue, epochs: Int, rates: [Double], pctStart: Double, div: Double
) -> FastaiPhase {
    let moms = options["moms"].doubles ?? [0.95, 0.85, 0.95]
    let divFinal = options["div_final"].double ?? 1e5
    return FastaiPhase(
        epochs: epochs, rates: rates.map { .oneCycle(max: $0, div: div, divFinal: divFinal, pctStart: pctStart) },
        momentum: .oneCycleMomentum(moms[0], moms[1], moms[2], pctStart: pctStart))
}

private func fastaiPhases(_ kind: String, _ options: JSONValue, groups: Int) throws -> [FastaiPhase] {
    func option(_ name: String, _ standard: Double) -> Double { options[name].double ?? standard }
    switch kind {
    case "fastai.fit_one_cycle":
        return [
            oneCyclePhase(
                options, epochs: options["n_epoch"].int ?? 1,
                rates: try fastaiRates(options["lr_max"], groups: groups),
                pctStart: option("pct_start", 0.25), div: option("div", 25))
        ]
    case "fastai.fit_flat_cos":
        let rates = try fastaiRates(options["lr"], groups: groups)
        return [
            FastaiPhase(
                epochs: options["n_epoch"].int ?? 1,
                rates: rates.map {
                    .flatCosine($0, divFinal: option("div_final", 1e5), pctStart: option("pct_start", 0.75))
                })
        ]
    case "fastai.fit_sgdr":
        let (cycles, length) = (options["n_cycles"].int ?? 1, options["cycle_len"].int ?? 1)
        let multiplier = options["cycle_mult"].int ?? 2
        let lengths = (0..<cycles).reduce(into: [length]) { lengths, _ in
            lengths.append((lengths.last ?? length) * multiplier)
        }
        let rates = try fastaiRates(options["lr_max"], groups: groups)
        return [
            FastaiPhase(
                epochs: lengths.prefix(cycles).reduce(0, +),
                rates: rates.map {
                    .cosine(from: $0, to: 0).restarts(cycles: cycles, multiplier: Double(multiplier))
                })
        ]
    case "fastai.fine_tune":
        let base = option("base_lr", 2e-3)
        var head = oneCyclePhase(
            options, epochs: options["freeze_epochs"].int ?? 1, rates: try RateSpread.stop(base).rates(groups: groups),
            pctStart: 0.99, div: 25)
        head.frozenGroups = max(0, groups - 1)
        let spread = RateSpread.spread(base / 2 / option("lr_mult", 100), base / 2)
        let body = oneCyclePhase(
            options, epochs: options["epochs"].int ?? 1, rates: try spread.rates(groups: groups),
            pctStart: option("pct_start", 0.3), div: option("div", 5))
        return [head, body]
    default:
        throw UnreadableScheduleCase(description: "there is no schedule kind \(kind)")
    }
}

private func annealer(_ kind: String, _ options: JSONValue) throws -> Schedule {
    let start = options["start"].double ?? .nan
    let end = options["end"].double ?? .nan
    switch kind {
    case "fastai.anneal.lin": return .linear(from: start, to: end)
    case "fastai.anneal.cos": return .cosine(from: start, to: end)
    case "fastai.anneal.no": return .constant(start)
    case "fastai.anneal.exp": return .exponential(from: start, to: end)
    case "fastai.anneal.poly": return .power(from: start, to: end, exponent: options["power"].double ?? .nan)
    default: throw UnreadableScheduleCase(description: "there is no schedule kind \(kind)")
    }
}

private func plateauResults(_ options: JSONValue, rates: [Double], metrics: [JSONValue]) -> [String: JSONValue] {
    let threshold = options["threshold"].double ?? 1e-4
    let direction: PlateauRule.Direction = options["mode"].string == "max" ? .max : .min
    var rule = PlateauRule(
        direction: direction, factor: options["factor"].double ?? 0.1, patience: options["patience"].int ?? 10,
        threshold: options["threshold_mode"].string == "abs" ? .absolute(threshold) : .relative(threshold),
        cooldown: options["cooldown"].int ?? 0,
        floors: options["min_lr"].doubles ?? [options["min_lr"].double ?? 0],
        leastChange: options["eps"].double ?? 1e-8)
    var current = rates
    var columns: [String: [JSONValue]] = [:]
    var table = rates.map { _ in [JSONValue]() }
    for metric in metrics {
        current = rule.update(metric.double ?? .nan, rates: current)
        for group in table.indices { table[group].append(.number(current[group])) }
        columns["num_bad_epochs", default: []].append(.number(Double(rule.badChecks)))
        columns["best", default: []].append(.number(rule.best ?? (direction == .min ? .infinity : -.infinity)))
        columns["cooldown_counter", default: []].append(.number(Double(rule.cooldownCounter)))
    }
    return columns.mapValues(JSONValue.array).merging(["lr": .array(table.map(JSONValue.array))]) { $1 }
}
