/// A number that a rule was made with for good, beside its hyper-parameters, and the values that it may have.
public struct RuleOption: Sendable, Equatable {
    /// Its name in the rule's initializer.
    public let name: String
    /// What it is.
    public let value: Double
    /// What it may be.
    public let range: HyperparameterRange

    /// Describes an option.
    public init(_ name: String, _ value: Double, _ range: HyperparameterRange) {
        self.name = name
        self.value = value
        self.range = range
    }
}
