/// Where weight decay acts. With adaptive rates, a decay that is part of the gradient is divided by the gradient's size
/// like all of it; a decoupled one is not (Loshchilov and Hutter 2017).
public enum WeightDecay: Sendable, Equatable {
    /// Added to the gradient (L2): g + λ p.
    case coupled
    /// p shrinks by the factor 1 − ε λ, with the present rate ε: PyTorch's AdamW.
    case decoupled
    /// p shrinks by the factor 1 − η λ with the schedule's multiplier η, as in the paper's algorithm 2: the present rate
    /// over ``HyperparameterValues/referenceRate``, which in a run is the highest that its schedule can take. Rate and
    /// decay are then chosen independently.
    case decoupledFromRate

    /// The share of the parameter that is added to the gradient, and the factor by which the parameter shrinks.
    func parts(_ values: HyperparameterValues) -> (added: Double, shrink: Double) {
        let decay = values(.weightDecay)
        switch self {
        case .coupled: return (decay, 1)
        case .decoupled: return (0, 1 - values(.learningRate) * decay)
        case .decoupledFromRate: return (0, 1 - values.rateMultiplier * decay)
        }
    }
}
