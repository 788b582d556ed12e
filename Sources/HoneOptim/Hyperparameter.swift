/// A number of an optimizer that can be set and scheduled, such as the learning rate.
public struct Hyperparameter: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The name in records and errors.
    public let name: String

    /// Makes a key; optimizers of one's own may have keys of their own.
    public init(_ name: String) { self.name = name }

    /// The step size ε.
    public static let learningRate = Hyperparameter("learningRate")
    /// The decay of the average gradient: SGD's momentum, Adam's β₁.
    public static let momentum = Hyperparameter("momentum")
    /// Adam's β₁, the same key as ``momentum``.
    public static let beta1 = momentum
    /// The decay of the average squared gradient: Adam's β₂.
    public static let beta2 = Hyperparameter("beta2")
    /// SGD's dampening of the gradient that enters the momentum buffer.
    public static let dampening = Hyperparameter("dampening")
    /// The strength of weight decay.
    public static let weightDecay = Hyperparameter("weightDecay")
    /// What is added to a denominator.
    public static let epsilon = Hyperparameter("epsilon")

    /// The name.
    public var description: String { name }
}

/// The values of an optimizer's hyper-parameters, in the order in which its rule lists them.
public struct HyperparameterValues: Equatable, Sendable {
    /// Keys and values in order.
    public private(set) var entries: [(key: Hyperparameter, value: Double)]

    /// The value of a key, or nil when the optimizer has none of that name. A new key is not added.
    public subscript(key: Hyperparameter) -> Double? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue, let index = entries.firstIndex(where: { $0.key == key }) else { return }
            entries[index].value = newValue
        }
    }

    /// All keys in order.
    public var keys: [Hyperparameter] { entries.map(\.key) }

    /// Whether keys and values agree.
    public static func == (a: HyperparameterValues, b: HyperparameterValues) -> Bool {
        a.keys == b.keys && zip(a.entries, b.entries).allSatisfy { $0.value == $1.value }
    }
}

extension HyperparameterValues: ExpressibleByDictionaryLiteral {
    /// Makes a list from a literal, in its order.
    public init(dictionaryLiteral elements: (Hyperparameter, Double)...) {
        entries = elements.map { (key: $0.0, value: $0.1) }
    }
}
