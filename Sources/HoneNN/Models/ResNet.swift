import HoneTensor

/// A residual network (He et al. 2016) with the names and the outputs of torchvision's, so that its weights load.
///
/// Initial values are torchvision's too: He et al. (2015) by fan-out for convolutions, PyTorch's for `fc`.
///
/// ```swift
/// let model = ResNet.resNet18(classes: 10, stem: .small)
/// ```
/// - Shape: `[batch, channels, height, width] -> [batch, classes]` (logits)
public final class ResNet: Module, HeadReplaceable, LayerGrouped {
    /// How the network begins.
    public enum Stem: String, Sendable, Codable {
        /// For photographs: a convolution of 7×7 and pooling, each with stride 2.
        case large
        /// For images of some 32 pixels a side, as in CIFAR: a convolution of 3×3, no pooling.
        case small
    }

    /// What its stages are made of.
    public enum Block: String, Sendable, Codable {
        /// Two convolutions of 3×3.
        case basic
        /// Convolutions of 1×1, 3×3 and 1×1, the last four times as wide.
        case bottleneck
    }

    private let conv1: Conv2d
    private let bn1: BatchNorm2d
    private let maxpool: MaxPool2d?
    private let layer1: Sequential
    private let layer2: Sequential
    private let layer3: Sequential
    private let layer4: Sequential
    private let fc: Linear

    /// Makes a network with four stages of so many blocks.
    ///
    /// - Parameters:
    ///   - block: what stages are made of.
    ///   - depths: the number of blocks in each of the four stages; missing ones count as 1.
    ///   - classes: the number of outputs.
    ///   - channels: those of the images.
    ///   - stem: how it begins.
    ///   - width: the channels of the first stage; each further one has twice as many.
    public init(
        _ block: Block, depths: [Int], classes: Int = 1000, channels: Int = 3, stem: Stem = .large, width: Int = 64
    ) {
        switch stem {
        case .large:
            conv1 = Conv2d(channels, width, kernel: 7, stride: 2, padding: 3, bias: false)
            maxpool = MaxPool2d(3, stride: 2, padding: 1)
        case .small:
            conv1 = Conv2d(channels, width, kernel: 3, padding: 1, bias: false)
            maxpool = nil
        }
        bn1 = BatchNorm2d(width)
        var inputs = width
        func stage(_ index: Int) -> Sequential {
            let planes = width << index
            let blocks = (0..<(depths.count > index ? depths[index] : 1)).map { position -> any Module in
                let stride = position == 0 && index > 0 ? 2 : 1
                defer { inputs = block == .basic ? planes : 4 * planes }
                return block == .basic
                    ? BasicBlock(inputs, planes, stride: stride) : Bottleneck(inputs, planes, stride: stride)
            }
            return Sequential(blocks)
        }
        layer1 = stage(0)
        layer2 = stage(1)
        layer3 = stage(2)
        layer4 = stage(3)
        fc = Linear(inputs, classes)
        apply { ($0 as? Conv2d)?.weight.initialiser = .kaimingNormal(mode: .fanOut, .relu) }
    }

    private init(_ body: ResNet, fc: Linear) {
        (conv1, bn1, maxpool) = (body.conv1, body.bn1, body.maxpool)
        (layer1, layer2, layer3, layer4) = (body.layer1, body.layer2, body.layer3, body.layer4)
        self.fc = fc
    }

    /// The same convolutions with a fresh `fc`; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) -> ResNet { ResNet(self, fc: fc.fresh(outputs: classes)) }

    /// Three groups, as fastai cuts torchvision's networks (`_resnet_split`): the stem and two stages, two stages, the
    /// head.
    public var groupStarts: [String] { ["layer3", "fc"] }

    /// ResNet-18.
    public static func resNet18(classes: Int = 1000, channels: Int = 3, stem: Stem = .large) -> ResNet {
        ResNet(.basic, depths: [2, 2, 2, 2], classes: classes, channels: channels, stem: stem)
    }

    /// ResNet-34.
    public static func resNet34(classes: Int = 1000, channels: Int = 3, stem: Stem = .large) -> ResNet {
        ResNet(.basic, depths: [3, 4, 6, 3], classes: classes, channels: channels, stem: stem)
    }

    /// ResNet-50, with the stride in the 3×3 convolutions (version 1.5), as torchvision's.
    public static func resNet50(classes: Int = 1000, channels: Int = 3, stem: Stem = .large) -> ResNet {
        ResNet(.bottleneck, depths: [3, 4, 6, 3], classes: classes, channels: channels, stem: stem)
    }

    /// `[batch, channels, height, width] -> [batch, classes]`
    public func forward(_ x: Tensor) -> Tensor {
        var x = bn1.callWithReLU(conv1(x))
        if let maxpool { x = maxpool(x) }
        x = layer4(layer3(layer2(layer1(x))))
        return fc(x.adaptiveAveragePool2d(1).flattened(from: 1))
    }
}

/// Two convolutions of 3×3 with a shortcut (He et al. 2016, figure 5 left).
final class BasicBlock: Module {
    private let conv1: Conv2d
    private let bn1: BatchNorm2d
    private let conv2: Conv2d
    private let bn2: BatchNorm2d
    private let downsample: Sequential?

    init(_ inputs: Int, _ planes: Int, stride: Int) {
        conv1 = Conv2d(inputs, planes, kernel: 3, stride: Extent(stride, stride), padding: 1, bias: false)
        bn1 = BatchNorm2d(planes)
        conv2 = Conv2d(planes, planes, kernel: 3, padding: 1, bias: false)
        bn2 = BatchNorm2d(planes)
        downsample = shortcut(inputs, planes, stride)
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = bn2(conv2(bn1.callWithReLU(conv1(x))))
        return (y + (downsample?(x) ?? x)).relu()
    }
}

/// Convolutions of 1×1, 3×3 and 1×1 with a shortcut (He et al. 2016, figure 5 right).
final class Bottleneck: Module {
    private let conv1: Conv2d
    private let bn1: BatchNorm2d
    private let conv2: Conv2d
    private let bn2: BatchNorm2d
    private let conv3: Conv2d
    private let bn3: BatchNorm2d
    private let downsample: Sequential?

    init(_ inputs: Int, _ planes: Int, stride: Int) {
        conv1 = Conv2d(inputs, planes, kernel: 1, bias: false)
        bn1 = BatchNorm2d(planes)
        conv2 = Conv2d(planes, planes, kernel: 3, stride: Extent(stride, stride), padding: 1, bias: false)
        bn2 = BatchNorm2d(planes)
        conv3 = Conv2d(planes, 4 * planes, kernel: 1, bias: false)
        bn3 = BatchNorm2d(4 * planes)
        downsample = shortcut(inputs, 4 * planes, stride)
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = bn3(conv3(bn2.callWithReLU(conv2(bn1.callWithReLU(conv1(x))))))
        return (y + (downsample?(x) ?? x)).relu()
    }
}

/// What brings a block's input to the size of its output, or nil where it has that size.
private func shortcut(_ inputs: Int, _ outputs: Int, _ stride: Int) -> Sequential? {
    guard stride != 1 || inputs != outputs else { return nil }
    return Sequential(
        Conv2d(inputs, outputs, kernel: 1, stride: Extent(stride, stride), bias: false), BatchNorm2d(outputs))
}
