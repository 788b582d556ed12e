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

    /// The number of vectors.
    public var count: Int { weight.shape[0] }

    /// The length of a vector.
    public var features: Int { weight.shape[1] }

    /// Makes the layer; a padding index below 0 counts from the end, one that is outside is an error of the first use.
    public init(_ count: Int, _ features: Int, paddingIndex: Int? = nil) {
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
        return weight.tensor.rows(x, constant: paddingIndex)
    }
}
