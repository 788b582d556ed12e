import HoneTensor

/// log(1 + e^(beta x)) / beta, a smooth ReLU, and x itself where beta x is above `threshold`.
public final class Softplus: Module {
    private let beta: Float
    private let threshold: Float

    /// Makes the layer; a `beta` of 0 is an error of its first use.
    public init(beta: Float = 1, threshold: Float = 20) {
        self.beta = beta
        self.threshold = threshold
    }

    /// Any shape, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.softplus(beta: beta, threshold: threshold) }
}
