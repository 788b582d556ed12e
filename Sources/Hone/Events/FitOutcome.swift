/// How a run ended.
public enum FitOutcome: Sendable, CustomStringConvertible {
    /// All epochs were done.
    case completed
    /// A callback asked for the end.
    case stopped(reason: String, by: String)
    /// SIGINT came; the step that was under way was finished.
    case interrupted
    /// An error was thrown; only ``Callback/teardown(_:_:)`` sees this, for the error itself is thrown.
    case failed(any Error)

    /// In words.
    public var description: String {
        switch self {
        case .completed: "completed"
        case .stopped(let reason, let by): "stopped by \(by): \(reason)"
        case .interrupted: "interrupted"
        case .failed(let error): "failed: \(error)"
        }
    }
}
