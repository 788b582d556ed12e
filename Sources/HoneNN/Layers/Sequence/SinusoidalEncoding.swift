import Foundation
import HoneTensor

/// Adds to each step sines and cosines of its place (Vaswani et al. 2017, section 3.5), then drops.
///
/// - Shape: `[batch, time, features]`, which stays; `[time, batch, features]` with `batchFirst: false`; without a batch
///   `[time, features]`
///
/// Element 2i of place p is sin(p / base^(2i / features)), element 2i + 1 the cosine.
public final class SinusoidalEncoding: Module {
    private let features: Int
    private let base: Double
    private let batchFirst: Bool
    private let dropout: Dropout
    /// The longest table so far, `[time, features]`.
    private var table = Tensor.zeros([0, 0])

    /// Makes the layer; `features` must be even.
    ///
    /// - Parameters:
    ///   - batchFirst: whether the batch comes before time; true by default, unlike PyTorch and recurrent layers.
    public init(_ features: Int, dropout: Float = 0, base: Double = 10_000, batchFirst: Bool = true) {
        (self.features, self.base, self.batchFirst) = (features, base, batchFirst)
        self.dropout = Dropout(dropout)
    }

    /// `SinusoidalEncoding 64`
    public var label: String { "SinusoidalEncoding \(features)" }

    /// Any number of steps.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        guard features % 2 == 0 else { return failed(label, "\(features) features, expected an even number") }
        guard let places = x.placeAxis(features, batchFirst: batchFirst) else {
            return failed(label, "input is \(x.shape), expected [batch, time, \(features)]")
        }
        let time = x.shape[places]
        if table.shape[0] < time || table.shape[1] != features {
            table = SinusoidalEncoding.table(time, features, base: base)
        }
        return dropout(x + table[0..<time].placed(at: places, rank: x.rank))
    }

    /// Sines and cosines of the first places, `[time, features]`; `features` must be even.
    static func table(_ time: Int, _ features: Int, base: Double) -> Tensor {
        .build([time, features]) { out in
            for place in 0..<time {
                for pair in 0..<features / 2 {
                    let angle = Double(place) * pow(base, -Double(2 * pair) / Double(features))
                    out[place * features + 2 * pair] = Float(sin(angle))
                    out[place * features + 2 * pair + 1] = Float(cos(angle))
                }
            }
        }
    }
}

extension Tensor {
    /// The axis of time of a sequence of `features`; nil when it is none.
    func placeAxis(_ features: Int, batchFirst: Bool) -> Int? {
        guard rank == 2 || rank == 3, shape[-1] == features else { return nil }
        return rank == 3 && batchFirst ? 1 : 0
    }

    /// A table `[time, features]` in the form in which it is added to a sequence with time at `axis`.
    func placed(at axis: Int, rank: Int) -> Tensor { rank == 3 && axis == 0 ? unsqueezed(axis: 1) : self }
}
