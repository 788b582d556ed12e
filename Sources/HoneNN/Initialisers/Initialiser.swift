import HoneTensor

/// How a parameter's first values are drawn.
///
/// They are a pure function of the shape and of a random key. Names and defaults are those of `torch.nn.init`.
public enum Initialiser: Hashable, Sendable, Codable {
    /// All zeros.
    case zeros
    /// All ones.
    case ones
    /// One value.
    case constant(Float)
    /// Uniform in `low..<high`.
    case uniform(low: Float, high: Float)
    /// Normal.
    case normal(mean: Float = 0, deviation: Float = 1)
    /// Normal, with what would lie outside `low...high` drawn again; all in the units of the values.
    case truncatedNormal(mean: Float = 0, deviation: Float = 1, low: Float = -2, high: Float = 2)
    /// He et al. (2015), equation 14: uniform within gain · √(3 / fan); `a` is a leaky ReLU's negative slope.
    case kaimingUniform(a: Float = 0, mode: FanMode = .fanIn, _ nonlinearity: Nonlinearity = .leakyReLU)
    /// He et al. (2015), equation 14: normal with the deviation gain / √fan; `a` is a leaky ReLU's negative slope.
    case kaimingNormal(a: Float = 0, mode: FanMode = .fanIn, _ nonlinearity: Nonlinearity = .leakyReLU)
    /// Glorot and Bengio (2010), equation 16: uniform within gain · √(6 / (fan-in + fan-out)).
    case xavierUniform(gain: Float = 1)
    /// Glorot and Bengio (2010): normal with the deviation gain · √(2 / (fan-in + fan-out)).
    case xavierNormal(gain: Float = 1)
    /// Saxe et al. (2014): a random matrix whose rows (or columns, whichever are fewer) are orthogonal and of length gain.
    /// All axes but the first are one. Fewer than two axes are a tensor error.
    case orthogonal(gain: Float = 1)
    /// Ones where all indices of a matrix or convolution's first two axes agree, at the middle of the others, and zeros
    /// elsewhere: the layer hands its input on. Fewer than two axes are a tensor error.
    case identity

    /// Drawn as another, with zeros in the row of this index: an embedding's padding.
    indirect case zeroRow(Int, of: Initialiser)

    /// Which fan a Kaiming initialiser goes by.
    public enum FanMode: String, Hashable, Sendable, Codable {
        /// What comes into an output: keeps the variance in the forward pass.
        case fanIn
        /// What an input goes out to: keeps the variance in the backward pass.
        case fanOut
    }

    /// What stands behind a layer, for its gain.
    public enum Nonlinearity: String, Hashable, Sendable, Codable, CaseIterable {
        /// Nothing.
        case linear
        /// 1 / (1 + e⁻ˣ)
        case sigmoid
        /// The hyperbolic tangent.
        case tanh
        /// max(x, 0)
        case relu
        /// x, or a · x below 0.
        case leakyReLU
        /// The self-normalising unit.
        case selu
    }

    /// By how much a layer's weights should be larger for the sake of what stands behind it: PyTorch's `calculate_gain`.
    ///
    /// - Parameter a: a leaky ReLU's negative slope; of no account elsewhere.
    public static func gain(for nonlinearity: Nonlinearity, a: Float = 0.01) -> Float {
        (2 / divisor(nonlinearity, a)).squareRoot()
    }

    /// 2 / gain², which is 1 + a² for a leaky ReLU.
    private static func divisor(_ nonlinearity: Nonlinearity, _ a: Float) -> Float {
        switch nonlinearity {
        case .linear, .sigmoid: 2
        case .tanh: 18 / 25
        case .relu: 1
        case .leakyReLU: 1 + a * a
        case .selu: 32 / 9
        }
    }

    /// Values for a parameter of `shape`. A fan of 0 counts as 1.
    public func draw(_ shape: Shape, _ key: RandomKey) -> Tensor {
        func fan(_ mode: FanMode) -> Float {
            Float(max(1, mode == .fanIn ? Initialiser.fanIn(shape) : Initialiser.fanOut(shape)))
        }
        func uniform(within bound: Float) -> Tensor { .uniform(shape, low: -bound, high: bound, key: key) }
        switch self {
        case .zeros: return .zeros(shape)
        case .ones: return .ones(shape)
        case .constant(let value): return .full(shape, value)
        case .uniform(let low, let high): return .uniform(shape, low: low, high: high, key: key)
        case .normal(let mean, let deviation): return .normal(shape, mean: mean, deviation: deviation, key: key)
        case .zeroRow(let row, let other):
            let values = other.draw(shape, key)
            return shape.rank > 0 && (0..<shape[0]).contains(row)
                ? values.replacing([TensorIndex(row)], with: Float(0)) : values
        case .truncatedNormal(let mean, let deviation, let low, let high):
            return TruncatedNormal(mean: mean, deviation: deviation, low: low, high: high).draw(shape, key)
        case .kaimingUniform(let a, let mode, let nonlinearity):
            return uniform(within: (6 / (Initialiser.divisor(nonlinearity, a) * fan(mode))).squareRoot())
        case .kaimingNormal(let a, let mode, let nonlinearity):
            let deviation = (2 / (Initialiser.divisor(nonlinearity, a) * fan(mode))).squareRoot()
            return .normal(shape, mean: 0, deviation: deviation, key: key)
        case .xavierUniform(let gain): return uniform(within: gain * (6 / (fan(.fanIn) + fan(.fanOut))).squareRoot())
        case .xavierNormal(let gain):
            let deviation = gain * (2 / (fan(.fanIn) + fan(.fanOut))).squareRoot()
            return .normal(shape, mean: 0, deviation: deviation, key: key)
        case .orthogonal(let gain): return OrthogonalMatrix.draw(shape, gain: gain, key)
        case .identity: return Initialiser.identityTensor(shape)
        }
    }

    private static func identityTensor(_ shape: Shape) -> Tensor {
        guard shape.rank >= 2 else { return failed("Initialiser.identity", "\(shape) has fewer than two axes") }
        return .build(shape) { out in
            out.update(repeating: 0)
            let window = shape.array.dropFirst(2)
            let middle = window.reduce(0) { $0 * $1 + $1 / 2 }
            let size = window.reduce(1, *)
            guard size > 0 else { return }
            for index in 0..<min(shape[0], shape[1]) { out[(index * shape[1] + index) * size + middle] = 1 }
        }
    }

    /// The number of inputs that reach one output: the product of all axes but the first.
    public static func fanIn(_ shape: Shape) -> Int { shape.array.dropFirst().reduce(1, *) }

    /// The number of outputs that one input reaches: the product of all axes but the second.
    public static func fanOut(_ shape: Shape) -> Int {
        shape.array.enumerated().reduce(1) { $1.offset == 1 ? $0 : $0 * $1.element }
    }

    /// PyTorch's default for the weights of dense and convolutional layers: uniform within 1/√fan-in.
    public static let torchWeight = Initialiser.kaimingUniform(a: Float(5).squareRoot())

    /// PyTorch's default for the biases of dense and convolutional layers: uniform within 1/√fan-in of the weight.
    public static func torchBias(fanIn: Int) -> Initialiser {
        guard fanIn > 0 else { return .zeros }
        let bound = 1 / Float(fanIn).squareRoot()
        return .uniform(low: -bound, high: bound)
    }
}
