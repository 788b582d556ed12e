import Foundation

/// A number with a fixed number of decimals, the same in every locale.
func format(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
}

/// A rate in few characters: `3.0e-03`.
func formatRate(_ value: Double) -> String { String(format: "%.1e", value) }
