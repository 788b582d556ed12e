import Foundation
import HoneTensor

/// A learned vector for each of some indices, such as words or categories.
///
/// - Shape: `[...]` (int32) `-> [..., features]`; weight `[count, features]`
///
/// Initial values are PyTorch's: normal, and zero for the padding's vector, which gets no gradient.
public final class Embedding: Module {
    /// `[count, features]`
    public let weight: Parameter

    /// The index that stands for no word, or nil.
    public let paddingIndex: Int?

    /// The longest that a vector may be when it is used, or nil.
    public let longest: Float?

    /// The power in which `longest` measures, 2 for Euclid's length.
    public let power: Float

    /// Whether a vector's gradient is divided by the number of times it is used in a call.
    public let dividesByUse: Bool

    /// The number of vectors.
    public var count: Int { weight.shape[0] }

    /// The length of a vector.
    public var features: Int { weight.shape[1] }

    /// Makes the layer; a padding index below 0 counts from the end, one that is outside is an error of the first use.
    ///
    /// - Parameters:
    ///   - longest: vectors that are used and longer are made this long, for good (PyTorch's `max_norm`); > 0.
    ///   - power: p of the p-norm that measures them, > 0 (PyTorch's `norm_type`).
    ///   - dividesByUse: whether a vector's gradient is the mean over its uses (PyTorch's `scale_grad_by_freq`).
    public init(
        _ count: Int, _ features: Int, paddingIndex: Int? = nil, longest: Float? = nil, power: Float = 2,
        dividesByUse: Bool = false
    ) {
        (self.longest, self.power, self.dividesByUse) = (longest, power, dividesByUse)
        let padding = paddingIndex.map { $0 < 0 ? $0 + count : $0 }
        self.paddingIndex = padding
        let isWithin = padding.map { (0..<max(0, count)).contains($0) } ?? false
        weight = Parameter([count, features], isWithin ? .zeroRow(padding ?? 0, of: .normal()) : .normal())
    }

    /// `Embedding 1000×64`
    public var label: String { "Embedding \(count)×\(features)" }

    /// `[...]` (int32) `-> [..., features]`
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        if let paddingIndex, paddingIndex < 0 || paddingIndex >= count {
            return failed(label, "the padding's index is \(paddingIndex), expected 0..<\(count)")
        }
        guard x.elementType == .int32 else {
            return failed(label, "input is \(x.elementType) \(x.shape), expected int32 indices")
        }
        guard longest.map({ $0 > 0 }) ?? true, power > 0 else {
            return failed(label, "vectors up to \(longest ?? 0) long in the power \(power), expected both above 0")
        }
        if let longest { withoutGradient { shorten(x, longest) } }
        let rows = weight.tensor.rows(x, constant: paddingIndex)
        return dividesByUse && rows.isTracked ? dividedByUse(rows, x) : rows
    }

    /// Makes the vectors that are used no longer than `longest`. No others are looked at.
    private func shorten(_ x: Tensor, _ longest: Float) {
        // A layer that is used alone has a place from here on.
        _ = weight.tensor
        let used = Set(x.integers).map(Int.init).filter((0..<count).contains)
        func row(_ index: Int) -> Range<Int> { index * features..<(index + 1) * features }
        let scales = weight.withUnsafeValues { values in
            used.compactMap { index -> (row: Range<Int>, scale: Float)? in
                let sum = values[row(index)].reduce(0.0) { $0 + pow(Double(abs($1)), Double(power)) }
                let length = pow(sum, 1 / Double(power))
                // PyTorch's guard against a length of 0.
                return length > Double(longest) ? (row(index), Float(Double(longest) / (length + 1e-7))) : nil
            }
        }
        guard let scales, !scales.isEmpty else { return }
        weight.withUnsafeMutableValues { values in
            for (row, scale) in scales { for i in row { values[i] *= scale } }
        }
    }

    /// The same values with gradients divided by how often each index is there.
    private func dividedByUse(_ rows: Tensor, _ x: Tensor) -> Tensor {
        var uses: [Int32: Float] = [:]
        for index in x.integers { uses[index, default: 0] += 1 }
        let shares = x.integers.map { 1 / (uses[$0] ?? 1) }
        let scaled = rows * Tensor(shares, shape: Shape(x.shape.array + [1]))
        // Zeros are added, and the gradient of `scaled` comes with them.
        return rows.detached() + (scaled - scaled.detached())
    }
}
