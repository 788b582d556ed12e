/// What ``CohenKappa``, ``MatthewsCorrelation`` and ``BalancedAccuracy`` keep: the counts of every class.
public struct AgreementState: MetricState, Equatable {
    /// The counts.
    public let tally: ClassTally
    let kind: AgreementKind

    /// The counts of two disjoint sets of samples together.
    public static func + (a: AgreementState, b: AgreementState) -> AgreementState {
        AgreementState(tally: a.tally + b.tally, kind: a.kind)
    }

    /// The measurement; NaN of no samples.
    public var value: Double {
        guard tally.count > 0 else { return .nan }
        let count = Double(tally.count)
        let right = Double(tally.right.reduce(0, +))
        func products(_ a: [Int], _ b: [Int]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        // n² times the agreement that chance would give.
        let chance = products(tally.answered, tally.labelled)
        switch kind {
        case .cohenKappa: return ratio(count * right - chance, count * count - chance)
        case .matthews:
            let answers = count * count - products(tally.answered, tally.answered)
            let labels = count * count - products(tally.labelled, tally.labelled)
            return ratio(count * right - chance, (answers * labels).squareRoot())
        case .balanced:
            let meant = tally.labelled.indices.filter { tally.labelled[$0] > 0 }
            return meant.reduce(0) { $0 + Double(tally.right[$1]) / Double(tally.labelled[$1]) } / Double(meant.count)
        }
    }
}

enum AgreementKind: Sendable, Equatable { case cohenKappa, matthews, balanced }
