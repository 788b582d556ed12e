/// Learning rates for the parameter groups of a model: one number, one a group, or a spread.
///
/// A parameter of type `some LearningRates` takes `3e-3`, `[1e-4, 1e-3]`, `.spread(1e-5, 1e-3)` and `.stop(1e-3)`.
/// Group 0 is nearest the input.
public protocol LearningRates: Sendable {
    /// One rate for each group.
    ///
    /// - Parameter groups: the number of parameter groups, 1 or more.
    /// - Returns: as many rates as groups, each finite and above 0.
    /// - Throws: ``ScheduleError/invalid(parameter:expected:got:)`` when the counts differ or a rate is not finite and
    ///   above 0.
    func rates(groups: Int) throws -> [Double]
}

extension Double: LearningRates {
    /// The same rate for every group; throws unless it is finite and above 0.
    public func rates(groups: Int) throws -> [Double] {
        try checked(Array(repeating: self, count: max(0, groups)), groups: groups)
    }
}

extension Array: LearningRates where Element == Double {
    /// The rates as they are; throws unless there is one for each group, finite and above 0.
    public func rates(groups: Int) throws -> [Double] { try checked(self, groups: groups) }
}

/// Rates that rise from the first group to the last: smaller steps for layers that have learnt already (Howard & Ruder
/// 2018, arXiv 1801.06146; fastai's `slice`).
public struct RateSpread: LearningRates, Codable, Equatable {
    /// The rate of the first group; nil for a tenth of the last for all groups but the last.
    public let first: Double?
    /// The rate of the last group.
    public let last: Double

    /// Geometric from the first group to the last; or, without `first`, a tenth of the last for all others.
    ///
    /// - Parameters:
    ///   - first: the rate of the first group, finite and above 0, or nil.
    ///   - last: the rate of the last group, finite and above 0; that of a single group.
    public init(first: Double?, last: Double) {
        self.first = first
        self.last = last
    }

    /// One rate for each group; throws unless both ends are finite and above 0.
    public func rates(groups: Int) throws -> [Double] {
        guard groups > 0 else { return try checked([], groups: groups) }
        guard let first else {
            return try checked(Array(repeating: last / 10, count: groups - 1) + [last], groups: groups)
        }
        _ = try checked([first, last], groups: 2)
        let rates = (0..<groups).map { group in
            // The last group gets exactly `last`, and so does a single one.
            Schedule.Curve.exponential.value(
                from: first, to: last, at: groups == 1 ? 1 : Double(group) / Double(groups - 1))
        }
        return try checked(rates, groups: groups)
    }
}

extension LearningRates where Self == RateSpread {
    /// Equal ratios from the first group to the last. (fastai `slice(first, last)`.)
    ///
    /// - Parameters:
    ///   - first: the rate of the first group, finite and above 0.
    ///   - last: the rate of the last group, finite and above 0; that of a single group.
    public static func spread(_ first: Double, _ last: Double) -> RateSpread { RateSpread(first: first, last: last) }

    /// One rate for the last group and a tenth of it for all others. (fastai `slice(last)`.)
    ///
    /// - Parameter last: the rate of the last group, finite and above 0.
    public static func stop(_ last: Double) -> RateSpread { RateSpread(first: nil, last: last) }
}

/// The rates themselves, if there is one for each group and all are finite and above 0.
private func checked(_ rates: [Double], groups: Int) throws -> [Double] {
    if groups < 1 {
        throw ScheduleError.invalid(parameter: "groups", expected: "1 or more", got: "\(groups)")
    }
    if rates.count != groups {
        throw ScheduleError.invalid(
            parameter: "learning rates", expected: "one for each of the \(groups) parameter groups",
            got: "\(rates.count)")
    }
    for (group, rate) in rates.enumerated() where !(rate.isFinite && rate > 0) {
        throw ScheduleError.invalid(
            parameter: "learning rate of group \(group)", expected: "a finite number above 0", got: literal(rate))
    }
    return rates
}
