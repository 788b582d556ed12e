/// What is wrong with a schedule, with a set of rates, or with the run they are put into.
public enum ScheduleError: Error, Equatable, Sendable {
    /// A parameter is outside its range.
    ///
    /// - Parameters:
    ///   - parameter: the name of the parameter, with the function that it was given to.
    ///   - expected: what was expected, in words.
    ///   - got: what came.
    case invalid(parameter: String, expected: String, got: String)
    /// An interval cannot be turned into steps on the timeline at hand.
    case unresolvable(parameter: String, interval: Interval)
    /// The schedule holds a closure of this name, which cannot be written down.
    case notEncodable(name: String)
}

extension ScheduleError: CustomStringConvertible {
    /// One sentence that names the parameter, what was expected and what came.
    public var description: String {
        switch self {
        case .invalid(let parameter, let expected, let got):
            return "\(parameter) must be \(expected), got \(got)"
        case .unresolvable(let parameter, let interval):
            let reason =
                switch interval {
                case .minutes:
                    "minutes have no length in steps before they have passed, and the timeline has no stepsPerMinute"
                case .epochs: "the number of steps in an epoch is not known"
                case .samples: "the number of samples in a step is not known"
                case .steps, .fraction: "the number of steps is not known"
                }
            return "\(parameter) is \(interval), which cannot be turned into steps: \(reason)"
        case .notEncodable(let name):
            return "the schedule holds the closure \"\(name)\", which cannot be encoded: "
                + "build it from the named cases, or make it again in code and do not store it"
        }
    }
}
