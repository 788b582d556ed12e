import Foundation
import HoneNN
import HoneOptim
import HoneTensor
import Testing

/// How many steps rules need, each at the best of several rates, where the directions of a loss differ in steepness.
@Suite struct ConvergenceTests {
    /// A loss of a few numbers, and its gradient, in double precision.
    private struct Landscape {
        let start: [Double]
        let loss: ([Double]) -> Double
        let gradient: ([Double]) -> [Double]
        /// Where a walk has arrived.
        let goal: Double
    }

    private final class Point: Module {
        let place: Parameter
        init(_ start: [Double]) {
            place = Parameter([start.count])
            place.value = Tensor(start.map { Float($0) })
        }
        func forward(_ x: Tensor) -> Tensor { x }
    }

    /// The fewest steps to the goal over rates of three a decade; `limit` if none arrives.
    private func fewestSteps(_ landscape: Landscape, limit: Int, _ rule: (Double) -> any UpdateRule) -> Int {
        (-12...4).map { exponent -> Int in
            let arena = ParameterArena.adopt(Point(landscape.start), seed: 0)
            let optimizer = Optimizer(rule(pow(10, Double(exponent) / 3)), arena)
            for step in 0..<limit {
                let place = arena.entries[0].range.map { Double(arena.values[$0]) }
                let loss = landscape.loss(place)
                if !loss.isFinite || loss > 1e6 { return limit }
                if loss < landscape.goal { return step }
                arena.zeroGradients()
                arena.completeGradients()
                for (index, value) in zip(arena.entries[0].range, landscape.gradient(place)) {
                    arena.gradients[index] = Float(value)
                }
                optimizer.step()
            }
            return limit
        }.min() ?? limit
    }

    /// The line y = 4 + 3 x over x = 0 … 20: a valley some five hundred times as steep across as along.
    @Test func aNarrowValleyIsShortForMomentumAndForRatesPerParameter() {
        let x = (0..<50).map { Double($0) * 20 / 49 }
        let (mean, square) = (x.reduce(0, +) / 50, x.reduce(0) { $0 + $1 * $1 } / 50)
        let valley = Landscape(
            start: [0, 0],
            loss: { p in
                let (b, w) = (p[0] - 4, p[1] - 3)
                return b * b + 2 * mean * b * w + square * w * w
            },
            gradient: { p in
                let (b, w) = (p[0] - 4, p[1] - 3)
                return [2 * b + 2 * mean * w, 2 * mean * b + 2 * square * w]
            }, goal: 1e-3)
        let plain = fewestSteps(valley, limit: 3000) { SGD(learningRate: $0) }
        #expect(plain > 1000)
        #expect(fewestSteps(valley, limit: 3000) { SGD(learningRate: $0, momentum: 0.9) } < plain / 5)
        #expect(fewestSteps(valley, limit: 3000) { Adagrad(learningRate: $0) } < plain / 5)
        #expect(fewestSteps(valley, limit: 3000) { RMSprop(learningRate: $0) } < plain / 5)
        #expect(fewestSteps(valley, limit: 3000) { Adam(learningRate: $0) } < plain / 5)
        #expect(fewestSteps(valley, limit: 3000) { NAdam(learningRate: $0) } < plain / 5)
    }

    /// Logistic regression on two features, of which one is a hundred times as large as the other.
    @Test func logisticRegressionOnUnequalFeaturesIsShortForRatesPerParameter() {
        var numbers = TestNumbers(seed: 5)
        let samples = (0..<32).map { _ -> (x: [Double], label: Double) in
            let draw = numbers.floats(3).map(Double.init)
            // Noise keeps the classes from being separable: the optimum is finite.
            let label = draw[0] + draw[1] + 0.8 * draw[2] > 0 ? 1.0 : 0
            return ([1, 100 * draw[0], draw[1]], label)
        }
        func loss(_ p: [Double]) -> Double {
            samples.reduce(0) { sum, sample in
                let z = zip(p, sample.x).reduce(0) { $0 + $1.0 * $1.1 }
                return sum + max(z, 0) - z * sample.label + log1p(exp(-abs(z)))
            } / 32
        }
        func gradient(_ p: [Double]) -> [Double] {
            var sum = [0.0, 0, 0]
            for sample in samples {
                let z = zip(p, sample.x).reduce(0) { $0 + $1.0 * $1.1 }
                for i in 0..<3 { sum[i] += (1 / (1 + exp(-z)) - sample.label) * sample.x[i] / 32 }
            }
            return sum
        }
        // Newton's method finds the least loss there is.
        var best = [0.0, 0, 0]
        for _ in 0..<30 {
            var hessian = [[Double]](repeating: [0, 0, 0], count: 3)
            for sample in samples {
                let z = zip(best, sample.x).reduce(0) { $0 + $1.0 * $1.1 }
                let share = 1 / (1 + exp(-z))
                for i in 0..<3 {
                    for j in 0..<3 { hessian[i][j] += share * (1 - share) * sample.x[i] * sample.x[j] / 32 }
                }
            }
            let step = solve(hessian, gradient(best))
            for i in 0..<3 { best[i] -= step[i] }
        }
        let landscape = Landscape(start: [0, 0, 0], loss: loss, gradient: gradient, goal: loss(best) + 1e-3)
        let plain = fewestSteps(landscape, limit: 800) { SGD(learningRate: $0) }
        #expect(plain > 200)
        #expect(fewestSteps(landscape, limit: 800) { Adagrad(learningRate: $0) } < plain / 4)
        #expect(fewestSteps(landscape, limit: 800) { Adam(learningRate: $0) } < plain / 4)
    }

    /// Rosenbrock's function, 1 : 100, from its usual start.
    @Test func rosenbrocksValleyIsShorterWithMomentumAndAdam() {
        let valley = Landscape(
            start: [-1.2, 1],
            loss: { p in pow(1 - p[0], 2) + 100 * pow(p[1] - p[0] * p[0], 2) },
            gradient: { p in
                let bend = p[1] - p[0] * p[0]
                return [-2 * (1 - p[0]) - 400 * p[0] * bend, 200 * bend]
            }, goal: 1e-3)
        let plain = fewestSteps(valley, limit: 6000) { SGD(learningRate: $0) }
        #expect(plain > 2000)
        #expect(fewestSteps(valley, limit: 6000) { SGD(learningRate: $0, momentum: 0.9) } < plain / 3)
        #expect(fewestSteps(valley, limit: 6000) { Adam(learningRate: $0) } < plain / 3)
    }

    /// The solution of a system of three equations, by elimination.
    private func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var rows = zip(matrix, right).map { $0 + [$1] }
        for pivot in 0..<3 {
            for row in 0..<3 where row != pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot...3 { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        return (0..<3).map { rows[$0][3] / rows[$0][$0] }
    }
}
