import HoneNN
import HoneTensor

/// A small generator of its own (SplitMix64), so that no test draws its numbers from what it tests.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func tensor(_ shape: [Int], in range: ClosedRange<Float> = -2...2) -> Tensor {
        let width = range.upperBound - range.lowerBound
        return Tensor(
            (0..<shape.reduce(1, *)).map { _ in range.lowerBound + width * Float(next() >> 40) * 0x1p-24 },
            shape: Shape(shape))
    }
}

/// The model of the documentation.
final class Net: Module {
    let body = Sequential(Linear(4, 3), ReLU())
    let head = Linear(3, 2)
    func forward(_ x: Tensor) -> Tensor { head(body(x)) }
}

/// A module with one weight, whose name tells it apart.
final class Scale: Module {
    let weight: Parameter
    init(_ count: Int = 2, _ initialiser: Initialiser = .normal()) { weight = Parameter([count], initialiser) }
    func forward(_ x: Tensor) -> Tensor { x * weight.tensor }
}

/// The names of a module's parameters in order.
func names(_ module: any Module) -> [String] { module.parameters.map(\.name) }

/// The largest difference between two tensors of one shape; NaN when their shapes differ.
func distance(_ a: Tensor, _ b: Tensor) -> Float {
    guard a.shape == b.shape else { return .nan }
    return zip(a.scalars, b.scalars).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// The words of the mistake that `body` makes; nil when it makes none.
func mistake<Result>(in body: () throws -> Result) -> String? {
    do {
        _ = try catchingTensorErrors(body)
        return nil
    } catch {
        return "\(error)"
    }
}
