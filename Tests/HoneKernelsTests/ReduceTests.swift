import Foundation
import HoneKernels
import Testing

@Suite struct ReduceTests {
    /// Reductions in double precision, in the order of `hone_reduction`.
    private static let truths: [@Sendable ([Double]) -> Double] = [
        { $0.reduce(0, +) },
        { $0.contains { $0.isNaN } ? .nan : $0.reduce(-.infinity) { max($0, $1) } },
        { $0.contains { $0.isNaN } ? .nan : $0.reduce(.infinity) { min($0, $1) } },
        { $0.reduce(1, *) },
        { $0.reduce(0) { $0 + $1 * $1 } },
        { $0.reduce(0) { $0 + abs($1) } },
    ]

    private static func operation(_ raw: Int) -> hone_reduction {
        hone_reduction(rawValue: Int32(raw))
    }

    /// x[o, :, i] of [outer, length, inner].
    private func stretch(_ x: [Float], _ o: Int, _ i: Int, length: Int, inner: Int) -> [Double] {
        (0..<length).map { Double(x[(o * length + $0) * inner + i]) }
    }

    static let shapes: [[Int]] =
        awkwardLengths.map { [1, $0, 1] } + [
            [3, 10, 1], [64, 10, 1], [5, 129, 1], [17, 0, 1], [1, 64, 10], [1, 70, 16], [1, 130, 67], [1, 3, 200],
            [4, 9, 5], [2, 65, 130], [3, 0, 4], [0, 3, 4], [2, 3, 0], [1, 1, 1], [2, 1, 3], [1, 300, 600],
        ]

    @Test("reduces along any axis", arguments: shapes)
    func reductions(_ shape: [Int]) {
        let (outer, length, inner) = (shape[0], shape[1], shape[2])
        var numbers = TestNumbers(seed: 11)
        // Near 1 in magnitude, so that products neither vanish nor overflow.
        let values = (0..<outer * length * inner).map { _ -> Float in
            let magnitude = numbers.float(in: 0.9...1.1)
            return numbers.next() & 1 == 0 ? magnitude : -magnitude
        }
        let x = GuardedArray(values)
        for variant in availableVariants {
            for raw in 0..<Self.truths.count {
                var truth: [Double] = []
                for o in 0..<outer {
                    for i in 0..<inner {
                        truth.append(Self.truths[raw](stretch(values, o, i, length: length, inner: inner)))
                    }
                }
                let out = GuardedArray([Float](repeating: 5, count: outer * inner))
                hone_reduce(variant, Self.operation(raw), x.pointer, outer, length, inner, out.pointer, false)
                // A sum is as good as its terms are large: they cancel here, and their rounding errors do not.
                let share = worstShare(out.array, truth, rtol: 1e-6, atol: 1e-6 + 3e-8 * Double(length))
                #expect(share <= 1, "reduction \(raw), \(name(of: variant))")
                guard [0, 4, 5].contains(raw) else { continue }
                hone_reduce(variant, Self.operation(raw), x.pointer, outer, length, inner, out.pointer, true)
                let twice = worstShare(out.array, truth.map { 2 * $0 }, rtol: 1e-6, atol: 2e-6 + 6e-8 * Double(length))
                #expect(twice <= 1, "reduction \(raw), adding, \(name(of: variant))")
            }
        }
    }

    @Test func aNaNWinsWhereverItStands() {
        for variant in availableVariants {
            for length in [1, 2, 15, 16, 17, 40, 70] {
                for place in 0..<length {
                    var x = (0..<length).map { Float($0 % 7) - 3 }
                    x[place] = .nan
                    for op in [HONE_REDUCE_MAX, HONE_REDUCE_MIN] {
                        var row: Float = 0
                        hone_reduce(variant, op, x, 1, length, 1, &row, false)
                        #expect(row.isNaN)
                        var columns: [Float] = [0, 0]
                        hone_reduce(variant, op, x.flatMap { [1, $0] }, 1, length, 2, &columns, false)
                        #expect(columns[0] == 1 && columns[1].isNaN)
                    }
                    for largest in [false, true] {
                        var index: Int32 = -1
                        hone_arg_extreme(variant, largest, x, 1, length, 1, &index)
                        #expect(index == place)
                        var indices: [Int32] = [-1, -1]
                        hone_arg_extreme(variant, largest, x.flatMap { [$0, 1] }, 1, length, 2, &indices)
                        #expect(indices == [Int32(place), 0])
                    }
                }
            }
        }
    }

    @Test func extremesOfInfinitiesAreInfinite() {
        for variant in availableVariants {
            let x = [Float](repeating: -.infinity, count: 35)
            var result: Float = 0
            hone_reduce(variant, HONE_REDUCE_MAX, x, 1, 35, 1, &result, false)
            #expect(result == -.infinity)
            var index: Int32 = -1
            hone_arg_extreme(variant, true, x, 1, 35, 1, &index)
            #expect(index == 0)
        }
    }

    @Test func theFirstOfEqualExtremesIsFound() {
        var numbers = TestNumbers(seed: 12)
        for variant in availableVariants {
            for (outer, length, inner) in [(9, 10, 1), (3, 77, 1), (1, 16, 1), (2, 33, 5), (1, 20, 40)] {
                let values = numbers.integers(outer * length * inner, below: 4).map { Float($0) }
                let x = GuardedArray(values)
                for largest in [false, true] {
                    let out = GuardedArray([Int32](repeating: -1, count: outer * inner))
                    hone_arg_extreme(variant, largest, x.pointer, outer, length, inner, out.pointer)
                    var expected: [Int32] = []
                    for o in 0..<outer {
                        for i in 0..<inner {
                            let elements = stretch(values, o, i, length: length, inner: inner)
                            let extreme = largest ? elements.max() : elements.min()
                            expected.append(Int32(elements.firstIndex { $0 == extreme } ?? -1))
                        }
                    }
                    #expect(out.array == expected, "\(name(of: variant)), \(outer) x \(length) x \(inner)")
                }
            }
        }
    }

    @Test func wholeSumsAreMadeInDoublePrecision() {
        var numbers = TestNumbers(seed: 13)
        for variant in availableVariants {
            for length in awkwardLengths + [70_000] {
                let a = numbers.floats(length, in: -1e20...1e20)
                let b = numbers.floats(length, in: -1e20...1e20)
                let guardedA = GuardedArray(a)
                let guardedB = GuardedArray(b)
                let magnitude = 1e20 * Double(max(length, 1))
                let sum = a.reduce(0.0) { $0 + Double($1) }
                #expect(abs(hone_sum(variant, guardedA.pointer, length) - sum) <= 1e-12 * magnitude)
                // The squares are beyond a float's range.
                let squares = a.reduce(0.0) { $0 + Double($1) * Double($1) }
                #expect(abs(hone_sum_squares(variant, guardedA.pointer, length) - squares) <= 1e-12 * magnitude * 1e20)
                let products = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let dot = hone_dot(variant, guardedA.pointer, guardedB.pointer, length)
                #expect(abs(dot - products) <= 1e-12 * magnitude * 1e20)
            }
        }
    }

    @Test func longSumsOfFloatsKeepTheirPrecision() {
        // Ten million tenths: a running float sum would be off by a tenth part.
        #if DEBUG
        let count = 1_000_000
        #else
        let count = 10_000_000
        #endif
        let x = [Float](repeating: 0.1, count: count)
        let truth = Double(Float(0.1)) * Double(count)
        for variant in availableVariants {
            var total: Float = 0
            hone_reduce(variant, HONE_REDUCE_SUM, x, 1, count, 1, &total, false)
            #expect(abs(Double(total) - truth) <= 1e-6 * truth)
            var columns = [Float](repeating: 0, count: 10)
            hone_reduce(variant, HONE_REDUCE_SUM, x, 1, count / 10, 10, &columns, false)
            #expect(columns.allSatisfy { abs(Double($0) - truth / 10) <= 1e-6 * truth / 10 })
        }
    }

    @Test func aSingleInfinityOrNaNIsNoticedAnywhere() {
        for variant in availableVariants {
            for length in [0, 1, 3, 16, 17, 50] {
                let x = GuardedArray([Float](repeating: -.greatestFiniteMagnitude, count: length))
                #expect(hone_all_finite(variant, x.pointer, length))
                for place in 0..<length {
                    for bad in [Float.infinity, -.infinity, .nan] {
                        x.pointer[place] = bad
                        #expect(!hone_all_finite(variant, x.pointer, length))
                    }
                    x.pointer[place] = 1
                }
            }
        }
    }

    @Test func sumsDoNotDependOnTheThreads() {
        let count = 300_007
        var numbers = TestNumbers(seed: 14)
        let x = numbers.floats(count)
        let results = withAndWithoutThreads(count: 40, filler: 0.0) { out in
            out[0] = hone_sum(HONE_ISA_AUTO, x, count)
            out[1] = hone_sum_squares(HONE_ISA_AUTO, x, count)
            out[2] = hone_dot(HONE_ISA_AUTO, x, x, count)
            var floats = [Float](repeating: 0, count: 37)
            hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x, 1, count, 1, &floats, false)
            hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x, 1, count / 10, 10, &floats[1], false)
            hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x, 2, 1000, 3, &floats[11], true)
            hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x, 20, 15_000, 1, &floats[17], false)
            for i in 0..<37 {
                out[3 + i] = Double(floats[i])
            }
        }
        #expect(results.all == results.one)
        let wide = withAndWithoutThreads(count: 900, filler: Float(0)) { out in
            hone_reduce(HONE_ISA_AUTO, HONE_REDUCE_SUM, x, 1, 333, 900, out, false)
        }
        #expect(sameBits(wide.all, wide.one))
    }

    // MARK: Softmax

    private func softmaxTruth(_ x: [Float], columns: Int, logarithm: Bool) -> [Double] {
        stride(from: 0, to: x.count, by: max(columns, 1)).flatMap { start -> [Double] in
            let row = x[start..<start + columns].map { Double($0) }
            let largest = row.max() ?? 0
            let sum = row.reduce(0) { $0 + exp($1 - largest) }
            return row.map { logarithm ? $0 - largest - log(sum) : exp($0 - largest) / sum }
        }
    }

    @Test func softmaxIsStableAtEveryWidth() {
        var numbers = TestNumbers(seed: 15)
        for variant in availableVariants {
            for columns in [1, 2, 3, 7, 10, 15, 16, 17, 32, 33, 100, 1000, 1500] {
                for range: ClosedRange<Float> in [-3...3, -80...80, 1e4...1.01e4] {
                    var values = numbers.floats(3 * columns, in: range)
                    if columns > 2 {
                        values[columns + 1] = -.infinity
                    }
                    for logarithm in [false, true] {
                        let x = GuardedArray(values)
                        let y = GuardedArray([Float](repeating: .nan, count: values.count))
                        hone_softmax(variant, logarithm, x.pointer, y.pointer, 3, columns)
                        let truth = softmaxTruth(values, columns: columns, logarithm: logarithm)
                        let share = worstShare(y.array, truth, rtol: 1e-6, atol: logarithm ? 2e-6 : 1e-30)
                        #expect(share <= 1, "\(name(of: variant)), \(columns) columns in \(range)")
                        hone_softmax(variant, logarithm, x.pointer, x.pointer, 3, columns)
                        #expect(sameBits(x.array, y.array))
                    }
                }
            }
        }
    }

    @Test func softmaxPassesGradientsAsItsJacobianSays() {
        var numbers = TestNumbers(seed: 16)
        for variant in availableVariants {
            for columns in [1, 2, 10, 16, 19, 40, 1100] {
                let values = numbers.floats(2 * columns)
                let dy = numbers.floats(2 * columns)
                for logarithm in [false, true] {
                    var y = values
                    hone_softmax(variant, logarithm, values, &y, 2, columns)
                    let exact = softmaxTruth(values, columns: columns, logarithm: logarithm)
                    var truth: [Double] = []
                    for start in [0, columns] {
                        let range = start..<start + columns
                        let sum = range.reduce(0.0) { $0 + Double(dy[$1]) * (logarithm ? 1 : exact[$1]) }
                        truth += range.map {
                            logarithm ? Double(dy[$0]) - exp(exact[$0]) * sum : exact[$0] * (Double(dy[$0]) - sum)
                        }
                    }
                    let dx = GuardedArray([Float](repeating: .nan, count: 2 * columns))
                    hone_softmax_backward(variant, logarithm, y, dy, dx.pointer, 2, columns, false)
                    let share = worstShare(dx.array, truth, rtol: 3e-6, atol: 2e-6)
                    #expect(share <= 1, "\(name(of: variant)), \(columns)")
                    hone_softmax_backward(variant, logarithm, y, dy, dx.pointer, 2, columns, true)
                    #expect(worstShare(dx.array, truth.map { 2 * $0 }, rtol: 3e-6, atol: 4e-6) <= 1)
                }
            }
        }
    }

    @Test func softmaxDoesNotDependOnTheThreads() {
        var numbers = TestNumbers(seed: 17)
        let x = numbers.floats(5000 * 10)
        for logarithm in [false, true] {
            let results = withAndWithoutThreads(count: x.count, filler: Float(0)) { out in
                hone_softmax(HONE_ISA_AUTO, logarithm, x, out, 5000, 10)
                hone_softmax_backward(HONE_ISA_AUTO, logarithm, out, x, out, 5000, 10, false)
            }
            #expect(sameBits(results.all, results.one))
        }
    }
}
