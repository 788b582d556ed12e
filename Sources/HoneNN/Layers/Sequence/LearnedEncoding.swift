import HoneTensor

/// Adds to each step a learned row of its place, then drops, as BERT and GPT do.
///
/// - Shape: `[batch, time, features]`, which stays; `[time, batch, features]` with `batchFirst: false`; without a batch
///   `[time, features]`
public final class LearnedEncoding: Module {
    /// `[length, features]`
    public let weight: Parameter

    private let batchFirst: Bool
    private let dropout: Dropout

    /// Makes the layer for sequences of up to `length` steps. Rows are drawn from a normal distribution; that of GPT-2
    /// (Radford et al. 2019) and BERT has the deviation 0.02.
    ///
    /// - Parameters:
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(_ length: Int, _ features: Int, deviation: Float = 0.02, dropout: Float = 0, batchFirst: Bool = true) {
        weight = Parameter([length, features], .normal(mean: 0, deviation: deviation))
        self.dropout = Dropout(dropout)
        self.batchFirst = batchFirst
    }

    /// `LearnedEncoding 512×64`
    public var label: String { "LearnedEncoding \(weight.shape[0])×\(weight.shape[1])" }

    /// Up to `length` steps.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard let places = x.placeAxis(weight.shape[1], batchFirst: batchFirst), x.shape[places] <= weight.shape[0]
        else {
            return failed(
                label, "input is \(x.shape), expected [batch, up to \(weight.shape[0]) steps, \(weight.shape[1])]")
        }
        return dropout(x + weight.tensor[0..<x.shape[places]].placed(at: places, rank: x.rank))
    }
}
