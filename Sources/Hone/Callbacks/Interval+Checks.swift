extension Interval {
    /// Refuses a negative interval, or one that is no number.
    func requireNotNegative(_ name: String) throws {
        let amount: Double =
            switch self {
            case .steps(let count), .samples(let count): Double(count)
            case .epochs(let count), .fraction(let count), .minutes(let count): count
            }
        guard amount >= 0, amount.isFinite else {
            throw LearnerError.argument(name, value: "\(self)", expected: "a finite length of 0 or more")
        }
    }
}
