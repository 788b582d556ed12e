import Foundation

extension Schedule {
    /// The shape of one cycle, from base to peak and back, as a function of x = −1 … 1 with the peak at x = 0.
    ///
    /// Smith 2015 (arXiv 1506.01186, section 3) tried the three and found them equivalent, and kept the triangle.
    public enum Window: String, Codable, CaseIterable, Sendable {
        /// 1 − |x|.
        case triangular
        /// 1 − x², a parabola (Welch).
        case welch
        /// ½(1 + cos πx), a raised cosine (Hann).
        case hann

        func weight(at x: Double) -> Double {
            switch self {
            case .triangular: 1 - abs(x)
            case .welch: 1 - x * x
            case .hann: 0.5 * (1 + cosOfTurns(x / 2))
            }
        }
    }

    /// How the cycles shrink as training goes on.
    public enum Envelope: Equatable, Sendable {
        /// All cycles alike. (Smith's `triangular`.)
        case constant
        /// Each cycle has half the amplitude of the one before. (Smith's `triangular2`.)
        case halving
        /// Each cycle has `factor` times the amplitude of the one before.
        case perCycle(factor: Double)
        /// The amplitude shrinks as gamma^t, t in steps, and the base stays: what the common code calls `exp_range`
        /// (bckenstler/CLR, torch `CyclicLR`).
        case exponentialAmplitude(gamma: Double)
        /// Base and peak both shrink as gamma^t, t in steps: `exp_range` as the text of Smith 2015 has it.
        case exponentialBounds(gamma: Double)
        /// The amplitude is multiplied by a function of the cycle's index (from 0) and of the steps since the start.
        case function(NamedFunction)

        /// The amplitude multiplied by a closure of one's own.
        ///
        /// - Parameters:
        ///   - name: what it is called; two closures of one name count as equal.
        ///   - scale: gives the factor from the cycle's index (from 0) and the steps since the start.
        public static func custom(
            _ name: String, _ scale: @escaping @Sendable (_ cycle: Double, _ steps: Double) -> Double
        ) -> Envelope {
            .function(NamedFunction(name: name, body: scale))
        }
    }

    /// A cyclical learning rate: from base up to peak and back, over and over (Smith 2015, arXiv 1506.01186).
    ///
    /// With c the index of the cycle and x = −1 … 1 the place in it, the value is
    /// base + (peak − base)·window(x)·envelope(c, t). A base above the peak gives the inverse cycle of a momentum:
    /// see ``cyclicalMomentum(high:low:up:down:window:envelope:)``. Smith advises half cycles of 2 to 10 epochs, and
    /// to stop at the end of a cycle.
    ///
    /// - Parameters:
    ///   - base: the value at the start of each cycle.
    ///   - peak: the value in the middle.
    ///   - up: the length of the first half of a cycle, Smith's step size; 0 starts each cycle at the peak.
    ///   - down: the length of the second half; that of `up` when nil, 0 drops from the peak at once.
    ///   - window: the shape of the cycle.
    ///   - envelope: how cycles shrink.
    public static func cyclical(
        base: Double, peak: Double, up: Interval, down: Interval? = nil,
        window: Window = .triangular, envelope: Envelope = .constant
    ) -> Schedule {
        Schedule(
            .cyclical(
                Cyclical(base: base, peak: peak, up: up, down: down ?? up, window: window, envelope: envelope)))
    }

    /// The momentum that goes with ``cyclical(base:peak:up:down:window:envelope:)``: high where the rate is low.
    ///
    /// torch's `CyclicLR` does this with `max_momentum` and `base_momentum`.
    ///
    /// - Parameters:
    ///   - high: the momentum at the start of each cycle, 0..<1.
    ///   - low: the momentum in the middle, 0..<1.
    ///   - up: the length of the first half of a cycle, that of the rate.
    ///   - down: the length of the second half; that of `up` when nil.
    ///   - window: the shape of the cycle.
    ///   - envelope: how cycles shrink.
    public static func cyclicalMomentum(
        high: Double = 0.95, low: Double = 0.85, up: Interval, down: Interval? = nil,
        window: Window = .triangular, envelope: Envelope = .constant
    ) -> Schedule {
        cyclical(base: high, peak: low, up: up, down: down, window: window, envelope: envelope)
    }
}

/// Smith's cycle.
struct Cyclical: ScheduleShape {
    var base: Double
    var peak: Double
    var up: Interval
    var down: Interval
    var window: Schedule.Window
    var envelope: Schedule.Envelope

    func value(at moment: Moment) -> Double {
        let up = moment.length(of: up)
        let down = moment.length(of: down)
        guard up + down > 0 else { return up + down <= 0 ? base : .nan }
        var cycle = wholePart(moment.position / (up + down))
        var time = max(0, moment.position - cycle * (up + down))
        if moment.isEnd && time == 0 && cycle > 0 {
            // The run ends with a whole cycle: its last value is that cycle's end, not the start of another.
            cycle -= 1
            time = up + down
        }
        let x = time < up ? time / up - 1 : min(1, (time - up) / down)
        let height = (peak - base) * (down > 0 || time < up ? window.weight(at: x) : 1)
        switch envelope {
        case .constant: return within(base, peak, base + height)
        case .halving: return base + height * exp2(-cycle)
        case .perCycle(let factor): return base + height * pow(factor, cycle)
        case .exponentialAmplitude(let gamma): return base + height * pow(gamma, moment.steps)
        case .exponentialBounds(let gamma): return (base + height) * pow(gamma, moment.steps)
        case .function(let function): return base + height * function.body(cycle, moment.steps)
        }
    }

    var expression: String {
        let ends = ".cyclical(base: \(literal(base)), peak: \(literal(peak)), up: \(up), down: \(down)"
        let window = window == .triangular ? "" : ", window: .\(window.rawValue)"
        let envelope = envelope == .constant ? "" : ", envelope: \(envelope)"
        return ends + window + envelope + ")"
    }

    var bounds: ClosedRange<Double>? {
        switch envelope {
        case .constant, .halving: range(base, peak)
        case .perCycle(let factor): (0...1).contains(factor) ? range(base, peak) : nil
        case .exponentialAmplitude(let gamma): (0...1).contains(gamma) ? range(base, peak) : nil
        case .exponentialBounds(let gamma): (0...1).contains(gamma) ? union(range(base, peak), 0...0) : nil
        case .function: nil
        }
    }

    var intervals: [(name: String, interval: Interval)] { [("cyclical(up:)", up), ("cyclical(down:)", down)] }

    var countsSteps: Bool {
        switch envelope {
        case .constant, .halving, .perCycle: false
        case .exponentialAmplitude, .exponentialBounds, .function: true
        }
    }

    func check() throws {
        try require(base.isFinite, "cyclical(base:)", "a finite number", base)
        try require(peak.isFinite, "cyclical(peak:)", "a finite number", peak)
        if up.isEmpty && down.isEmpty {
            throw ScheduleError.invalid(
                parameter: "cyclical(up:down:)", expected: "a cycle longer than 0", got: "up \(up), down \(down)")
        }
        switch envelope {
        case .perCycle(let factor):
            try require(factor.isFinite && factor > 0, "perCycle(factor:)", "a finite number above 0", factor)
        case .exponentialAmplitude(let gamma), .exponentialBounds(let gamma):
            try require(gamma.isFinite && gamma > 0, "cyclical(envelope:)", "of a finite gamma above 0", gamma)
        case .constant, .halving, .function:
            break
        }
    }
}

extension Schedule.Envelope: Codable, CustomStringConvertible {
    private enum CodingKeys: String, CodingKey { case kind, factor }

    /// The Swift expression, such as `.perCycle(factor: 0.5)`; a closure shows its name alone.
    public var description: String {
        switch self {
        case .constant: ".constant"
        case .halving: ".halving"
        case .perCycle(let factor): ".perCycle(factor: \(literal(factor)))"
        case .exponentialAmplitude(let gamma): ".exponentialAmplitude(gamma: \(literal(gamma)))"
        case .exponentialBounds(let gamma): ".exponentialBounds(gamma: \(literal(gamma)))"
        case .function(let function): ".custom(\"\(function.name)\") { … }"
        }
    }

    /// Writes the kind and its factor; throws ``ScheduleError/notEncodable(name:)`` for a closure.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let (kind, factor): (String, Double?) =
            switch self {
            case .constant: ("constant", nil)
            case .halving: ("halving", nil)
            case .perCycle(let factor): ("perCycle", factor)
            case .exponentialAmplitude(let gamma): ("exponentialAmplitude", gamma)
            case .exponentialBounds(let gamma): ("exponentialBounds", gamma)
            case .function(let function): throw ScheduleError.notEncodable(name: function.name)
            }
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(factor, forKey: .factor)
    }

    /// Reads what `encode(to:)` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(String.self, forKey: .kind) {
        case "constant": self = .constant
        case "halving": self = .halving
        case "perCycle": self = .perCycle(factor: try container.decode(Double.self, forKey: .factor))
        case "exponentialAmplitude":
            self = .exponentialAmplitude(gamma: try container.decode(Double.self, forKey: .factor))
        case "exponentialBounds": self = .exponentialBounds(gamma: try container.decode(Double.self, forKey: .factor))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "there is no envelope \"\(other)\"")
        }
    }
}
