import Foundation

/// Writes numbers for people: short, and the same in every locale.
public enum NumberText {
    /// Returns a number with so many significant digits and no zeros after them: `0.003`, `3e-4`, `12.5`, `1.2e7`.
    ///
    /// Whole numbers below a million are written out.
    public static func compact(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
        let parts = significant(value, digits: min(15, max(1, digits)))
        let sign = value < 0 ? "-" : ""
        let size = parts.exponent + String(parts.mantissa).count - 1
        if size >= -3, size < 6 { return sign + plain(parts.mantissa, exponent: parts.exponent) }
        return sign + scientific(parts.mantissa, exponent: parts.exponent)
    }

    /// A positive number as an integer times a power of ten, rounded, the integer without zeros at its end.
    private static func significant(_ value: Double, digits: Int) -> (mantissa: Int, exponent: Int) {
        let size = abs(value)
        var exponent = Int(log10(size).rounded(.down)) - digits + 1
        // Two steps, for 10^-exponent alone would overflow for the smallest numbers.
        let half = exponent / 2
        let scaled = size / pow(10, Double(half)) / pow(10, Double(exponent - half))
        var mantissa = Int(min(1e16, scaled.rounded()))
        while mantissa != 0, mantissa % 10 == 0 {
            mantissa /= 10
            exponent += 1
        }
        return (mantissa, exponent)
    }

    /// `mantissa × 10^exponent` written out; `decimals` adds zeros at the end to make columns alike.
    package static func plain(_ mantissa: Int, exponent: Int, decimals: Int = 0) -> String {
        let sign = mantissa < 0 ? "-" : ""
        var digits = String(mantissa.magnitude)
        guard exponent < 0 else {
            if mantissa != 0 { digits += String(repeating: "0", count: exponent) }
            return sign + digits + (decimals > 0 ? "." + String(repeating: "0", count: decimals) : "")
        }
        let places = -exponent
        if digits.count <= places { digits = String(repeating: "0", count: places - digits.count + 1) + digits }
        let padding = String(repeating: "0", count: max(0, decimals - places))
        return sign + digits.dropLast(places) + "." + digits.suffix(places) + padding
    }

    /// `mantissa × 10^exponent` with one digit before the point, as in `2.5e-4`.
    package static func scientific(_ mantissa: Int, exponent: Int) -> String {
        guard mantissa != 0 else { return "0" }
        var digits = String(mantissa.magnitude)
        let power = exponent + digits.count - 1
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let rest = digits.dropFirst()
        return (mantissa < 0 ? "-" : "") + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e\(power)"
    }

    /// A coordinate of a picture, with at most one decimal.
    package static func coordinate(_ value: Double) -> String {
        tenths(Self.tenths(of: value))
    }

    /// A coordinate in tenths, kept small enough for every viewer.
    package static func tenths(of value: Double) -> Int {
        value.isNaN ? 0 : Int((min(1e6, max(-1e6, value)) * 10).rounded())
    }

    /// Tenths as a decimal number: 125 is `12.5`, -5 is `-.5`, 120 is `12`.
    package static func tenths(_ count: Int) -> String {
        let whole = count.magnitude / 10
        let rest = count.magnitude % 10
        let sign = count < 0 ? "-" : ""
        if rest == 0 { return sign + String(whole) }
        return sign + (whole == 0 ? "" : String(whole)) + "." + String(rest)
    }
}
