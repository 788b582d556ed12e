import HoneTensor

/// How an optimizer changes parameters: a pure rule, which keeps nothing itself.
///
/// A rule of one's own is a name, first values of its hyper-parameters, the names of what it keeps, and one function:
///
/// ```swift
/// struct SignDescent: UpdateRule {
///     let name = "SignDescent"
///     let defaults: HyperparameterValues = [.learningRate: 1e-3]
///     func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
///         let rate = Float(values(.learningRate))
///         for i in 0..<stretch.count where stretch.gradients[i] != 0 {
///             stretch.parameters[i] -= stretch.gradients[i] > 0 ? rate : -rate
///         }
///     }
/// }
/// ```
public protocol UpdateRule: Sendable {
    /// The name in errors and records.
    var name: String { get }

    /// The hyper-parameters with their first values.
    var defaults: HyperparameterValues { get }

    /// The values that one of its hyper-parameters may have; by default the key's (``Hyperparameter/range``).
    func range(of key: Hyperparameter) -> HyperparameterRange

    /// What it was made with beside hyper-parameters, checked with them; by default nothing.
    var options: [RuleOption] { get }

    /// What is kept for each parameter between steps; it starts with zeros. By default nothing.
    var states: [RuleState] { get }

    /// What one call of ``update(_:step:_:)`` gets to see; by default any run of elements.
    var granularity: UpdateGranularity { get }

    /// Numbers that are kept for each group as a whole, with their first values; by default none.
    var scalars: [String: Double] { get }

    /// Whether the weights to evaluate with are others than those to train with; by default not.
    var hasEvaluationWeights: Bool { get }

    /// Whether an element whose gradient is 0 stays as it is, with its state, from the second update on: then the rows of
    /// a large embedding that a batch does not use are passed over, with the same result. By default not.
    func ignoresZeroGradients(_ values: HyperparameterValues) -> Bool

    /// Called once a step before all updates, if there are ``scalars``: with all groups that share the rule, so that
    /// what depends on all parameters can be worked out. It may change the groups' scalars and the stretches' states.
    func prepare(_ groups: inout [GroupStep])

    /// Changes one stretch of elements.
    ///
    /// - Parameters:
    ///   - stretch: the elements: parameters, gradients and state.
    ///   - step: which update of these elements it is, from 1.
    ///   - values: the hyper-parameters now.
    func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues)

    /// Turns the parameters of a stretch that has had `step` updates into those to evaluate with; its gradients are
    /// those of the last backward pass, if any. The optimizer puts the former ones back.
    func makeEvaluationWeights(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues)
}

extension UpdateRule {
    /// The key's.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key.range }
    /// None.
    public var options: [RuleOption] { [] }
    /// None.
    public var states: [RuleState] { [] }
    /// Any run of elements.
    public var granularity: UpdateGranularity { .elements }
    /// None.
    public var scalars: [String: Double] { [:] }
    /// False.
    public var hasEvaluationWeights: Bool { false }
    /// False.
    public func ignoresZeroGradients(_ values: HyperparameterValues) -> Bool { false }
    /// Does nothing.
    public func prepare(_ groups: inout [GroupStep]) {}
    /// Does nothing.
    public func makeEvaluationWeights(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {}
}

/// What one call of an update rule gets to see.
public enum UpdateGranularity: Sendable {
    /// A run of elements: one parameter, or many side by side with the zeros between them.
    case elements
    /// One whole parameter with its shape: for rules with norms, factors or matrices.
    case parameter
}

/// Something that a rule keeps for each parameter between steps. A string literal is one as large as the parameter.
public struct RuleState: Sendable, ExpressibleByStringLiteral {
    /// The name in saved states.
    public let name: String

    /// The elements that a parameter of a shape needs; nil for as many as it has itself.
    public let count: (@Sendable (Shape) -> Int)?

    /// Whether it is one number: see ``number(_:)``.
    public let isNumber: Bool

    /// As large as the parameter.
    public init(stringLiteral name: String) {
        self.name = name
        count = nil
        isNumber = false
    }

    /// Of a size that depends on the shape; for rules that see whole parameters.
    public init(_ name: String, count: @escaping @Sendable (Shape) -> Int) {
        self.init(name, isNumber: false, count: count)
    }

    /// One number for each parameter, worked out from the hyper-parameters, the step and the former number alone. Rules that
    /// see runs of elements may have such: parameters are in one run only while their numbers are equal, and all of them
    /// get the number that the run's update leaves.
    public static func number(_ name: String) -> RuleState {
        RuleState(name, isNumber: true) { _ in 1 }
    }

    private init(_ name: String, isNumber: Bool, count: @escaping @Sendable (Shape) -> Int) {
        self.name = name
        self.count = count
        self.isNumber = isNumber
    }
}
