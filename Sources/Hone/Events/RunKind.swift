/// What a run is for.
public enum RunKind: String, Sendable, CaseIterable {
    /// Training, with the validations in between.
    case fit
    /// A validation on its own.
    case validate
    /// A prediction.
    case predict
    /// A trial that leaves no trace: the learning rate finder's.
    case probe
}

/// The kinds of run that a callback joins.
public struct RunKinds: OptionSet, Sendable {
    /// One bit a kind.
    public let rawValue: Int

    /// Makes a set of bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Training.
    public static let fit = RunKinds(rawValue: 1)
    /// Validations on their own.
    public static let validate = RunKinds(rawValue: 2)
    /// Predictions.
    public static let predict = RunKinds(rawValue: 4)
    /// Trials.
    public static let probe = RunKinds(rawValue: 8)
    /// Every kind.
    public static let all: RunKinds = [.fit, .validate, .predict, .probe]

    func contains(_ kind: RunKind) -> Bool {
        let member: RunKinds =
            switch kind {
            case .fit: .fit
            case .validate: .validate
            case .predict: .predict
            case .probe: .probe
            }
        return isSuperset(of: member)
    }
}
