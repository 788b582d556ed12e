import HoneTensor

/// A recurrent layer whose weights of the state are dropped in training, one mask for all steps (Merity, Keskar and
/// Socher 2017, "Regularizing and Optimizing LSTM Language Models"; fastai's WeightDropout).
///
/// - Shape: as the layer's
///
/// The layer's parameters keep their names below `module`. The layer itself is told to drop: it does so too when it
/// is called by itself.
public final class WeightDrop: Module {
    /// The layer.
    public let module: RecurrentLayer

    /// The share of the weights that is dropped, 0...1.
    public let probability: Float

    /// Makes the layer; a probability outside 0...1 is an error of its first use.
    public init(_ module: RecurrentLayer, _ probability: Float = 0.5) {
        self.module = module
        self.probability = probability
        module.weightDropout = probability
    }

    /// `WeightDrop 0.5`
    public var label: String { "WeightDrop \(probability)" }

    /// The outputs of all steps, from a state of zeros.
    public func forward(_ x: Tensor) -> Tensor { isPossible ? module(x) : problem }

    /// The outputs of all steps and the state after the last, from a state of zeros when there is none.
    public func callAsFunction(_ x: Tensor, state: RecurrentState?) -> RecurrentOutput {
        traced([x], outputs: { [$0.output] }) {
            if isPossible { return module(x, state: state) }
            let problem = problem
            return RecurrentOutput(output: problem, state: RecurrentState(hidden: problem))
        }
    }

    private var isPossible: Bool { probability >= 0 && probability <= 1 }

    private var problem: Tensor { failed(label, "probability is \(probability), expected 0...1") }
}
