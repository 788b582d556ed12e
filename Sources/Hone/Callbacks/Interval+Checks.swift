extension Interval {
    /// How much it is, in its own unit.
    private var amount: Double {
        switch self {
        case .steps(let count), .samples(let count): Double(count)
        case .epochs(let count), .fraction(let count), .minutes(let count): count
        }
    }

    /// Refuses an interval that is not above 0, or no number.
    func requireAboveZero(_ name: String) throws {
        guard amount > 0, amount.isFinite else {
            throw LearnerError.argument(name, value: "\(self)", expected: "a finite length above 0")
        }
    }

    /// Refuses a negative interval, or one that is no number.
    func requireNotNegative(_ name: String) throws {
        guard amount >= 0, amount.isFinite else {
            throw LearnerError.argument(name, value: "\(self)", expected: "a finite length of 0 or more")
        }
    }
}
