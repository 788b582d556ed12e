/// A closure with a name, which stands for it: two of one name count as equal.
public struct NamedFunction: Equatable, Sendable {
    /// What the closure is called.
    public let name: String

    let body: @Sendable (Double, Double) -> Double

    init(name: String, body: @escaping @Sendable (Double, Double) -> Double) {
        self.name = name
        self.body = body
    }

    /// Whether both have the same name; closures cannot be compared.
    public static func == (left: NamedFunction, right: NamedFunction) -> Bool { left.name == right.name }
}

extension Schedule {
    /// A schedule of one's own, as a function of the progress.
    ///
    /// A closure can be neither compared nor encoded: two schedules of one name count as equal, and encoding throws
    /// ``ScheduleError/notEncodable(name:)``.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - function: gives the value at a progress of 0...1; pure, as it may be asked in any order.
    public static func custom(
        _ name: String, _ function: @escaping @Sendable (_ progress: Double) -> Double
    ) -> Schedule {
        let named = NamedFunction(name: name) { position, length in function(length <= 0 ? 1 : position / length) }
        return Schedule(.custom(Custom(function: named, readsSteps: false)))
    }

    /// A schedule of one's own, as a function of the step. (torch `LambdaLR`.)
    ///
    /// As ``custom(_:_:)``; within a combinator step and total are those of its piece, and need not be whole.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - function: gives the value at a step of 0...total; pure, as it may be asked in any order.
    public static func custom(
        _ name: String, steps function: @escaping @Sendable (_ step: Double, _ total: Double) -> Double
    ) -> Schedule {
        Schedule(.custom(Custom(function: NamedFunction(name: name, body: function), readsSteps: true)))
    }
}

/// A closure as a schedule.
struct Custom: ScheduleShape {
    var function: NamedFunction
    /// Whether the closure takes steps rather than any unit of length.
    var readsSteps: Bool

    init(function: NamedFunction, readsSteps: Bool) {
        self.function = function
        self.readsSteps = readsSteps
    }

    func value(at moment: Moment) -> Double {
        if readsSteps && moment.step.isNaN { return .nan }
        return function.body(min(moment.position, moment.length), moment.length)
    }

    var expression: String {
        readsSteps ? ".custom(\"\(function.name)\", steps: { … })" : ".custom(\"\(function.name)\") { … }"
    }

    var bounds: ClosedRange<Double>? { nil }

    var countsSteps: Bool { readsSteps }

    func check() throws {}

    func encode(to encoder: any Encoder) throws { throw ScheduleError.notEncodable(name: function.name) }

    init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath, debugDescription: "a closure cannot be decoded as a schedule"))
    }
}
