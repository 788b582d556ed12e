/// Compares gradients with central differences, (f(x + h) − f(x − h)) / 2h.
public enum GradientCheck {
    /// The worst disagreement that was found.
    public struct Report: Sendable, CustomStringConvertible {
        /// The largest |gradient − difference| / max(1, |gradient|, |difference|).
        public var worst: Double
        /// Which input it is in, and at which element.
        public var input: Int
        /// The element of that input, in row-major order.
        public var element: Int
        /// The gradient there.
        public var gradient: Double
        /// The central difference there.
        public var difference: Double

        /// Both figures and the place, in words.
        public var description: String {
            "input \(input), element \(element): gradient \(gradient), central difference \(difference)"
        }
    }

    /// Checks `function`'s gradients at `inputs`; its result may have any shape and is weighted by fixed random numbers.
    ///
    /// - Parameter step: h; with `Float` elements, 1e-2 to 1e-3 balances rounding against curvature.
    /// - Throws: ``TensorError`` of a mistake within `function`.
    public static func report(
        at inputs: [Tensor], step: Float = 5e-3, seed: UInt64 = 0, _ function: ([Tensor]) -> Tensor
    ) throws -> Report {
        try catchingTensorErrors {
            var weights = Tensor(0)
            func value(_ inputs: [Tensor]) -> Double {
                let output = withoutGradient { function(inputs) }
                var total = 0.0
                for (y, w) in zip(output.scalars, weights.scalars) { total += Double(y) * Double(w) }
                return total
            }
            let tape = Tape()
            let gradients = try tape.record {
                let watched = inputs.map { tape.watch($0) }
                let output = function(watched)
                weights = .uniform(output.shape, low: 0.5, high: 1.5, key: RandomKey(seed: seed))
                return try tape.gradients(of: output, for: watched, seed: weights)
            }
            var report = Report(worst: 0, input: 0, element: 0, gradient: 0, difference: 0)
            for (index, input) in inputs.enumerated() {
                let values = input.scalars
                let slopes = gradients[index].scalars
                for element in values.indices {
                    func shifted(by delta: Float) -> (point: Float, value: Double) {
                        var moved = values
                        moved[element] += delta
                        var all = inputs
                        all[index] = Tensor(moved, shape: input.shape)
                        return (moved[element], value(all))
                    }
                    let (up, down) = (shifted(by: step), shifted(by: -step))
                    let difference = (up.value - down.value) / Double(up.point - down.point)
                    let gradient = Double(slopes[element])
                    let error =
                        Swift.abs(gradient - difference) / Swift.max(1, Swift.abs(gradient), Swift.abs(difference))
                    if !(error <= report.worst) {
                        report = Report(
                            worst: error.isNaN ? .infinity : error, input: index, element: element, gradient: gradient,
                            difference: difference)
                    }
                }
            }
            return report
        }
    }
}
