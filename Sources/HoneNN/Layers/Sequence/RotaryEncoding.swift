import Foundation
import HoneTensor

/// Turns queries and keys by their place, so that their products depend on distances alone (Su et al. 2021,
/// "RoFormer", equation 34). Pair i of place p is turned by p / base^(2i / turned).
///
/// - Shape: `[..., time, width]`, as a head's queries and keys are; stays
public final class RotaryEncoding: Module {
    private let turned: Int
    private let width: Int
    private let base: Double
    private let pairing: RotaryPairing
    /// The longest tables so far, `[time, turned / 2]`.
    private var cosines = Tensor.zeros([0, 0])
    private var sines = Tensor.zeros([0, 0])

    /// Makes the layer.
    ///
    /// - Parameters:
    ///   - width: of a head.
    ///   - turned: how many of its first elements are turned, an even number; all when nil.
    ///   - pairing: which elements make a pair.
    public init(_ width: Int, turned: Int? = nil, base: Double = 10_000, pairing: RotaryPairing = .halves) {
        (self.width, self.turned, self.base, self.pairing) = (width, turned ?? width, base, pairing)
    }

    /// `RotaryEncoding 32`
    public var label: String { "RotaryEncoding \(width)" }

    /// Steps from place 0 on.
    public func forward(_ x: Tensor) -> Tensor { forward(x, from: 0) }

    /// Steps from place `start` on: when earlier keys are kept, the queries of new ones begin there.
    public func callAsFunction(_ x: Tensor, from start: Int) -> Tensor {
        traced([x], outputs: { [$0] }) { forward(x, from: start) }
    }

    func forward(_ x: Tensor, from start: Int) -> Tensor {
        if x.isInert { return x }
        guard turned % 2 == 0, turned >= 0, turned <= width, start >= 0 else {
            return failed(
                label, "\(turned) turned elements from place \(start), expected an even number up to \(width) from 0 on"
            )
        }
        guard x.rank >= 2, x.shape[-1] == width else {
            return failed(label, "input is \(x.shape), expected [..., time, \(width)]")
        }
        let end = start + x.shape[-2]
        if cosines.shape[0] < end {
            cosines = table(end) { cos($0) }
            sines = table(end) { sin($0) }
        }
        return x.rotary(cosines: cosines[start..<end], sines: sines[start..<end], pairing: pairing)
    }

    private func table(_ time: Int, _ function: (Double) -> Double) -> Tensor {
        let pairs = turned / 2
        return .build([time, pairs]) { out in
            for place in 0..<time {
                for pair in 0..<pairs {
                    out[place * pairs + pair] = Float(
                        function(Double(place) * pow(base, -Double(2 * pair) / Double(turned))))
                }
            }
        }
    }
}
