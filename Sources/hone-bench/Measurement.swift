import Foundation
import Hone

/// Some repetitions of one measurement, printed as a JSON line or as a row of a table.
struct Measurement {
    let bench: String
    let name: String
    let metric: String
    let unit: String
    let values: [Double]
    var extra: [(String, String)] = []

    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    func emit(_ options: BenchOptions) {
        let (low, high) = (values.min() ?? .nan, values.max() ?? .nan)
        if options.asTable {
            let tail = extra.map { "\($0)=\($1)" }.joined(separator: " ")
            let name = [bench, self.name, metric].joined(separator: " ").padding(
                toLength: 40, withPad: " ", startingAt: 0)
            print("\(name) \(number(median)) \(unit)  (\(number(low)) to \(number(high)))  \(tail)")
            return
        }
        var fields: [(String, String)] = [
            ("bench", bench.jsonQuoted), ("impl", "hone".jsonQuoted), ("case", name.jsonQuoted),
            ("threads", "\(threads)"),
            ("metric", metric.jsonQuoted), ("median", number(median)), ("min", number(low)), ("max", number(high)),
            ("reps", "\(values.count)"), ("unit", unit.jsonQuoted),
        ]
        fields += extra
        print("{" + fields.map { "\($0.jsonQuoted): \($1)" }.joined(separator: ", ") + "}")
    }

    private func number(_ value: Double) -> String { String(format: "%.6g", value) }
}

/// Seconds per call of `body`, once for each repetition, each of enough calls to last about 50 ms.
func measure(_ options: BenchOptions, _ body: () throws -> Void) rethrows -> [Double] {
    let clock = ContinuousClock()
    func seconds(_ count: Int) throws -> Double {
        let start = clock.now
        for _ in 0..<count { try body() }
        let duration = clock.now - start
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
    _ = try seconds(1)
    let once = max(1e-9, try seconds(1))
    let count = max(1, Int(0.05 / once))
    return try (0..<options.repetitions).map { _ in try seconds(count) / Double(count) }
}
