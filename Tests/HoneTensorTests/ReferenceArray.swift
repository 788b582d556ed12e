import Foundation
import HoneTensor
import Testing

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

    mutating func float(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() >> 40) * 0x1p-24
    }

    mutating func tensor(_ shape: [Int], in range: ClosedRange<Float> = -2...2) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { _ in float(in: range) }, shape: Shape(shape))
    }

    /// Elements that are all at least 0.1 from one another and from every multiple of 0.1, in a random order: no
    /// finite difference steps over a kink, and none changes which of two elements is the larger.
    mutating func separated(_ shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        var values = (0..<count).map { 0.1 * Float($0 - count / 2) + 0.05 }
        for i in stride(from: count - 1, through: 1, by: -1) { values.swapAt(i, Int(next() % UInt64(i + 1))) }
        return Tensor(values, shape: Shape(shape))
    }
}

/// The slow and obvious twin of a tensor: double precision, one index at a time, nothing shared with the engine.
struct ReferenceArray {
    var shape: [Int]
    var values: [Double]

    init(_ shape: [Int], _ values: [Double]) {
        self.shape = shape
        self.values = values
    }

    init(_ tensor: Tensor) { self.init(tensor.shape.array, tensor.scalars.map(Double.init)) }

    /// Every index of a shape in row-major order.
    static func indices(_ shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { indices, length in indices.flatMap { index in (0..<length).map { index + [$0] } } }
    }

    /// The element at an index, which may belong to a shape that this one is broadcast to.
    func at(_ index: [Int]) -> Double {
        var offset = 0
        for (axis, length) in shape.enumerated() {
            let position = index[index.count - shape.count + axis]
            offset = offset * length + (length == 1 ? 0 : position)
        }
        return values[offset]
    }

    /// NumPy's rule: shapes are aligned at their ends, and an axis of length 1 goes with any other.
    static func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
        let rank = max(a.count, b.count)
        let (longA, longB) = (
            Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b
        )
        return zip(longA, longB).map { $0 == 1 ? $1 : $0 }
    }

    static func zip2(_ a: Tensor, _ b: Tensor, _ f: (Double, Double) -> Double) -> ReferenceArray {
        let (a, b) = (ReferenceArray(a), ReferenceArray(b))
        let shape = broadcastShape(a.shape, b.shape)
        return ReferenceArray(shape, indices(shape).map { f(a.at($0), b.at($0)) })
    }

    func map(_ f: (Double) -> Double) -> ReferenceArray { ReferenceArray(shape, values.map(f)) }

    /// Folds the elements that share their place on all axes but `axes`.
    func reduced(_ axes: [Int], keep: Bool, _ fold: ([Double]) -> Double) -> ReferenceArray {
        let axes = Set(axes.map { $0 < 0 ? $0 + shape.count : $0 })
        let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
        let result = ReferenceArray.indices(kept).map { place in
            fold(
                ReferenceArray.indices(shape).filter { index in
                    shape.indices.allSatisfy { axes.contains($0) || index[$0] == place[$0] }
                }.map(at))
        }
        return ReferenceArray(keep ? kept : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }, result)
    }
}

/// Whether a tensor has the reference's shape and, within single precision, its elements.
func expectClose(
    _ tensor: Tensor, _ reference: ReferenceArray, relative: Double = 1e-5, absolute: Double = 1e-6,
    _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(tensor.shape.array == reference.shape, "\(name)", sourceLocation: sourceLocation)
    let actual = tensor.scalars.map(Double.init)
    guard actual.count == reference.values.count else {
        Issue.record("\(name): \(actual.count) elements", sourceLocation: sourceLocation)
        return
    }
    for (index, (a, b)) in zip(actual, reference.values).enumerated() {
        let isClose = a == b || (a.isNaN && b.isNaN) || abs(a - b) <= absolute + relative * abs(b)
        if !isClose { Issue.record("\(name) [\(index)]: \(a), expected \(b)", sourceLocation: sourceLocation) }
    }
}

/// Whether the gradients of a function agree with central differences at the inputs.
func expectGradients(
    at inputs: [Tensor], tolerance: Double = 4e-3, step: Float = 5e-3, _ name: String = "",
    sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Tensor]) -> Tensor
) throws {
    let report = try GradientCheck.report(at: inputs, step: step, function)
    #expect(report.worst <= tolerance, "\(name): \(report)", sourceLocation: sourceLocation)
}

/// The gradients of `function`'s result, summed with `seed` or ones, at `inputs`.
func gradients(
    at inputs: [Tensor], seed: Tensor? = nil, _ function: ([Tensor]) throws -> Tensor
) throws -> [Tensor] {
    let tape = Tape()
    return try tape.record {
        let watched = inputs.map { tape.watch($0) }
        return try tape.gradients(of: function(watched), for: watched, seed: seed)
    }
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
