/// A number as Swift source: `0.003`, `25`, `1e-05`, `.infinity`.
func literal(_ value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.infinity" : ".infinity" }
    if value.magnitude < 1e15, let whole = Int(exactly: value) { return "\(whole)" }
    return "\(value)"
}
