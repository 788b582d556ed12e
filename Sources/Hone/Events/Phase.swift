/// When, within one event, a callback is called: phases in this order, and within a phase in the order of adding.
public enum Phase: Int, Comparable, Sendable, CaseIterable {
    /// Setting up what others rely on.
    case prepare
    /// Changing the batch, the loss or what the model sees.
    case transform
    /// Looking at or changing gradients.
    case gradient
    /// Everything else.
    case compute
    /// Writing down what happened.
    case record
    /// Setting hyper-parameters.
    case schedule
    /// Deciding whether to go on.
    case decide
    /// Telling the user.
    case report
    /// Saving.
    case persist

    /// Whether a phase comes before another.
    public static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
}
