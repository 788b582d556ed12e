import Hone

/// Runs a case of noise.json.
func runNoiseCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    switch kind {
    case "micro_batches": try runMicroBatches(test, comparison)
    case "two_batch_norms":
        let rows = try (test.inputs["rows"].array ?? []).map { row -> JSONValue in
            guard let small = row["b_small"].int, let big = row["b_big"].int,
                let smallNorm = row["sq_norm_small"].double, let bigNorm = row["sq_norm_big"].double
            else { throw Unmet("no norms") }
            return object(NoiseEstimate(small: (small, smallNorm), big: (big, bigNorm)))
        }
        try comparison.expect(.array(rows), test.expected["rows"], "rows")
    case "per_example":
        guard let gradients = VectorTensor(test.inputs["grads"]) else { throw Unmet("no gradients") }
        let rows = rows(of: gradients)
        let estimate = NoiseEstimate(
            examples: rows.map(squaredNorm), mean: squaredNorm(mean(rows, rows.map { _ in 1 })))
        try comparison.expect(object(estimate), test.expected, "expected")
    case "smith_le":
        let rows = try (test.inputs["rows"].array ?? []).map { row -> JSONValue in
            guard let rate = row["lr"].double, let dataset = row["dataset_size"].int, let batch = row["batch_size"].int,
                let momentum = row["momentum"].double
            else { throw Unmet("no rate") }
            return .object([
                "g_exact": .number(NoiseScale.exact(rate: rate, dataset: dataset, batch: batch)),
                "g_large_n": .number(NoiseScale.largeDataset(rate: rate, dataset: dataset, batch: batch)),
                "g_momentum": .number(
                    NoiseScale.withMomentum(rate: rate, dataset: dataset, batch: batch, momentum: momentum)),
            ])
        }
        try comparison.expect(.array(rows), test.expected["rows"], "rows")
    default: throw Skip.unknownKind(kind)
    }
}

private func runMicroBatches(_ test: VectorCase, _ comparison: Comparison) throws {
    var estimator = NoiseScaleEstimator(
        beta: try Options(test.config, reading: ["kind", "beta", "dim"]).double("beta", 0.99))
    var (raw, smoothed): ([JSONValue], [JSONValue]) = ([], [])
    for step in test.inputs["steps"].array ?? [] {
        guard let sizes = step["sizes"].ints, let gradients = VectorTensor(step["grads"]) else {
            throw Unmet("no gradients")
        }
        let parts = rows(of: gradients)
        let whole = squaredNorm(mean(parts, sizes.map(Double.init)))
        let estimate = NoiseEstimate(
            microBatches: zip(sizes, parts).map { ($0, squaredNorm($1)) }, whole: whole)
        estimator.add(estimate)
        let small = zip(sizes, parts).reduce(0) { $0 + Double($1.0) * squaredNorm($1.1) }
        if case .object(var entry) = object(estimate) {
            entry["b_simple"] = nil
            entry["small_sq_norm"] = .number(small / Double(sizes.reduce(0, +)))
            entry["big_sq_norm"] = .number(whole)
            raw.append(.object(entry))
        } else {
            raw.append(.null)
        }
        smoothed.append(object(estimator.average))
    }
    try comparison.expect(.array(raw), test.expected["raw"], "raw")
    try comparison.expect(.array(smoothed), test.expected["smoothed"], "smoothed")
}

private func object(_ estimate: NoiseEstimate?) -> JSONValue {
    guard let estimate else { return .null }
    return .object([
        "g2": .number(estimate.squaredGradient), "trace": .number(estimate.trace),
        "b_simple": estimate.simpleNoiseScale.map { .number($0) } ?? .null,
    ])
}

private func rows(of tensor: VectorTensor) -> [[Double]] {
    guard tensor.shape.count == 2 else { return [] }
    return (0..<tensor.shape[0]).map { Array(tensor.data[$0 * tensor.shape[1]..<($0 + 1) * tensor.shape[1]]) }
}

private func squaredNorm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }

private func mean(_ rows: [[Double]], _ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +)
    return (rows.first ?? []).indices.map { column in
        zip(rows, weights).reduce(0) { $0 + $1.0[column] * $1.1 } / total
    }
}
