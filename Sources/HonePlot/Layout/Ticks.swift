import Foundation

/// A place on an axis that is marked with its number.
package struct Tick: Sendable, Equatable {
    package var value: Double
    package var label: String
}

/// The marked places of an axis.
package struct Ticks: Sendable, Equatable {
    /// The places with a label and a grid line.
    package var major: [Tick]
    /// The places between them that get a short stroke alone.
    package var minor: [Double]

    package init(major: [Tick] = [], minor: [Double] = []) {
        self.major = major
        self.minor = minor
    }
}

// MARK: - Linear

extension Ticks {
    /// The multiples of 1, 2 or 5 times a power of ten in a range, about so many of them.
    package static func linear(from lower: Double, to upper: Double, count: Int) -> [Tick] {
        guard let step = Step(span: upper - lower, count: count) else { return [] }
        // A hair outside counts as inside: 0.3 is 2.9999999999999996 steps of 0.1.
        let slack = 1e-9
        let first = (lower / step.size - slack).rounded(.up)
        let last = (upper / step.size + slack).rounded(.down)
        guard abs(first) < 1e15, abs(last) < 1e15, first <= last, last - first < 1000 else { return [] }
        let multiples = Array(Int(first)...Int(last))
        let labels = linearLabels(multiples.map { $0 * step.digit }, exponent: step.exponent)
        return zip(multiples, labels).map { Tick(value: step.value(at: $0), label: $1) }
    }

    /// A step of 1, 2 or 5 times a power of ten.
    private struct Step {
        let digit: Int
        let exponent: Int

        /// The step that divides a span into about `count` parts, or `nil` where there is none.
        init?(span: Double, count: Int) {
            let raw = span / Double(max(1, count))
            guard raw.isFinite, raw > 1e-300 else { return nil }
            let power = log10(raw).rounded(.down)
            let lead = raw / pow(10, power)
            // The borders are the geometric means of neighbouring steps.
            switch lead {
            case ..<1.4142: digit = 1
            case ..<3.1623: digit = 2
            case ..<7.0711: digit = 5
            default: digit = 10
            }
            exponent = Int(power)
        }

        var size: Double { value(at: 1) }

        /// A multiple of the step; dividing by a whole power of ten gives the double nearest to the decimal number.
        func value(at multiple: Int) -> Double {
            let mantissa = Double(multiple * digit)
            return exponent < 0 ? mantissa / pow(10, Double(-exponent)) : mantissa * pow(10, Double(exponent))
        }
    }

    /// Labels of the numbers `mantissa × 10^exponent`, all written in the same way.
    private static func linearLabels(_ mantissas: [Int], exponent: Int) -> [String] {
        let largest = Double(mantissas.map(\.magnitude).max() ?? 0) * pow(10, Double(exponent))
        // 10 as the digit of a step leaves a zero at the end of every mantissa.
        let divisible = exponent < 0 && mantissas.allSatisfy { $0 % 10 == 0 }
        let mantissas = divisible ? mantissas.map { $0 / 10 } : mantissas
        let exponent = divisible ? exponent + 1 : exponent
        if largest > 0, largest < 1e-3 || largest >= 1e9 {
            return mantissas.map { NumberText.scientific($0, exponent: exponent) }
        }
        let (shift, suffix) = largest >= 1e6 ? (6, "M") : largest >= 1e4 ? (3, "k") : (0, "")
        return mantissas.map { mantissa in
            if mantissa == 0, shift > 0 { return "0" }
            return NumberText.plain(mantissa, exponent: exponent - shift) + suffix
        }
    }
}

// MARK: - Logarithmic

extension Ticks {
    /// The marks of a logarithmic axis: powers of ten; 2 and 5 times them where few fit; round numbers within a decade.
    package static func logarithmic(from lower: Double, to upper: Double, count: Int) -> Ticks {
        guard lower > 0, upper > lower, upper.isFinite else { return Ticks() }
        let decades = Decades(lower: log10(lower), upper: log10(upper))
        for mantissas in [[1, 2, 5], [1, 3]] {
            let places = decades.places(mantissas)
            guard places.count >= 3, places.count <= max(3, count) else { continue }
            return Ticks(major: labelled(places), minor: decades.values((2...9).filter { !mantissas.contains($0) }))
        }
        let powers = decades.places([1])
        if powers.count >= 2 {
            let every = (powers.count + max(1, count) - 1) / max(1, count)
            if every == 1 {
                return Ticks(major: labelled(powers), minor: powers.count > 12 ? [] : decades.values(Array(2...9)))
            }
            let between = powers.filter { $0.power % every != 0 }
            return Ticks(major: labelled(powers.filter { $0.power % every == 0 }), minor: between.map(value))
        }
        let few = decades.places([1, 3])
        if few.count >= 2 { return Ticks(major: labelled(few), minor: decades.values([2, 4, 5, 6, 7, 8, 9])) }
        return Ticks(major: linear(from: lower, to: upper, count: count).filter { $0.value > 0 })
    }

    /// A round number, `mantissa × 10^power`.
    private typealias Place = (mantissa: Int, power: Int)

    /// The powers of ten around the numbers of an axis.
    private struct Decades {
        let lower: Double
        let upper: Double

        /// The multiples of powers of ten that lie on the axis, ascending.
        func places(_ mantissas: [Int]) -> [Place] {
            let slack = 1e-9
            return (Int(lower.rounded(.down)) - 1...Int(upper.rounded(.up))).flatMap { power in
                mantissas.map { (mantissa: $0, power: power) }
            }.filter { place in
                let height = log10(Double(place.mantissa)) + Double(place.power)
                return height >= lower - slack && height <= upper + slack
            }
        }

        func values(_ mantissas: [Int]) -> [Double] {
            places(mantissas).map(Ticks.value)
        }
    }

    private static func value(_ place: Place) -> Double {
        let mantissa = Double(place.mantissa)
        return place.power < 0 ? mantissa / pow(10, Double(-place.power)) : mantissa * pow(10, Double(place.power))
    }

    /// Ticks with labels that are all written out, or all with an exponent.
    private static func labelled(_ places: [Place]) -> [Tick] {
        let isPlain = places.allSatisfy { (-3...4).contains($0.power) }
        return places.map { place in
            Tick(
                value: value(place),
                label: isPlain
                    ? NumberText.plain(place.mantissa, exponent: place.power)
                    : NumberText.scientific(place.mantissa, exponent: place.power))
        }
    }
}
