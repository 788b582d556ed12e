import Hone

/// Runs a case of lrfind.json.
func runSweepCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    switch kind {
    case "ema":
        var mean = SmoothedMean(beta: try Options(test.config, reading: ["kind", "beta"]).double("beta", 0.98))
        let smooth = (test.inputs["values"].doubles ?? []).map { value in
            mean.add(value)
            return mean.value
        }
        try comparison.expect(smooth, test.expected["smooth"].doubles ?? [], "smooth")
    case "lr_find":
        try runSweep(test, comparison)
    default:
        throw Skip.unknownKind(kind)
    }
}

private func runSweep(_ test: VectorCase, _ comparison: Comparison) throws {
    let options = try Options(
        test.config,
        reading: ["kind", "start_lr", "end_lr", "num_it", "stop_div", "beta", "divergence_factor"])
    for (name, standard) in [("beta", 0.98), ("divergence_factor", 4)] {
        let value = try options.double(name, standard)
        if value != standard { throw Skip.option("option \(name): \(value)") }
    }
    guard let losses = VectorTensor(test.inputs["raw_losses"])?.data else { throw Unmet("no losses") }
    var sweep = try LearningRateSweep(
        start: options.double("start_lr", 1e-7), end: options.double("end_lr", 10), steps: options.int("num_it") ?? 100,
        stopsWhenDiverging: options.bool("stop_div", true))
    for loss in losses where !sweep.isOver { sweep.add(loss) }

    let expected = test.expected
    try comparison.expect(.number(Double(sweep.losses.count)), expected["n_run"], "n_run")
    try comparison.expect(.bool(sweep.hasDiverged), expected["diverged"], "diverged")
    try comparison.expect(sweep.rates, expected["lrs"].doubles ?? [], "lrs")
    try comparison.expect(sweep.smoothedLosses, VectorTensor(expected["smooth"])?.data ?? [], "smooth")

    guard let rates = VectorTensor(expected["trimmed_lrs"])?.data,
        let trimmed = VectorTensor(expected["trimmed_losses"])?.data
    else { throw Unmet("no trimmed curve") }
    try comparison.expect(.number(Double(sweep.trimmed.losses.count)), expected["trim"]["count"], "trim.count")
    try comparison.expect(sweep.trimmed.rates, rates, "trimmed_lrs")
    try comparison.expect(sweep.trimmed.losses, trimmed, "trimmed_losses")

    for (name, value) in (expected["suggestions"].object ?? [:]).sorted(by: { $0.key < $1.key }) {
        guard let suggestion = LearningRateSweep.Suggestion(rawValue: name) else {
            throw Skip.option("suggestion \(name)")
        }
        try expectSuggestion(value, comparison, name) {
            try LearningRateSweep.suggestion(suggestion, rates: rates, losses: trimmed)
        }
        if expected["robust"][name].bool == true {
            try expectSuggestion(value, comparison, "\(name) of the whole sweep") { try sweep.suggestion(suggestion) }
        }
    }
}

/// The suggested rate; where the reference has none, there must be an error.
private func expectSuggestion(
    _ value: JSONValue, _ comparison: Comparison, _ name: String, _ suggest: () throws -> Double
) throws {
    guard let rate = value["lr"].double else {
        if let invented = try? suggest() { throw Unmet("\(name) is \(invented), expected none") }
        return
    }
    try comparison.expect(try suggest(), rate, name)
}
