import Foundation
import HoneNN
import HoneTensor
import Testing

/// A loss as the registry's tests walk it. A public loss that is not among ``all`` makes them red.
struct LossEntry: Sendable, CustomTestStringConvertible {
    /// How targets are drawn.
    enum Target: Sendable {
        /// Labels of as many classes as the prediction's second axis.
        case labels
        /// Numbers in a range, of the prediction's shape.
        case numbers(ClosedRange<Float>)
        /// −1 and 1, of a shape made from the prediction's.
        case signs(@Sendable ([Int]) -> [Int])
        /// Distributions over the second axis.
        case distributions
    }

    let name: String
    var variant = ""
    var shapes: [[Int]] = [[3], [2, 4], [2, 3, 2]]
    var predictions: ClosedRange<Float> = -2...2
    let target: Target
    /// Whether gradients reach the target too.
    var targetIsDifferentiable = false
    /// The loss of each element and the count, in double precision, by definition.
    let truth: @Sendable (Values, Values) -> (losses: [Double], count: Double)
    let loss: any ElementwiseLoss & Sendable

    var testDescription: String { variant.isEmpty ? name : "\(name) (\(variant))" }

    /// A tensor's numbers.
    struct Values {
        let shape: [Int]
        let numbers: [Double]

        init(_ tensor: Tensor) {
            shape = tensor.shape.array
            numbers = tensor.elementType == .int32 ? tensor.integers.map(Double.init) : tensor.scalars.map(Double.init)
        }

        /// The rows of the second axis, in the order of the labels.
        var rows: [[Double]] {
            let (classes, inner) = (shape[1], shape.dropFirst(2).reduce(1, *))
            return (0..<shape[0]).flatMap { sample in
                (0..<inner).map { place in
                    (0..<classes).map { numbers[(sample * classes + $0) * inner + place] }
                }
            }
        }
    }

    static let all: [LossEntry] = ofClasses + ofPairs + ofSigns
}

// MARK: Classes

extension LossEntry {
    private static let classShapes = [[4, 3], [3, 5, 2], [2, 3, 2, 2], [1, 1]]
    private static let weights: [Float] = [0.5, 2, 1.25]

    private static func logSoftmax(_ row: [Double]) -> [Double] {
        let largest = row.max() ?? 0
        let sum = log(row.reduce(0) { $0 + exp($1 - largest) })
        return row.map { $0 - largest - sum }
    }

    /// Each row's loss and weight; the count is the sum of the weights.
    private static func perRow(
        _ x: Values, _ y: Values, _ value: ([Double], Int) -> (loss: Double, weight: Double)
    ) -> (losses: [Double], count: Double) {
        let all = zip(x.rows, y.numbers).map { value($0, Int($1)) }
        return (all.map(\.loss), all.reduce(0) { $0 + $1.weight })
    }

    private static let ofClasses: [LossEntry] = [
        LossEntry(
            name: "CrossEntropy", shapes: classShapes, target: .labels,
            truth: { x, y in perRow(x, y) { (-logSoftmax($0)[$1], 1) } }, loss: CrossEntropy()),
        LossEntry(
            name: "CrossEntropy", variant: "weights, ignoring", shapes: [[4, 3], [2, 3, 2]], target: .labels,
            truth: { x, y in
                perRow(x, y) { row, label in
                    label == 1 ? (0, 0) : (-Double(weights[label]) * logSoftmax(row)[label], Double(weights[label]))
                }
            },
            loss: CrossEntropy(weights: weights, ignoring: 1)),
        LossEntry(
            name: "CrossEntropy", variant: "weights, ignoring, smoothing", shapes: [[4, 3], [2, 3, 2]],
            target: .labels,
            truth: { x, y in
                perRow(x, y) { row, label in
                    if label == 1 { return (0, 0) }
                    let logarithms = logSoftmax(row)
                    let spread = zip(logarithms, weights).reduce(0) { $0 - $1.0 * Double($1.1) }
                    let weight = Double(weights[label])
                    return (-0.75 * weight * logarithms[label] + 0.25 / 3 * spread, weight)
                }
            },
            loss: CrossEntropy(weights: weights, smoothing: 0.25, ignoring: 1)),
        LossEntry(
            name: "CrossEntropy", variant: "distributions, weights, smoothing", shapes: [[4, 3], [2, 3, 2]],
            target: .distributions, targetIsDifferentiable: true,
            truth: { x, y in
                let losses = zip(x.rows, y.rows).map { row, shares in
                    let logarithms = logSoftmax(row)
                    return (0..<3).reduce(0) { sum, c in
                        sum - Double(weights[c]) * (0.75 * shares[c] + 0.25 / 3) * logarithms[c]
                    }
                }
                return (losses, Double(losses.count))
            },
            loss: CrossEntropy(weights: weights, smoothing: 0.25)),
        LossEntry(
            name: "NegativeLogLikelihood", shapes: classShapes, target: .labels,
            truth: { x, y in perRow(x, y) { (-$0[$1], 1) } }, loss: NegativeLogLikelihood()),
        LossEntry(
            name: "NegativeLogLikelihood", variant: "weights, ignoring", shapes: [[4, 3], [2, 3, 2]], target: .labels,
            truth: { x, y in
                perRow(x, y) { row, label in
                    label == 2 ? (0, 0) : (-Double(weights[label]) * row[label], Double(weights[label]))
                }
            },
            loss: NegativeLogLikelihood(weights: weights, ignoring: 2)),
        LossEntry(
            name: "Focal", shapes: classShapes, target: .labels,
            truth: { x, y in
                perRow(x, y) { row, label in
                    let logarithm = logSoftmax(row)[label]
                    return (-pow(1 - exp(logarithm), 2) * logarithm, 1)
                }
            },
            loss: Focal()),
        LossEntry(
            name: "Focal", variant: "weights, ignoring", shapes: [[4, 3], [2, 3, 2]], target: .labels,
            truth: { x, y in
                perRow(x, y) { row, label in
                    let logarithm = logSoftmax(row)[label]
                    let loss = -Double(weights[label]) * pow(1 - exp(logarithm), 0.5) * logarithm
                    return label == 0 ? (0, 0) : (loss, 1)
                }
            },
            loss: Focal(gamma: 0.5, weights: weights, ignoring: 0)),
    ]
}

// MARK: Pairs

extension LossEntry {
    private static func perElement(
        _ value: @escaping @Sendable (Double, Double) -> Double
    ) -> @Sendable (Values, Values) -> (losses: [Double], count: Double) {
        { x, y in (zip(x.numbers, y.numbers).map { value($0, $1) }, Double(x.numbers.count)) }
    }

    @Sendable private static func binary(_ x: Double, _ y: Double) -> Double {
        max(x, 0) - x * y + log1p(exp(-abs(x)))
    }

    private static let ofPairs: [LossEntry] = [
        LossEntry(
            name: "BinaryCrossEntropyWithLogits", target: .numbers(0...1), targetIsDifferentiable: true,
            truth: perElement(binary), loss: BinaryCrossEntropyWithLogits()),
        LossEntry(
            name: "BinaryCrossEntropyWithLogits", variant: "weights", shapes: [[2, 3], [2, 2, 3]],
            target: .numbers(0...1), targetIsDifferentiable: true,
            truth: { x, y in
                let losses = zip(x.numbers, y.numbers).enumerated().map { place, pair in
                    let (x, y) = pair
                    let (p, w) = ([2, 0.5, 3][place % 3], [1, 2, 0.25][place % 3])
                    return w * (-p * y * log(1 / (1 + exp(-x))) - (1 - y) * log(1 / (1 + exp(x))))
                }
                return (losses, Double(losses.count))
            },
            loss: BinaryCrossEntropyWithLogits(weights: Tensor([1, 2, 0.25]), positiveWeights: Tensor([2, 0.5, 3]))),
        LossEntry(
            name: "BinaryCrossEntropy", predictions: 0.1...0.9, target: .numbers(0...1), targetIsDifferentiable: true,
            truth: perElement { -$1 * log($0) - (1 - $1) * log(1 - $0) }, loss: BinaryCrossEntropy()),
        LossEntry(
            name: "BinaryFocal", target: .numbers(0...1), targetIsDifferentiable: true,
            truth: perElement { x, y in
                let p = 1 / (1 + exp(-x))
                return (0.25 * y + 0.75 * (1 - y)) * binary(x, y) * pow(1 - p * y - (1 - p) * (1 - y), 2)
            },
            loss: BinaryFocal()),
        LossEntry(
            name: "MeanSquaredError", target: .numbers(-2...2), targetIsDifferentiable: true,
            truth: perElement { ($0 - $1) * ($0 - $1) }, loss: MeanSquaredError()),
        LossEntry(
            name: "MeanAbsoluteError", target: .numbers(2.5...4), targetIsDifferentiable: true,
            truth: perElement { abs($0 - $1) }, loss: MeanAbsoluteError()),
        LossEntry(
            name: "Huber", target: .numbers(-2...2), targetIsDifferentiable: true,
            truth: perElement { x, y in
                abs(x - y) < 1.5 ? (x - y) * (x - y) / 2 : 1.5 * (abs(x - y) - 0.75)
            },
            loss: Huber(delta: 1.5)),
        LossEntry(
            name: "SmoothL1", target: .numbers(-2...2), targetIsDifferentiable: true,
            truth: perElement { x, y in abs(x - y) < 0.5 ? (x - y) * (x - y) : abs(x - y) - 0.25 },
            loss: SmoothL1(beta: 0.5)),
        LossEntry(
            name: "KLDivergence", target: .numbers(0.1...1), targetIsDifferentiable: true,
            truth: perElement { $1 * (log($1) - $0) }, loss: KLDivergence()),
        LossEntry(
            name: "KLDivergence", variant: "logarithms, a batch", target: .numbers(-2...0),
            targetIsDifferentiable: true,
            truth: { x, y in
                (zip(x.numbers, y.numbers).map { exp($1) * ($1 - $0) }, Double(x.shape[0]))
            },
            loss: KLDivergence(logTarget: true, mean: .batch)),
    ]

    private static let ofSigns: [LossEntry] = [
        LossEntry(
            name: "Hinge", target: .signs { $0 }, truth: perElement { max(0, 0.7 - $0 * $1) }, loss: Hinge(margin: 0.7)),
        LossEntry(
            name: "Hinge", variant: "squared", target: .signs { $0 }, truth: perElement { pow(max(0, 1 - $0 * $1), 2) },
            loss: Hinge(isSquared: true)),
        LossEntry(
            name: "CosineEmbedding", shapes: [[3, 2, 4], [1, 2, 2], [5, 2, 3]], target: .signs { [$0[0]] },
            truth: { x, y in
                let features = x.shape[2]
                let losses = y.numbers.indices.map { pair -> Double in
                    let start = pair * 2 * features
                    let a = x.numbers[start..<start + features]
                    let b = x.numbers[start + features..<start + 2 * features]
                    let lengths = [a, b].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
                    let cosine = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (lengths[0] * lengths[1])
                    return y.numbers[pair] > 0 ? 1 - cosine : max(0, cosine + 0.9)
                }
                return (losses, Double(losses.count))
            },
            loss: CosineEmbedding(margin: -0.9)),
    ]
}
