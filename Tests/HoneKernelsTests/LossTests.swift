import Foundation
import HoneKernels
import Testing

@Suite struct LossTests {
    /// A batch with some ignored labels, and its loss in double precision.
    private struct Batch {
        var logits: [Float]
        var labels: [Int32]
        var weights: [Float]?
        let classes: Int
        let ignored: Int32 = -100

        init(rows: Int, classes: Int, weighted: Bool, seed: UInt64) {
            var numbers = TestNumbers(seed: seed)
            self.classes = classes
            logits = numbers.floats(rows * classes, in: -6...6)
            labels = numbers.integers(rows, below: classes)
            weights = weighted ? numbers.floats(classes, in: 0.25...2) : nil
            for row in stride(from: 2, to: rows, by: 5) {
                labels[row] = ignored
            }
        }

        var rows: Int { labels.count }

        func weight(_ row: Int) -> Double {
            labels[row] == ignored ? 0 : weights.map { Double($0[Int(labels[row])]) } ?? 1
        }

        func logSoftmax(_ row: Int) -> [Double] {
            let x = logits[row * classes..<(row + 1) * classes].map { Double($0) }
            let largest = x.max() ?? 0
            let logSum = log(x.reduce(0) { $0 + exp($1 - largest) })
            return x.map { $0 - largest - logSum }
        }

        var truth: (loss: Double, count: Double, probabilities: [Double], gradient: [Double]) {
            var loss = 0.0
            var count = 0.0
            var probabilities: [Double] = []
            var gradient: [Double] = []
            for row in 0..<rows {
                let logs = logSoftmax(row)
                let weight = weight(row)
                probabilities += logs.map { exp($0) }
                gradient += logs.indices.map { weight * (exp(logs[$0]) - (Int32($0) == labels[row] ? 1 : 0)) }
                if labels[row] != ignored {
                    loss -= weight * logs[Int(labels[row])]
                    count += weight
                }
            }
            return (loss, count, probabilities, gradient)
        }
    }

    private static let sizes = [(1, 1), (1, 2), (64, 10), (17, 3), (33, 16), (5, 17), (16, 100), (3, 1200), (0, 10)]

    @Test func crossEntropyIsTheWeightedSumOfLogProbabilities() {
        for (index, (rows, classes)) in Self.sizes.enumerated() {
            for weighted in [false, true] {
                let batch = Batch(rows: rows, classes: classes, weighted: weighted, seed: UInt64(20 + index))
                let truth = batch.truth
                let logits = GuardedArray(batch.logits)
                let labels = GuardedArray(batch.labels)
                let weights = batch.weights.map { GuardedArray($0) }
                for variant in availableVariants {
                    let probabilities = GuardedArray([Float](repeating: .nan, count: rows * classes))
                    for output in [probabilities.pointer, nil] {
                        var count = -1.0
                        var badRow = 0
                        let loss = hone_cross_entropy(
                            variant, logits.pointer, labels.pointer, weights?.pointer, Int64(batch.ignored), rows,
                            classes,
                            output, &count, &badRow)
                        let sizes = "\(rows) rows of \(classes)"
                        #expect(abs(loss - truth.loss) <= 1e-6 * (1 + truth.loss), "\(name(of: variant)), \(sizes)")
                        #expect(abs(count - truth.count) <= 1e-12 * (1 + truth.count))
                        #expect(badRow == -1)
                    }
                    #expect(worstShare(probabilities.array, truth.probabilities, rtol: 1e-6, atol: 0) <= 1)
                }
            }
        }
    }

    @Test func crossEntropyHasTheGradientOfItsDefinition() {
        for (index, (rows, classes)) in Self.sizes.enumerated() {
            for weighted in [false, true] {
                let batch = Batch(rows: rows, classes: classes, weighted: weighted, seed: UInt64(40 + index))
                let truth = batch.truth
                let probabilities = truth.probabilities.map { Float($0) }
                for variant in availableVariants {
                    let dx = GuardedArray([Float](repeating: .nan, count: rows * classes))
                    hone_cross_entropy_backward(
                        variant, probabilities, batch.labels, batch.weights, Int64(batch.ignored), 0.5, rows, classes,
                        dx.pointer, false)
                    let half = truth.gradient.map { 0.5 * $0 }
                    #expect(worstShare(dx.array, half, rtol: 1e-6, atol: 1e-7) <= 1, "\(name(of: variant))")
                    let inPlace = GuardedArray(probabilities)
                    hone_cross_entropy_backward(
                        variant, inPlace.pointer, batch.labels, batch.weights, Int64(batch.ignored), 0.5, rows, classes,
                        inPlace.pointer, false)
                    #expect(sameBits(inPlace.array, dx.array))
                    hone_cross_entropy_backward(
                        variant, probabilities, batch.labels, batch.weights, Int64(batch.ignored), 0.5, rows, classes,
                        dx.pointer, true)
                    #expect(worstShare(dx.array, truth.gradient, rtol: 1e-6, atol: 2e-7) <= 1)
                }
            }
        }
    }

    @Test func theGradientAgreesWithDifferencesOfTheLoss() {
        let batch = Batch(rows: 6, classes: 5, weighted: true, seed: 60)
        let gradient = batch.truth.gradient
        for place in batch.logits.indices {
            var up = batch
            var down = batch
            up.logits[place] += 0x1p-10
            down.logits[place] -= 0x1p-10
            var losses: [Double] = []
            for moved in [up, down] {
                var count = 0.0
                var badRow = 0
                losses.append(
                    hone_cross_entropy(
                        HONE_ISA_AUTO, moved.logits, moved.labels, moved.weights, Int64(moved.ignored), 6, 5, nil,
                        &count,
                        &badRow))
            }
            #expect(abs((losses[0] - losses[1]) / 0x1p-9 - gradient[place]) < 2e-3)
        }
    }

    @Test func aLabelOutOfRangeIsReportedBeforeAnythingIsWritten() {
        for variant in availableVariants {
            for bad: Int32 in [10, -1, .max, .min] {
                var labels = [Int32](repeating: 3, count: 20)
                labels[4] = -100
                labels[13] = bad
                labels[17] = 99
                let logits = [Float](repeating: 0.5, count: 200)
                var probabilities = [Float](repeating: 7, count: 200)
                var count = -1.0
                var badRow = -5
                let loss = hone_cross_entropy(
                    variant, logits, labels, nil, -100, 20, 10, &probabilities, &count, &badRow)
                #expect(loss.isNaN)
                #expect(badRow == 13)
                #expect(probabilities == [Float](repeating: 7, count: 200))
            }
        }
    }

    @Test func anIgnoredLabelMayBeAClassOrNoneAtAll() {
        for variant in availableVariants {
            for ignored: Int32 in [2, 5000, -1] {
                let logits: [Float] = [1, 2, 3, 3, 2, 1]
                var count = 0.0
                var badRow = 0
                let loss = hone_cross_entropy(
                    variant, logits, [ignored, 0], nil, Int64(ignored), 2, 3, nil, &count, &badRow)
                #expect(badRow == -1)
                #expect(count == 1)
                #expect(abs(loss - log(1 + exp(-1) + exp(-2))) < 1e-6)
            }
        }
    }

    @Test func impossibleClassesHaveNoProbability() {
        for variant in availableVariants {
            let logits: [Float] = [-.infinity, 2, 2, 5, -.infinity, 5]
            var probabilities = [Float](repeating: .nan, count: 6)
            var count = 0.0
            var badRow = 0
            let loss = hone_cross_entropy(variant, logits, [1, 2], nil, -100, 2, 3, &probabilities, &count, &badRow)
            #expect(probabilities == [0, 0.5, 0.5, 0.5, 0, 0.5])
            #expect(abs(loss - 2 * log(2)) < 1e-6)
            let impossible = hone_cross_entropy(variant, logits, [0, 2], nil, -100, 2, 3, nil, &count, &badRow)
            #expect(impossible == .infinity)
        }
    }

    @Test func hugeLogitsDoNotOverflow() {
        for variant in availableVariants {
            let logits: [Float] = [3e38, -3e38, 0, 1e30, 1e30, -1e30]
            var probabilities = [Float](repeating: .nan, count: 6)
            var count = 0.0
            var badRow = 0
            let loss = hone_cross_entropy(variant, logits, [0, 1], nil, -100, 2, 3, &probabilities, &count, &badRow)
            #expect(probabilities == [1, 0, 0, 0.5, 0.5, 0])
            #expect(abs(loss - log(2)) < 1e-6)
        }
    }

    @Test func squaredErrorAndItsGradient() {
        var numbers = TestNumbers(seed: 70)
        for variant in availableVariants {
            for length in awkwardLengths {
                let x = numbers.floats(length)
                let y = numbers.floats(length)
                let guardedX = GuardedArray(x)
                let guardedY = GuardedArray(y)
                let truth = zip(x, y).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
                let error = hone_squared_error(variant, guardedX.pointer, guardedY.pointer, length)
                #expect(abs(error - truth) <= 1e-12 * (1 + truth))
                let dx = GuardedArray([Float](repeating: .nan, count: length))
                hone_squared_error_backward(
                    variant, guardedX.pointer, guardedY.pointer, 0.25, dx.pointer, length, false)
                let gradient = zip(x, y).map { 0.5 * (Double($0) - Double($1)) }
                #expect(worstShare(dx.array, gradient, rtol: 1e-6, atol: 1e-7) <= 1)
                hone_squared_error_backward(variant, guardedX.pointer, guardedY.pointer, 0.25, dx.pointer, length, true)
                #expect(worstShare(dx.array, gradient.map { 2 * $0 }, rtol: 1e-6, atol: 2e-7) <= 1)
            }
        }
    }

    @Test func lossesDoNotDependOnTheThreads() {
        let batch = Batch(rows: 9001, classes: 10, weighted: true, seed: 80)
        let results = withAndWithoutThreads(count: 3, filler: 0.0) { out in
            var badRow = 0
            out[0] = hone_cross_entropy(
                HONE_ISA_AUTO, batch.logits, batch.labels, batch.weights, Int64(batch.ignored), 9001, 10, nil, out + 1,
                &badRow
            )
            out[2] = hone_squared_error(HONE_ISA_AUTO, batch.logits, Array(batch.logits.reversed()), batch.logits.count)
        }
        #expect(results.all == results.one)
        let gradients = withAndWithoutThreads(count: batch.logits.count, filler: Float(1)) { out in
            var count = 0.0
            var badRow = 0
            _ = hone_cross_entropy(
                HONE_ISA_AUTO, batch.logits, batch.labels, nil, Int64(batch.ignored), 9001, 10, out, &count, &badRow)
            hone_cross_entropy_backward(
                HONE_ISA_AUTO, out, batch.labels, nil, Int64(batch.ignored), 0.1, 9001, 10, out, false)
            hone_squared_error_backward(HONE_ISA_AUTO, batch.logits, out, 0.5, out, batch.logits.count, true)
        }
        #expect(sameBits(gradients.all, gradients.one))
    }
}
