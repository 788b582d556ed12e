import HoneTensor

/// fastai's residual network: the "ResNet-D" of He et al. (2019, "Bag of Tricks for Image Classification"), with three
/// convolutions of 3×3 as its stem, shortcuts that pool before their 1×1 convolution, and blocks that begin as the
/// identity because the scale of their last batch normalisation begins at 0.
///
/// Nesting and names are those of fastai 2 (`0.0.weight`, `4.0.convpath.0.0.weight`, `11.weight`), and so are initial
/// values: He et al. (2015) by fan-in, biases 0.
///
/// ```swift
/// let model = XResNet.xResNet18(classes: 10)
/// ```
/// - Shape: `[batch, channels, height, width] -> [batch, classes]` (logits)
public final class XResNet: Module, HeadReplaceable, LayerGrouped {
    private let layers: Sequential

    /// Makes a network with four stages of so many blocks.
    ///
    /// - Parameters:
    ///   - block: what stages are made of.
    ///   - depths: the number of blocks in each of the four stages; missing ones count as 1.
    ///   - classes: the number of outputs.
    ///   - channels: those of the images.
    ///   - width: the channels of the first stage, an even number; each further one has twice as many.
    ///   - dropout: the probability before the head.
    public init(
        _ block: ResNet.Block, depths: [Int], classes: Int = 1000, channels: Int = 3, width: Int = 64,
        dropout: Float = 0
    ) {
        let expansion = block == .basic ? 1 : 4
        let stem = [channels, width / 2, width / 2, width]
        var layers: [any Module] = (0..<3).map { index in
            convLayer(stem[index], stem[index + 1], 3, stride: index == 0 ? 2 : 1)
        }
        layers.append(MaxPool2d(3, stride: 2, padding: 1))
        var inputs = width
        for index in 0..<4 {
            let planes = width << index
            let blocks = (0..<(depths.count > index ? depths[index] : 1)).map { position -> any Module in
                defer { inputs = planes * expansion }
                return XResNetBlock(block, inputs, planes, stride: position == 0 && index > 0 ? 2 : 1)
            }
            layers.append(Sequential(blocks))
        }
        let head = Linear(inputs, classes, weight: .kaimingNormal(), bias: .zeros)
        self.layers = Sequential(layers + [AdaptiveAvgPool2d(1), Flatten(), Dropout(dropout), head])
    }

    private init(_ layers: Sequential) { self.layers = layers }

    /// XResNet-18.
    public static func xResNet18(classes: Int = 1000, channels: Int = 3, dropout: Float = 0) -> XResNet {
        XResNet(.basic, depths: [2, 2, 2, 2], classes: classes, channels: channels, dropout: dropout)
    }

    /// XResNet-34.
    public static func xResNet34(classes: Int = 1000, channels: Int = 3, dropout: Float = 0) -> XResNet {
        XResNet(.basic, depths: [3, 4, 6, 3], classes: classes, channels: channels, dropout: dropout)
    }

    /// XResNet-50.
    public static func xResNet50(classes: Int = 1000, channels: Int = 3, dropout: Float = 0) -> XResNet {
        XResNet(.bottleneck, depths: [3, 4, 6, 3], classes: classes, channels: channels, dropout: dropout)
    }

    /// The same convolutions with a fresh last layer; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) throws -> XResNet { XResNet(try layers.replacingHead(classes: classes)) }

    /// Three groups, as fastai cuts the network (`_xresnet_split`): the stem, the stages, the head.
    public var groupStarts: [String] { ["4", "11"] }

    /// `[batch, channels, height, width] -> [batch, classes]`
    public func forward(_ x: Tensor) -> Tensor { layers(x) }

    /// Names the layers by their position, as fastai does.
    public func visitChildren(_ visitor: inout ModuleVisitor) { layers.visitChildren(&visitor) }
}

/// A block of ``XResNet``: a path of convolutions, and a shortcut that pools and widens where it must.
final class XResNetBlock: Module {
    private let convpath: Sequential
    private let idpath: Sequential

    init(_ block: ResNet.Block, _ inputs: Int, _ planes: Int, stride: Int) {
        let outputs = block == .basic ? planes : 4 * planes
        switch block {
        case .basic:
            convpath = Sequential(
                convLayer(inputs, planes, 3, stride: stride), convLayer(planes, outputs, 3, isLast: true))
        case .bottleneck:
            convpath = Sequential(
                convLayer(inputs, planes, 1), convLayer(planes, planes, 3, stride: stride),
                convLayer(planes, outputs, 1, isLast: true))
        }
        var shortcut: [any Module] = stride == 1 ? [] : [AvgPool2d(Extent(stride, stride), ceiling: true)]
        if inputs != outputs { shortcut.append(convLayer(inputs, outputs, 1, hasReLU: false)) }
        idpath = Sequential(shortcut)
    }

    func forward(_ x: Tensor) -> Tensor { (convpath(x) + (idpath.count == 0 ? x : idpath(x))).relu() }
}

/// Convolution, batch normalisation and, but at the end of a block's paths, ReLU.
private func convLayer(
    _ inputs: Int, _ outputs: Int, _ kernel: Int, stride: Int = 1, isLast: Bool = false, hasReLU: Bool = true
) -> Sequential {
    let convolution = Conv2d(
        inputs, outputs, kernel: Extent(kernel, kernel), stride: Extent(stride, stride),
        padding: Extent(kernel / 2, kernel / 2), bias: false)
    convolution.weight.initialiser = .kaimingNormal()
    let norm = BatchNorm2d(outputs)
    if isLast { norm.weight?.initialiser = .zeros }
    return Sequential([convolution, norm] + (isLast || !hasReLU ? [] : [ReLU()]))
}
