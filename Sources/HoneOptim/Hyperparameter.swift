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
    /// RMSprop's α and AdaDelta's ρ, the same key as ``beta2``.
    public static let alpha = beta2
    /// SGD's dampening of the gradient that enters the momentum buffer.
    public static let dampening = Hyperparameter("dampening")
    /// The strength of weight decay.
    public static let weightDecay = Hyperparameter("weightDecay")
    /// What is added to a denominator.
    public static let epsilon = Hyperparameter("epsilon")
    /// Adagrad's decay of the rate with the number of steps.
    public static let rateDecay = Hyperparameter("rateDecay")
    /// NAdam's decay of the momentum's own warm-up.
    public static let momentumDecay = Hyperparameter("momentumDecay")

    /// The values that it may have with rules that do not say otherwise; any for a key of one's own.
    public var range: HyperparameterRange {
        switch self {
        case .learningRate, .weightDecay, .epsilon, .rateDecay, .momentumDecay: .notNegative
        case .momentum, .beta2: .decay
        case .dampening: .share
        default: .finite
        }
    }

    /// The name.
    public var description: String { name }

    /// Whether the names are the same. Most that differ differ in length, which is found out at once.
    public static func == (a: Hyperparameter, b: Hyperparameter) -> Bool {
        a.name.utf8.count == b.name.utf8.count && a.name == b.name
    }
}

/// The values of an optimizer's hyper-parameters, in the order in which its rule lists them.
public struct HyperparameterValues: Equatable, Sendable {
    /// Keys and values in order.
    public private(set) var entries: [(key: Hyperparameter, value: Double)]

    /// The learning rate that a multiplier of 1 stands for: the one that the rule was made with, and in a run the highest
    /// that the schedule can take (see ``Optimizer/referenceRates``). Nil, or not above 0, when there is none.
    public internal(set) var referenceRate: Double?

    /// The schedule's multiplier: the learning rate over ``referenceRate``; 1 where there is none.
    public var rateMultiplier: Double {
        guard let referenceRate, referenceRate > 0 else { return 1 }
        return self(.learningRate) / referenceRate
    }

    /// The value of a key, or nil when the optimizer has none of that name. A new key is not added.
    public subscript(key: Hyperparameter) -> Double? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue, let index = entries.firstIndex(where: { $0.key == key }) else { return }
            entries[index].value = newValue
        }
    }

    /// The value of a key that the rule has, 0 for any other.
    @inline(__always) public func callAsFunction(_ key: Hyperparameter) -> Double { self[key] ?? 0 }

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

extension HyperparameterValues: Codable {
    private struct Entry: Codable {
        let key: String
        let value: Double
    }

    /// Reads a list of keys and values.
    public init(from decoder: any Decoder) throws {
        entries = try [Entry](from: decoder).map { (Hyperparameter($0.key), $0.value) }
    }

    /// Writes a list of keys and values, in order.
    public func encode(to encoder: any Encoder) throws {
        try entries.map { Entry(key: $0.key.name, value: $0.value) }.encode(to: encoder)
    }
}
