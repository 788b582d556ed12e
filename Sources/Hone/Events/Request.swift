/// What a callback may ask of the loop with ``Learner/request(_:)``. Every callback sees the event first; then the
/// strongest request of the event is acted upon. From the weakest to the strongest:
public enum Request: Equatable, Sendable {
    /// Up to `afterLoss`: no backward pass for this batch, which is not in the window nor counted in it; `afterBatch`
    /// comes. If it would have closed the window, that is stepped with what it has. Later, the same as ``skipStep``.
    case skipBatch
    /// The window's gradient is zeroed instead of stepped; counters and schedules do not move. Asked in `beforeStep`,
    /// `afterStep` still comes, with ``Learner/didStep`` false.
    case skipStep
    /// Ends the training of this epoch (an open window is dropped, validation still runs), or this validation.
    case endPhase
    /// Ends the epoch, without validation.
    case endEpoch
    /// Ends the run, without validation; the reason is part of the outcome.
    case stop(String)

    var strength: Int {
        switch self {
        case .skipBatch: 0
        case .skipStep: 1
        case .endPhase: 2
        case .endEpoch: 3
        case .stop: 4
        }
    }
}

/// What was asked, as far as it is still in force.
struct LoopControl {
    var skipsBatch = false
    var skipsStep = false
    var endsPhase = false
    var endsEpoch = false
    var stop: (reason: String, by: String)?

    // A request acts on what was under way when it was made; what begins afterwards starts free of it.
    mutating func beginEpoch() { (endsEpoch, endsPhase) = (false, false) }
    mutating func beginPhase() { endsPhase = false }
    mutating func beginBatch(opensWindow: Bool) {
        skipsBatch = false
        if opensWindow { skipsStep = false }
    }

    /// Whether the batches of the present phase are over.
    var leavesPhase: Bool { endsPhase || endsEpoch || stop != nil }
    /// Whether the present epoch is over.
    var leavesEpoch: Bool { endsEpoch || stop != nil }
    /// Whether the present batch is not to be computed any further.
    var leavesBatch: Bool { skipsBatch || leavesPhase }
}
