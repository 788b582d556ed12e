import HoneKernels
import HoneTensor

/// Muon (Jordan et al. 2024): momentum whose matrix is replaced by the nearest one with orthonormal rows or columns,
/// by five Newton–Schulz steps X ← a X + (b X Xᵀ + c (X Xᵀ)²) X from X = M / ‖M‖. Weight decay is decoupled.
///
/// For weights of two axes or more, of which the first is one side and all others together are the other; give the rest
/// (biases, norms, embeddings, the last layer) to another rule:
///
/// ```swift
/// Learner(data, model: model, loss: CrossEntropy(), optimizer: AdamW(),
///     groups: .whole.separating(.matrices && !.named("head"), rule: Muon(scale: .matchingAdamW)))
/// ```
///
/// A parameter with fewer axes is moved along its normalised momentum.
public struct Muon: UpdateRule, Equatable {
    /// What the rate is multiplied by for a matrix [m, n].
    public enum Scale: Sendable, Equatable {
        /// √max(1, m / n): Jordan's.
        case original
        /// 0.2 √max(m, n), which gives steps as large as AdamW's, so that both can share a rate (Liu et al. 2025).
        case matchingAdamW
    }

    /// The factors of a Newton–Schulz step X ← a X + (b X Xᵀ + c (X Xᵀ)²) X.
    public struct Coefficients: Sendable, Equatable {
        /// What singular values near 0 are multiplied by.
        public let a: Double
        /// The factor of the third power.
        public let b: Double
        /// The factor of the fifth power; 0 leaves the cubic steps of Newton and Schulz.
        public let c: Double

        /// Makes the factors.
        public init(_ a: Double, _ b: Double, _ c: Double) { (self.a, self.b, self.c) = (a, b, c) }

        /// Jordan's: steep at 0, and near 1 from some 0.3 on.
        public static let jordan = Coefficients(3.4445, -4.7750, 2.0315)
    }

    /// The first values of the hyper-parameters.
    public let defaults: HyperparameterValues

    /// Whether the step looks ahead along the momentum.
    public let nesterov: Bool

    /// What the rate is multiplied by.
    public let scale: Scale

    /// The number of Newton–Schulz steps.
    public let iterations: Int

    /// The factors of such a step.
    public let coefficients: Coefficients

    /// Makes the rule; PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - learningRate: > 0; `fit` sets it.
    ///   - momentum: 0 up to 1.
    ///   - weightDecay: ≥ 0.
    ///   - epsilon: > 0, the least norm that is divided by.
    ///   - iterations: 1 or more.
    ///   - coefficients: PyTorch's `ns_coefficients`.
    public init(
        learningRate: Double = 1e-3, momentum: Double = 0.95, weightDecay: Double = 0.1, epsilon: Double = 1e-7,
        nesterov: Bool = true, scale: Scale = .original, iterations: Int = 5,
        coefficients: Coefficients = .jordan
    ) {
        defaults = [
            .learningRate: learningRate, .momentum: momentum, .weightDecay: weightDecay, .epsilon: epsilon,
        ]
        self.nesterov = nesterov
        self.scale = scale
        self.iterations = iterations
        self.coefficients = coefficients
    }

    /// `Muon`
    public var name: String { "Muon" }

    /// The option's range.
    public var options: [RuleOption] {
        [RuleOption("iterations", Double(iterations), .oneOrMore)]
    }

    /// Above 0 for epsilon, which is divided by where all gradients are 0.
    public func range(of key: Hyperparameter) -> HyperparameterRange { key == .epsilon ? .positive : key.range }

    /// One matrix.
    public var granularity: UpdateGranularity { .parameter }

    /// The momentum buffer.
    public var states: [RuleState] { ["momentumBuffer"] }

    /// One update of a parameter.
    public func update(_ stretch: UpdateStretch, step: Int, _ values: HyperparameterValues) {
        let (rate, momentum, count) = (values(.learningRate), values(.momentum), stretch.count)
        let buffer = stretch.states[0]
        hone_move_toward(HONE_ISA_AUTO, 1 - momentum, stretch.gradients, buffer, count)
        withScratch(count) { x in
            x.update(from: nesterov ? stretch.gradients : UnsafePointer(buffer), count: count)
            if nesterov { hone_move_toward(HONE_ISA_AUTO, momentum, buffer, x, count) }
            let rows = stretch.shape.rank < 2 ? 1 : stretch.shape[0]
            let columns = count / rows
            let norm = hone_sum_squares(HONE_ISA_AUTO, x, count).squareRoot()
            hone_scale(HONE_ISA_AUTO, Float(1 / max(norm, values(.epsilon))), x, count)
            if rows > 1, columns > 1 { orthogonalize(x, rows, columns) }
            let shrink = 1 - rate * values(.weightDecay)
            if shrink != 1 { hone_scale(HONE_ISA_AUTO, Float(shrink), stretch.parameters, count) }
            let factor =
                switch scale {
                case .original: max(1, Double(rows) / Double(columns)).squareRoot()
                case .matchingAdamW: 0.2 * Double(max(rows, columns)).squareRoot()
                }
            hone_axpy(HONE_ISA_AUTO, Float(-rate * factor), x, stretch.parameters, count)
        }
    }

    /// Brings all singular values of a matrix of norm 1 near to 1; the products are made along the shorter side.
    private func orthogonalize(_ x: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {
        let (isTall, side) = (rows > columns, min(rows, columns))
        let (a, b, c) = (Float(coefficients.a), Float(coefficients.b), Float(coefficients.c))
        // Products are summed without a factor, which all get at the end.
        let unit = c == 0 ? 1 : c
        withScratch(2 * side * side + rows * columns) { scratch in
            let (gram, mixed, next) = (scratch, scratch + side * side, scratch + 2 * side * side)
            for _ in 0..<max(0, iterations) {
                hone_sgemm(
                    HONE_ISA_AUTO, isTall, !isTall, side, side, max(rows, columns), x, columns, x, columns, 0, gram,
                    side, nil)
                // mixed = b gram + c gram², over the unit
                mixed.update(from: gram, count: side * side)
                hone_scale(HONE_ISA_AUTO, b / unit, mixed, side * side)
                if c != 0 {
                    hone_sgemm(
                        HONE_ISA_AUTO, false, false, side, side, side, gram, side, gram, side, 1, mixed, side, nil)
                }
                // x = a x + mixed x, or a x + x mixed
                next.update(from: x, count: rows * columns)
                hone_scale(HONE_ISA_AUTO, a / unit, next, rows * columns)
                if isTall {
                    hone_sgemm(
                        HONE_ISA_AUTO, false, false, rows, columns, side, x, columns, mixed, side, 1, next, columns,
                        nil)
                } else {
                    hone_sgemm(
                        HONE_ISA_AUTO, false, false, rows, columns, side, mixed, side, x, columns, 1, next, columns,
                        nil)
                }
                x.update(from: next, count: rows * columns)
                hone_scale(HONE_ISA_AUTO, unit, x, rows * columns)
            }
        }
    }
}
