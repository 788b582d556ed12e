/// A model with a classifier's head that can be exchanged for one of another number of classes.
public protocol HeadReplaceable: Module {
    /// A new model of the same body, whose parameters and buffers both models share, and a fresh head of so many outputs.
    ///
    /// The model is a new one: make the learner anew. What a learner of the former model does to the body is seen here,
    /// and the other way round; its optimizer knows nothing of the new head.
    ///
    /// - Throws: ``HeadError`` when the model has no head that could be exchanged.
    func replacingHead(classes: Int) throws -> Self
}

/// A model has no head that could be exchanged.
public struct HeadError: Error, Equatable, CustomStringConvertible {
    /// The model's label.
    public let model: String
    /// What stands where the head was expected.
    public let found: String

    /// Makes the error.
    public init(model: String, found: String) {
        self.model = model
        self.found = found
    }

    /// The whole in words.
    public var description: String {
        "\(model): the last layer is \(found), expected a Linear or a model with a head of its own"
    }
}

extension Linear {
    /// A layer from the same features to others in number, drawn as this one was.
    func fresh(outputs: Int) -> Linear {
        Linear(inputs, outputs, weight: weight.initialiser, bias: bias?.initialiser)
    }
}

extension Sequential: HeadReplaceable {
    /// The same layers, the last of which is a fresh `Linear`; or a model that replaces its own head.
    public func replacingHead(classes: Int) throws -> Sequential {
        let head: any Module
        switch layers.last {
        case let last as Linear: head = last.fresh(outputs: classes)
        case let last as any HeadReplaceable: head = try last.replacingHead(classes: classes)
        case let last: throw HeadError(model: label, found: last?.label ?? "missing")
        }
        return Sequential(Array(zip(names, layers.dropLast() + [head])))
    }
}
