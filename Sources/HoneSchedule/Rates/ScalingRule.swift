/// How the learning rate follows a changed batch size.
public enum ScalingRule: String, Codable, CaseIterable, Sendable {
    /// The rate grows with the batch: k times the batch, k times the rate (Goyal et al. 2017, arXiv 1706.02677), which
    /// keeps the noise scale εN/B. For SGD.
    case linear
    /// The rate grows with the square root of the batch (Krizhevsky 2014, arXiv 1404.5997). The usual choice for Adam.
    case squareRoot
    /// The rate stays.
    case none

    /// What the rate is multiplied by when the batch grows from one size to another; NaN unless both are above 0.
    ///
    /// - Parameters:
    ///   - old: the batch size that the rate was found for, 1 or more.
    ///   - new: the batch size to be used, 1 or more.
    public func factor(from old: Int, to new: Int) -> Double {
        guard old > 0, new > 0 else { return .nan }
        let growth = Double(new) / Double(old)
        return switch self {
        case .linear: growth
        case .squareRoot: growth.squareRoot()
        case .none: 1
        }
    }

    /// A schedule for another batch size, with the gradual warm-up of Goyal et al. 2017 (section 2.2): the rate rises
    /// from that of the old batch to that of the new one, and the schedule itself does not move in time.
    ///
    /// - Parameters:
    ///   - schedule: the rate for the old batch size.
    ///   - old: the batch size that the schedule was found for, 1 or more.
    ///   - new: the batch size to be used, 1 or more.
    ///   - warmup: how long the rise takes (Goyal et al.: 5 epochs); none when the batch does not grow.
    public func schedule(
        _ schedule: Schedule, from old: Int, to new: Int, warmup: Interval = .epochs(5)
    ) -> Schedule {
        let factor = factor(from: old, to: new)
        let scaled = schedule.scaled(by: factor)
        return factor > 1 ? scaled.warmup(over: warmup, from: 1 / factor, mode: .multiply) : scaled
    }
}
