/// How an optimizer changes parameters: a pure rule, which keeps nothing itself.
public protocol UpdateRule: Sendable {
    /// The name in errors and records.
    var name: String { get }

    /// The hyper-parameters with their first values.
    var defaults: HyperparameterValues { get }

    /// What is kept for each parameter between steps, by name (`momentumBuffer`); each is as large as the parameter and
    /// starts with zeros.
    var stateNames: [String] { get }

    /// Changes one run of elements. It may be one parameter or many side by side; element-wise rules need not care.
    ///
    /// - Parameters:
    ///   - stretch: the elements: parameters, gradients and state.
    ///   - step: which update of these elements it is, from 1.
    ///   - values: the hyper-parameters now.
    func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues)
}

/// The elements that one call of an update rule changes.
public struct UpdateStretch {
    /// The parameters.
    public let parameters: UnsafeMutablePointer<Float>
    /// Their gradients.
    public let gradients: UnsafePointer<Float>
    /// One array for each of the rule's ``UpdateRule/stateNames``.
    public let states: [UnsafeMutablePointer<Float>]
    /// The number of elements in each.
    public let count: Int

    /// Makes a stretch of elements that the caller owns.
    public init(
        parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>, states: [UnsafeMutablePointer<Float>],
        count: Int
    ) {
        self.parameters = parameters
        self.gradients = gradients
        self.states = states
        self.count = count
    }
}
