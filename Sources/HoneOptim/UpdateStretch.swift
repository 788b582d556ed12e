import HoneTensor

/// The elements that one call of an update rule changes.
public struct UpdateStretch {
    /// The parameters.
    public let parameters: UnsafeMutablePointer<Float>
    /// Their gradients.
    public let gradients: UnsafePointer<Float>
    /// One array for each of the rule's ``UpdateRule/states``.
    public let states: [UnsafeMutablePointer<Float>]
    /// The number of elements in parameters and gradients, and in each state that has no size of its own.
    public let count: Int
    /// The name of the parameter, or of the first of several.
    public let name: String
    /// The parameter's shape; `[count]` for a run of several.
    public var shape: Shape { ownShape ?? [count] }
    /// The group's ``UpdateRule/scalars``.
    public private(set) var scalars: [String: Double]
    /// The parameters in the arena that it covers; empty for elements that a caller owns.
    var entries = 0..<0
    private let ownShape: Shape?

    /// Makes a stretch of elements that the caller owns.
    public init(
        parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>, states: [UnsafeMutablePointer<Float>],
        count: Int, name: String = "", shape: Shape? = nil, scalars: [String: Double] = [:]
    ) {
        self.parameters = parameters
        self.gradients = gradients
        self.states = states
        self.count = count
        self.name = name
        ownShape = shape
        self.scalars = scalars
    }

    /// The same elements with other scalars.
    public func with(scalars: [String: Double]) -> UpdateStretch {
        var stretch = self
        stretch.scalars = scalars
        return stretch
    }
}

/// An update that a step is about to make.
public struct PendingUpdate {
    /// The elements.
    public let stretch: UpdateStretch
    /// Which update of them it is, from 1.
    public let step: Int
    /// The hyper-parameters for them.
    public let values: HyperparameterValues

    /// Makes an update.
    public init(stretch: UpdateStretch, step: Int, values: HyperparameterValues) {
        self.stretch = stretch
        self.step = step
        self.values = values
    }
}

/// All that a step is about to do to one group.
public struct GroupStep {
    /// The group's hyper-parameters.
    public let values: HyperparameterValues
    /// The updates in the order in which they will be made.
    public let updates: [PendingUpdate]
    /// The group's numbers, by name.
    public var scalars: [String: Double]

    /// Makes the step of a group.
    public init(values: HyperparameterValues, updates: [PendingUpdate], scalars: [String: Double]) {
        self.values = values
        self.updates = updates
        self.scalars = scalars
    }
}
