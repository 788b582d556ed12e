import HoneTensor

/// A small convolutional classifier: three stages of convolution, batch normalisation and ReLU, the first two followed
/// by pooling and the last by a global mean, then a dense layer.
///
/// - Shape: `[batch, channels, height, width] -> [batch, classes]` (logits)
public final class SimpleCNN: Module, HeadReplaceable, LayerGrouped {
    /// The stages of convolutions.
    public let features: Sequential

    /// What reads classes from features.
    public let head: Linear

    /// Makes the model; `widths` are the channels of the stages.
    public init(classes: Int, channels: Int = 1, widths: [Int] = [32, 64, 128]) {
        var layers: [any Module] = []
        var inputs = channels
        for (index, width) in widths.enumerated() {
            layers += [Conv2d(inputs, width, kernel: 3, padding: 1, bias: false), BatchNorm2d(width), ReLU()]
            if index < widths.count - 1 { layers.append(MaxPool2d(2)) }
            inputs = width
        }
        layers += [AdaptiveAvgPool2d(1), Flatten()]
        features = Sequential(layers)
        head = Linear(inputs, classes)
    }

    private init(features: Sequential, head: Linear) {
        self.features = features
        self.head = head
    }

    /// The same convolutions with a fresh ``head``; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) -> SimpleCNN {
        SimpleCNN(features: features, head: head.fresh(outputs: classes))
    }

    /// Body and head, as fastai cuts models that it does not know.
    public var groupStarts: [String] { ["head"] }

    /// `[batch, channels, height, width] -> [batch, classes]`
    public func forward(_ x: Tensor) -> Tensor { head(features(x)) }
}
