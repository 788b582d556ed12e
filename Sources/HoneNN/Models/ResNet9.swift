import HoneTensor

/// The residual network of nine layers that won DAWNBench's CIFAR-10 contest (Page 2018): four convolutions that widen
/// and pool, two residual pairs, a dense layer.
///
/// - Shape: `[batch, channels, height, width]`, sides of at least 32, `-> [batch, classes]` (logits)
public final class ResNet9: Module, HeadReplaceable, LayerGrouped {
    /// All layers but the last.
    public let features: Sequential

    /// What reads classes from features.
    public let head: Linear

    /// Makes the model. `scale` multiplies the logits, 0.125 in the contest.
    public init(classes: Int = 10, channels: Int = 3, width: Int = 64, scale: Float = 0.125) {
        self.scale = scale
        let wide = [width, 2 * width, 4 * width, 8 * width]
        features = Sequential([
            ResNet9.stage(channels, wide[0]),
            ResNet9.stage(wide[0], wide[1], pools: true),
            Residual(Sequential(ResNet9.stage(wide[1], wide[1]), ResNet9.stage(wide[1], wide[1]))),
            ResNet9.stage(wide[1], wide[2], pools: true),
            ResNet9.stage(wide[2], wide[3], pools: true),
            Residual(Sequential(ResNet9.stage(wide[3], wide[3]), ResNet9.stage(wide[3], wide[3]))),
            AdaptiveMaxPool2d(1), Flatten(),
        ])
        head = Linear(wide[3], classes, bias: false)
    }

    private let scale: Float

    private init(features: Sequential, head: Linear, scale: Float) {
        self.features = features
        self.head = head
        self.scale = scale
    }

    /// The same convolutions with a fresh ``head``; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) -> ResNet9 {
        ResNet9(features: features, head: head.fresh(outputs: classes), scale: scale)
    }

    /// Body and head, as fastai cuts models that it does not know.
    public var groupStarts: [String] { ["head"] }

    /// Convolution, batch normalisation, ReLU and, if asked for, pooling.
    private static func stage(_ inputs: Int, _ outputs: Int, pools: Bool = false) -> Sequential {
        let layers: [any Module] = [
            Conv2d(inputs, outputs, kernel: 3, padding: 1, bias: false), BatchNorm2d(outputs), ReLU(),
        ]
        return Sequential(layers + (pools ? [MaxPool2d(2)] : []))
    }

    /// `[batch, channels, height, width] -> [batch, classes]`
    public func forward(_ x: Tensor) -> Tensor { head(features(x)) * scale }
}
