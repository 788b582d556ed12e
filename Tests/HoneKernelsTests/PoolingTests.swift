import Foundation
import HoneKernels
import Testing

@Suite struct PoolingTests {
    /// The windows along one axis.
    private struct Axis {
        let size: Int
        var kernel = 1
        var stride = 1
        var pad = 0
        var dilation = 1
        var ceiling = false

        /// torch's rule: by floor or ceiling, and no window begins beyond the padding at the front of the end.
        var windows: Int {
            let room = size + 2 * pad - dilation * (kernel - 1) - 1
            guard room >= 0 else { return 0 }
            let count = (ceiling ? (room + stride - 1) / stride : room / stride) + 1
            return ceiling && (count - 1) * stride >= size + pad ? count - 1 : count
        }

        /// Where window `index` reads, within the plane and outside of it.
        func positions(_ index: Int) -> [Int] {
            (0..<kernel).map { index * stride - pad + $0 * dilation }
        }

        func inside(_ index: Int) -> [Int] {
            positions(index).filter { $0 >= 0 && $0 < size }
        }

        func divisor(_ index: Int, withPad: Bool) -> Int {
            withPad ? positions(index).filter { $0 < size + pad }.count : inside(index).count
        }
    }

    private struct Windows {
        let rows: Axis
        let columns: Axis
        var planes = 3

        var shape: hone_pooling {
            hone_pooling(
                planes: planes, height: rows.size, width: columns.size, out_height: rows.windows,
                out_width: columns.windows, kernel_height: rows.kernel, kernel_width: columns.kernel,
                stride_height: rows.stride, stride_width: columns.stride, pad_height: rows.pad, pad_width: columns.pad,
                dilation_height: rows.dilation, dilation_width: columns.dilation)
        }

        var area: Int { rows.size * columns.size }
        var outArea: Int { rows.windows * columns.windows }

        func best(_ x: [Float], plane: Int, row: Int, column: Int) -> (value: Float, index: Int32) {
            largest(x, plane: plane, rows.inside(row), columns.inside(column))
        }

        func largest(_ x: [Float], plane: Int, _ rows: [Int], _ columns: [Int]) -> (value: Float, index: Int32) {
            var best: (value: Float, index: Int32) = (-.infinity, -1)
            for i in rows {
                for j in columns {
                    let value = x[plane * area + i * self.columns.size + j]
                    if best.index < 0 || value > best.value || value.isNaN {
                        best = (value, Int32(i * self.columns.size + j))
                    }
                }
            }
            return best
        }

        func eachWindow(_ body: (_ plane: Int, _ row: Int, _ column: Int, _ at: Int) -> Void) {
            for plane in 0..<planes {
                for row in 0..<rows.windows {
                    for column in 0..<columns.windows {
                        body(plane, row, column, plane * outArea + row * columns.windows + column)
                    }
                }
            }
        }
    }

    private static let windows: [Windows] = {
        let axes: [(Axis, Axis)] = [
            (Axis(size: 4, kernel: 2, stride: 2), Axis(size: 4, kernel: 2, stride: 2)),
            (Axis(size: 5, kernel: 2, stride: 2), Axis(size: 37, kernel: 2, stride: 2)),
            (Axis(size: 2, kernel: 2, stride: 2), Axis(size: 70, kernel: 2, stride: 2)),
            (Axis(size: 5, kernel: 2, stride: 2, ceiling: true), Axis(size: 7, kernel: 2, stride: 2, ceiling: true)),
            (Axis(size: 7, kernel: 3, stride: 2, pad: 1), Axis(size: 35, kernel: 3, stride: 2, pad: 1)),
            (Axis(size: 6, kernel: 3, stride: 2, pad: 1, ceiling: true), Axis(size: 8, kernel: 3, stride: 2, pad: 1)),
            (Axis(size: 6, kernel: 3, pad: 1), Axis(size: 18, kernel: 3, pad: 1)),
            (Axis(size: 9, kernel: 2, stride: 3), Axis(size: 20, kernel: 2, stride: 4)),
            (Axis(size: 1), Axis(size: 33, kernel: 3, stride: 2, pad: 1)),
            (Axis(size: 1), Axis(size: 50, kernel: 5, stride: 3, pad: 2, ceiling: true)),
            (Axis(size: 8, kernel: 8), Axis(size: 17, kernel: 17)),
            (Axis(size: 6, kernel: 4, stride: 4, pad: 2), Axis(size: 5, kernel: 5, stride: 2, pad: 2, ceiling: true)),
            (Axis(size: 1), Axis(size: 1)),
            (Axis(size: 3, kernel: 1, stride: 2), Axis(size: 4, kernel: 1, stride: 3)),
        ]
        return axes.map { Windows(rows: $0.0, columns: $0.1) }
    }()

    private static let dilated: [Windows] = [
        Windows(
            rows: Axis(size: 9, kernel: 3, stride: 2, pad: 1, dilation: 2),
            columns: Axis(size: 40, kernel: 3, dilation: 3)),
        Windows(
            rows: Axis(size: 6, kernel: 2, dilation: 4),
            columns: Axis(size: 21, kernel: 2, stride: 2, pad: 1, dilation: 5)),
        Windows(rows: Axis(size: 1), columns: Axis(size: 3, kernel: 2, pad: 1, dilation: 4)),
    ]

    /// Planes of few different values, with some that are not finite.
    private static func awkward(_ w: Windows, seed: UInt64, notANumber: Bool) -> [Float] {
        var numbers = TestNumbers(seed: seed)
        return numbers.integers(w.planes * w.area, below: 23).map {
            $0 == 0 ? (notANumber ? .nan : 3) : $0 < 5 ? -.infinity : Float($0 % 7) - 3
        }
    }

    @Test func maxPoolFindsTheLargestOfEachWindow() {
        for (seed, w) in (Self.windows + Self.dilated).enumerated() {
            for notANumber in [false, true] {
                let x = Self.awkward(w, seed: UInt64(seed), notANumber: notANumber)
                var values = [Float](repeating: 0, count: w.planes * w.outArea)
                var places = [Int32](repeating: 0, count: values.count)
                w.eachWindow { (values[$3], places[$3]) = w.best(x, plane: $0, row: $1, column: $2) }
                let guarded = GuardedArray(x)
                var shape = w.shape
                for variant in availableVariants {
                    let y = GuardedArray([Float](repeating: 7, count: values.count))
                    let indices = GuardedArray([Int32](repeating: 7, count: values.count))
                    hone_max_pool(variant, &shape, guarded.pointer, y.pointer, indices.pointer)
                    #expect(worstShare(y.array, values.map { Double($0) }, rtol: 0, atol: 0) == 0, "\(w)")
                    #expect(indices.array == places, "\(name(of: variant)), \(w)")
                    let alone = GuardedArray([Float](repeating: 7, count: values.count))
                    hone_max_pool(variant, &shape, guarded.pointer, alone.pointer, nil)
                    #expect(worstShare(alone.array, values.map { Double($0) }, rtol: 0, atol: 0) == 0)
                }
            }
        }
    }

    @Test func maxPoolGradientGoesToTheLargest() {
        for (seed, w) in (Self.windows + Self.dilated).enumerated() {
            let x = Self.awkward(w, seed: UInt64(seed), notANumber: false)
            var numbers = TestNumbers(seed: UInt64(seed) + 100)
            let dy = numbers.floats(w.planes * w.outArea)
            var places = [Int32](repeating: 0, count: dy.count)
            var truth = [Double](repeating: 0, count: x.count)
            w.eachWindow {
                places[$3] = w.best(x, plane: $0, row: $1, column: $2).index
                if places[$3] >= 0 {
                    truth[$0 * w.area + Int(places[$3])] += Double(dy[$3])
                }
            }
            expectGradient(truth, "\(w)") { variant, dx, accumulate in
                var shape = w.shape
                let guarded = GuardedArray(dy)
                let indices = GuardedArray(places)
                hone_max_pool_backward(variant, &shape, indices.pointer, guarded.pointer, dx, accumulate)
            }
        }
    }

    /// Holds a gradient against the truth for every variant, overwritten and added to.
    private func expectGradient(
        _ truth: [Double], _ what: String, _ run: (hone_isa, UnsafeMutablePointer<Float>, Bool) -> Void
    ) {
        for variant in availableVariants {
            let dx = GuardedArray([Float](repeating: .nan, count: truth.count))
            run(variant, dx.pointer, false)
            #expect(worstShare(dx.array, truth, rtol: 1e-5, atol: 2e-6) <= 1, "\(name(of: variant)), \(what)")
            let before = dx.array
            run(variant, dx.pointer, true)
            let twice = zip(before, truth).map { Double($0) + $1 }
            #expect(worstShare(dx.array, twice, rtol: 1e-5, atol: 4e-6) <= 1, "\(name(of: variant)), \(what), added")
        }
    }

    @Test(arguments: [(false, 0), (true, 0), (false, 3)])
    func averagePoolIsTheSumOverTheDivisor(withPad: Bool, divisor: Int) {
        for (seed, w) in Self.windows.enumerated() {
            var numbers = TestNumbers(seed: UInt64(seed) + 200)
            let x = numbers.floats(w.planes * w.area)
            let dy = numbers.floats(w.planes * w.outArea)
            var truth = [Double](repeating: 0, count: dy.count)
            var slope = [Double](repeating: 0, count: x.count)
            w.eachWindow { plane, row, column, at in
                let counted = w.rows.divisor(row, withPad: withPad) * w.columns.divisor(column, withPad: withPad)
                let by = Double(divisor > 0 ? divisor : counted)
                for i in w.rows.inside(row) {
                    for j in w.columns.inside(column) {
                        let from = plane * w.area + i * w.columns.size + j
                        truth[at] += Double(x[from]) / by
                        slope[from] += Double(dy[at]) / by
                    }
                }
            }
            var shape = w.shape
            let guarded = GuardedArray(x)
            for variant in availableVariants {
                let y = GuardedArray([Float](repeating: .nan, count: truth.count))
                hone_average_pool(variant, &shape, withPad, divisor, guarded.pointer, y.pointer)
                #expect(worstShare(y.array, truth, rtol: 1e-5, atol: 2e-6) <= 1, "\(name(of: variant)), \(w)")
            }
            expectGradient(slope, "\(w)") { variant, dx, accumulate in
                var shape = w.shape
                let gradients = GuardedArray(dy)
                hone_average_pool_backward(variant, &shape, withPad, divisor, gradients.pointer, dx, accumulate)
            }
        }
    }

    @Test func adaptivePoolsCoverThePlaneWithOverlappingBins() {
        let sizes = [(1, 1), (4, 8), (7, 5), (12, 33), (6, 1)]
        let bins = [(1, 1), (2, 2), (3, 4), (7, 5), (1, 40)]
        for (height, width) in sizes {
            for (outHeight, outWidth) in bins {
                let w = Windows(rows: Axis(size: height), columns: Axis(size: width), planes: 2)
                var shape = w.shape
                (shape.out_height, shape.out_width) = (outHeight, outWidth)
                var numbers = TestNumbers(seed: UInt64(height * 1000 + outWidth))
                let x = GuardedArray(numbers.floats(w.planes * w.area))
                let dy = GuardedArray(numbers.floats(w.planes * outHeight * outWidth))
                var means = [Double](repeating: 0, count: dy.count)
                var slope = [Double](repeating: 0, count: x.count)
                var winners: [(value: Float, index: Int32)] = []
                var winnersSlope = slope
                for at in 0..<dy.count {
                    let plane = at / (outHeight * outWidth)
                    let rows = Self.bin(at / outWidth % outHeight, of: outHeight, size: height)
                    let columns = Self.bin(at % outWidth, of: outWidth, size: width)
                    for i in rows {
                        for j in columns {
                            let from = plane * w.area + i * width + j
                            means[at] += Double(x.array[from]) / Double(rows.count * columns.count)
                            slope[from] += Double(dy.array[at]) / Double(rows.count * columns.count)
                        }
                    }
                    winners.append(w.largest(x.array, plane: plane, rows, columns))
                    winnersSlope[plane * w.area + Int(winners[at].index)] += Double(dy.array[at])
                }
                let places = winners.map { $0.index }
                for variant in availableVariants {
                    let y = GuardedArray([Float](repeating: .nan, count: dy.count))
                    let indices = GuardedArray([Int32](repeating: -9, count: dy.count))
                    hone_adaptive_average_pool(variant, &shape, x.pointer, y.pointer)
                    #expect(worstShare(y.array, means, rtol: 1e-5, atol: 2e-6) <= 1, "\(shape)")
                    hone_adaptive_max_pool(variant, &shape, x.pointer, y.pointer, indices.pointer)
                    #expect(y.array == winners.map { $0.value }, "\(shape)")
                    #expect(indices.array == places, "\(shape)")
                }
                expectGradient(slope, "\(shape)") {
                    hone_adaptive_average_pool_backward($0, &shape, dy.pointer, $1, $2)
                }
                expectGradient(winnersSlope, "\(shape)") {
                    hone_adaptive_max_pool_backward($0, &shape, places, dy.pointer, $1, $2)
                }
            }
        }
    }

    private static func bin(_ index: Int, of bins: Int, size: Int) -> [Int] {
        let begin = Int((Double(index * size) / Double(bins)).rounded(.down))
        let end = Int((Double((index + 1) * size) / Double(bins)).rounded(.up))
        return Array(begin..<end)
    }

    @Test func aWindowOverPaddingAloneHasNoIndex() {
        // Its elements are at columns -1 and 3 of a plane that is three wide.
        let w = Self.dilated[2]
        for variant in availableVariants {
            var shape = w.shape
            var y: [Float] = [0, 0, 0]
            var indices: [Int32] = [5, 5, 5]
            hone_max_pool(variant, &shape, [Float](repeating: 1, count: 9), &y, &indices)
            #expect(y == [-.infinity, -.infinity, -.infinity])
            #expect(indices == [-1, -1, -1])
        }
    }

    @Test func noPlanesAreFine() {
        for variant in availableVariants {
            var w = Self.windows[4]
            w.planes = 0
            var shape = w.shape
            let none = GuardedArray<Float>([])
            hone_max_pool(variant, &shape, none.pointer, none.pointer, nil)
            hone_average_pool(variant, &shape, true, 0, none.pointer, none.pointer)
            hone_average_pool_backward(variant, &shape, true, 0, none.pointer, none.pointer, false)
            hone_adaptive_average_pool(variant, &shape, none.pointer, none.pointer)
        }
    }

    @Test func poolsDoNotDependOnTheThreads() {
        var w = Windows(
            rows: Axis(size: 17, kernel: 3, stride: 2, pad: 1), columns: Axis(size: 19, kernel: 3, stride: 2, pad: 1))
        w.planes = 400
        let count = w.planes * w.outArea
        let shape = w.shape
        var numbers = TestNumbers(seed: 300)
        let x = numbers.floats(w.planes * w.area)
        let y = withAndWithoutThreads(count: 2 * count + x.count, filler: Float(0)) { out in
            var shape = shape
            hone_max_pool(HONE_ISA_AUTO, &shape, x, out, nil)
            hone_average_pool(HONE_ISA_AUTO, &shape, true, 0, x, out + count)
            hone_average_pool_backward(HONE_ISA_AUTO, &shape, true, 0, out, out + 2 * count, false)
        }
        #expect(sameBits(y.all, y.one))
    }
}
