import Foundation
import HoneKernels
import HoneTensor

/// Adafactor (Shazeer and Stern 2018, algorithms 4 and 5): the average squared gradient of a matrix is kept as the averages of
/// its rows R and columns C, v = R C / mean(R), with decay 1 − t^d; the direction g / √v is scaled down to a root mean square
/// of at most `clipping`, and the rate α = max(ε₂, RMS(p)) · min(ε, 1 / √t) is relative to the parameter's size.
/// Of more than two axes the last two make the matrices; fewer than two are kept whole. Weight decay is decoupled.
public struct Adafactor: UpdateRule, Equatable {
    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// d: the decay of the averages approaches 1 by this power of the step.
    public let beta2Decay: Double

    /// ε₂, the least size of a parameter that the rate is relative to; ε₁, what bounds the averages, is
    /// ``Hyperparameter/epsilon``.
    public let leastSize: Double

    /// The largest root mean square of a direction.
    public let clipping: Double

    /// Whether the objective is made large.
    public let maximize: Bool

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: ε, > 0, relative to the parameter's size; `fit` sets it.
    ///   - beta2Decay: d, < 0.
    ///   - epsilon: ε₁, > 0.
    ///   - leastSize: ε₂, > 0.
    ///   - clipping: > 0.
    ///   - weightDecay: ≥ 0.
    public init(
        learningRate: Double = 1e-2, beta2Decay: Double = -0.8, epsilon: Double = Double(Float.ulpOfOne),
        leastSize: Double = 1e-3, clipping: Double = 1, weightDecay: Double = 0, maximize: Bool = false
    ) {
        defaults = [.learningRate: learningRate, .epsilon: epsilon, .weightDecay: weightDecay]
        self.beta2Decay = beta2Decay
        self.leastSize = leastSize
        self.clipping = clipping
        self.maximize = maximize
    }

    /// `Adafactor`
    public var name: String { "Adafactor" }

    /// The options' ranges.
    public var options: [RuleOption] {
        [RuleOption("leastSize", leastSize, .positive), RuleOption("clipping", clipping, .positive)]
    }

    /// Above 0 for epsilon, which is divided by where a gradient is 0.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key == .epsilon ? .positive : key.range }

    /// One parameter, with its rows and columns.
    public var granularity: UpdateGranularity { .parameter }

    /// The average squares of rows and columns of a matrix; of a vector, of each element.
    public var states: [RuleState] {
        [
            RuleState("rowAverage") { $0.rank < 2 ? 0 : $0.count / max(1, $0[-1]) },
            RuleState("columnAverage") { $0.rank < 2 ? 0 : $0.count / max(1, $0[-2]) },
            RuleState("averageSquare") { $0.rank < 2 ? $0.count : 0 },
        ]
    }

    /// One update of a parameter.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (count, shape) = (stretch.count, stretch.shape)
        let (rate, epsilon) = (values(.learningRate), values(.epsilon))
        let fresh = pow(Double(step), beta2Decay)
        let size = (hone_sum_squares(HONE_ISA_AUTO, stretch.parameters, count) / Double(count)).squareRoot()
        let alpha = max(leastSize, size) * min(rate, 1 / Double(step).squareRoot())
        let shrink = 1 - rate * values(.weightDecay)
        if shrink != 1 { hone_scale(HONE_ISA_AUTO, Float(shrink), stretch.parameters, count) }
        withScratch(count) { direction in
            if shape.rank < 2 {
                hone_averaged_direction(
                    HONE_ISA_AUTO, stretch.gradients, fresh, epsilon * epsilon, stretch.states[2], direction, count)
            } else {
                factoredDirection(stretch, fresh, epsilon, direction)
            }
            let spread = (hone_sum_squares(HONE_ISA_AUTO, direction, count) / Double(count)).squareRoot()
            let step = alpha / max(1, spread / clipping)
            hone_axpy(HONE_ISA_AUTO, Float(maximize ? step : -step), direction, stretch.parameters, count)
        }
    }

    /// direction = g / √(R C / mean(R)), one matrix of the last two axes after the other.
    private func factoredDirection(
        _ stretch: UpdateStretch, _ fresh: Double, _ epsilon: Double, _ direction: UnsafeMutablePointer<Float>
    ) {
        let (rows, columns) = (stretch.shape[-2], stretch.shape[-1])
        withScratch(max(rows, columns)) { scratch in
            for matrix in 0..<stretch.count / (rows * columns) {
                let gradient = stretch.gradients + matrix * rows * columns
                let (row, column) = (stretch.states[0] + matrix * rows, stretch.states[1] + matrix * columns)
                func average(_ kept: UnsafeMutablePointer<Float>, _ count: Int, of others: Int) {
                    hone_scale(HONE_ISA_AUTO, Float(1 / Double(others)), scratch, count)
                    hone_move_toward(HONE_ISA_AUTO, fresh, scratch, kept, count)
                }
                hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM_SQUARES, gradient, rows, columns, 1, scratch, false)
                average(row, rows, of: columns)
                hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM_SQUARES, gradient, 1, rows, columns, scratch, false)
                average(column, columns, of: rows)
                let mean = max(hone_sum(HONE_ISA_AUTO, row, rows) / Double(rows), epsilon)
                scratch.update(from: row, count: rows)
                hone_scale(HONE_ISA_AUTO, Float(1 / mean), scratch, rows)
                hone_factored_direction(
                    HONE_ISA_AUTO, gradient, scratch, column, epsilon * epsilon,
                    direction + matrix * rows * columns, rows, columns)
            }
        }
    }
}
