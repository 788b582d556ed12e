import HoneTensor

/// A layer that knows how many multiply-adds its products of matrices take, for ``ModelSummary``. Those of the layers
/// within it are theirs to count; sums, activations and normalisations count nothing.
public protocol MultiplyAddCounting: Module {
    /// The multiply-adds of one call.
    func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int
}

extension Linear: MultiplyAddCounting {
    /// One for each weight and row.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int { (outputs.first?.count ?? 0) * self.inputs }
}

extension Bilinear: MultiplyAddCounting {
    /// One for each weight and row, and one for each row, output and feature of the first input.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        (outputs.first?.count ?? 0) * weight.shape[1] * (weight.shape[2] + 1)
    }
}

extension Conv1d: MultiplyAddCounting {
    /// One for each output and element of its window.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        (outputs.first?.count ?? 0) * Initialiser.fanIn(weight.shape)
    }
}

extension Conv2d: MultiplyAddCounting {
    /// One for each output and element of its window.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        (outputs.first?.count ?? 0) * Initialiser.fanIn(weight.shape)
    }
}

extension ConvTranspose2d: MultiplyAddCounting {
    /// One for each input and element of the window that it is spread over.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        (inputs.first?.count ?? 0) * Initialiser.fanIn(weight.shape)
    }
}

extension RecurrentLayer: MultiplyAddCounting {
    /// Two products a step, of the input and of the state, in each layer and direction.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        guard let x = inputs.first, self.inputs > 0 else { return 0 }
        let rows = x.count / self.inputs
        return directions.reduce(0) { $0 + rows * ($1.input.shape.count + $1.hidden.shape.count) }
    }
}

extension MultiheadAttention: MultiplyAddCounting {
    /// The projections of queries, keys and values, and the two products of every query with every key, whether a mask
    /// hides it or not; the projection of the outputs is a layer of its own.
    public func multiplyAdds(inputs: [Shape], outputs: [Shape]) -> Int {
        guard let query = inputs.first else { return 0 }
        let (key, value) = inputs.count == 3 ? (inputs[1], inputs[2]) : (query, query)
        let time = batchFirst ? key.rank - 2 : 0
        guard key.rank >= 2 else { return 0 }
        return (query.count + key.count + value.count + 2 * query.count / max(1, features) * key[time]) * features
    }
}
