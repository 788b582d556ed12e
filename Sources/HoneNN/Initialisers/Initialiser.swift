import Foundation
import HoneTensor

/// How a parameter's first values are drawn.
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
    /// He et al. (2015), equation 14, for a leaky ReLU of negative slope `a`: uniform within √(6 / ((1 + a²) fan-in)).
    case kaimingUniform(a: Float = 0)

    /// Drawn as another, with zeros in the row of this index: an embedding's padding.
    indirect case zeroRow(Int, of: Initialiser)

    /// Values for a parameter of `shape`, whose fan-in is the product of all axes but the first.
    public func draw(_ shape: Shape, _ key: RandomKey) -> Tensor {
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
        case .kaimingUniform(let a):
            let bound = (6 / ((1 + a * a) * Float(max(1, Initialiser.fanIn(shape))))).squareRoot()
            return .uniform(shape, low: -bound, high: bound, key: key)
        }
    }

    /// The number of inputs that reach one output: the product of all axes but the first.
    public static func fanIn(_ shape: Shape) -> Int { shape.array.dropFirst().reduce(1, *) }

    /// PyTorch's default for the weights of dense and convolutional layers: uniform within 1/√fan-in.
    public static let torchWeight = Initialiser.kaimingUniform(a: Float(5).squareRoot())

    /// PyTorch's default for the biases of dense and convolutional layers: uniform within 1/√fan-in of the weight.
    public static func torchBias(fanIn: Int) -> Initialiser {
        guard fanIn > 0 else { return .zeros }
        let bound = 1 / Float(fanIn).squareRoot()
        return .uniform(low: -bound, high: bound)
    }
}
