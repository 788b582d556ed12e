import HoneTensor

/// All axes from one through another made a single one; by default all but the batch's.
///
/// - Shape: `[batch, a, b, ...] -> [batch, a · b · ...]`
public final class Flatten: Module {
    /// The first axis that is merged.
    public let start: Int

    /// The last axis that is merged; negative ones count from the end.
    public let end: Int

    /// Makes the layer; PyTorch's defaults.
    public init(from start: Int = 1, through end: Int = -1) {
        self.start = start
        self.end = end
    }

    /// The input with its axes merged. An input of one axis stays as it is.
    public func forward(_ x: Tensor) -> Tensor {
        x.rank <= start ? x : x.flattened(from: start, through: end)
    }
}
