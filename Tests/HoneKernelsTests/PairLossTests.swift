import Foundation
import HoneKernels
import Testing

/// Losses of a prediction and a target, element by element.
@Suite struct PairLossTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let op: hone_pair_loss
        var parameter: Float = 0
        var domain: ClosedRange<Float> = -3...3
        var targets: ClosedRange<Float> = -3...3
        let truth: @Sendable (Double, Double) -> Double

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "absolute", op: HONE_ABSOLUTE_ERROR) { abs($0 - $1) },
        Case(name: "Huber", op: HONE_HUBER, parameter: 0.75) { x, y in
            let a = abs(x - y)
            return a < 0.75 ? a * a / 2 : 0.75 * (a - 0.375)
        },
        Case(name: "logistic", op: HONE_LOGISTIC, domain: -12...12, targets: 0...1) { x, y in
            max(x, 0) - x * y + log1p(exp(-abs(x)))
        },
        Case(name: "binary", op: HONE_BINARY, domain: 0.05...0.95, targets: 0...1) { x, y in
            -y * log(x) - (1 - y) * log1p(-x)
        },
    ]

    @Test("is right at every length, and touches nothing else", arguments: cases)
    func values(_ test: Case) {
        var numbers = TestNumbers(seed: 1)
        #expect(Self.cases.count == Int(HONE_PAIR_LOSS_COUNT.rawValue))
        for variant in availableVariants {
            for length in awkwardLengths {
                let (x, y) = (numbers.floats(length, in: test.domain), numbers.floats(length, in: test.targets))
                let (guardedX, guardedY) = (GuardedArray(x), GuardedArray(y))
                let out = GuardedArray([Float](repeating: .nan, count: length))
                hone_pair_losses(
                    variant, test.op, guardedX.pointer, guardedY.pointer, test.parameter, out.pointer, length)
                let truth = zip(x, y).map { test.truth(Double($0), Double($1)) }
                let share = worstShare(out.array, truth, rtol: 4e-7, atol: 6e-7)
                #expect(share <= 1, "\(test.name), \(name(of: variant)), \(length): \(share)")
                #expect(guardedX.array == x && guardedY.array == y)
            }
        }
    }

    @Test("has the gradients that central differences have", arguments: cases)
    func gradients(_ test: Case) {
        var numbers = TestNumbers(seed: 2)
        let (x, y) = (numbers.floats(301, in: test.domain), numbers.floats(301, in: test.targets))
        let g = numbers.floats(301)
        let h = 1e-6
        for byTarget in [false, true] {
            let truth = x.indices.map { i -> Double in
                let (dx, dy) = byTarget ? (0, h) : (h, 0)
                let (px, py) = (Double(x[i]), Double(y[i]))
                return Double(g[i]) * (test.truth(px + dx, py + dy) - test.truth(px - dx, py - dy)) / (2 * h)
            }
            for variant in availableVariants {
                let out = GuardedArray([Float](repeating: .nan, count: 301))
                hone_pair_losses_backward(variant, test.op, byTarget, x, y, test.parameter, g, out.pointer, 301, false)
                let share = worstShare(out.array, truth, rtol: 2e-6, atol: 2e-6)
                #expect(share <= 1, "\(test.name), \(name(of: variant)): \(share)")
                let once = out.array
                hone_pair_losses_backward(variant, test.op, byTarget, x, y, test.parameter, g, out.pointer, 301, true)
                #expect(sameBits(out.array, once.map { $0 + $0 }))
            }
        }
    }

    @Test func extremesAreFinite() {
        for variant in availableVariants {
            var out = [Float](repeating: .nan, count: 4)
            hone_pair_losses(variant, HONE_LOGISTIC, [1000, -1000, 1000, -1000], [1, 0, 0, 1], 0, &out, 4)
            #expect(out == [0, 0, 1000, 1000])
            hone_pair_losses(variant, HONE_BINARY, [1, 0, 1, 0], [1, 0, 0, 1], 0, &out, 4)
            #expect(out == [0, 0, 100, 100])
            hone_pair_losses_backward(
                variant, HONE_BINARY, false, [1, 0, 1, 0], [1, 0, 0, 1], 0, [1, 1, 1, 1], &out, 4, false)
            #expect(worstShare(out, [0, 0, 1e12, -1e12], rtol: 1e-6, atol: 0) <= 1)
            hone_pair_losses_backward(
                variant, HONE_ABSOLUTE_ERROR, false, [2, 3], [2, .nan], 0, [5, 1], &out, 2, false)
            #expect(out[0] == 0 && out[1].isNaN)
        }
    }

    @Test func resultsDoNotDependOnTheThreads() {
        var numbers = TestNumbers(seed: 3)
        let n = 90_001
        let (x, y) = (numbers.floats(n), numbers.floats(n, in: 0...1))
        let results = withAndWithoutThreads(count: 2 * n, filler: Float(0)) { out in
            hone_pair_losses(HONE_ISA_AUTO, HONE_LOGISTIC, x, y, 0, out, n)
            hone_pair_losses_backward(HONE_ISA_AUTO, HONE_HUBER, false, x, y, 0.5, out, out + n, n, false)
        }
        #expect(sameBits(results.all, results.one) && results.all[2 * n - 1] != 0)
    }
}
