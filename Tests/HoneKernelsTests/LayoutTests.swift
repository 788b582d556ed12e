import Foundation
import HoneKernels
import Testing

@Suite struct LayoutTests {
    @Test func transposingSwapsRowsAndColumnsAtEverySize() {
        let sizes = [0, 1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 33, 64, 70]
        for variant in availableVariants {
            for rows in sizes {
                for columns in sizes {
                    let x = GuardedArray((0..<rows * columns).map { Int32($0) })
                    let y = GuardedArray([Int32](repeating: -1, count: rows * columns))
                    hone_transpose(variant, x.pointer, y.pointer, rows, columns)
                    var expected: [Int32] = []
                    for column in 0..<columns {
                        for row in 0..<rows {
                            expected.append(Int32(row * columns + column))
                        }
                    }
                    #expect(y.array == expected, "\(rows) x \(columns), \(name(of: variant))")
                }
            }
        }
    }

    @Test func transposingOnSeveralThreadsIsTheSame() {
        var numbers = TestNumbers(seed: 120)
        let x = numbers.floats(513 * 301)
        let results = withAndWithoutThreads(count: x.count, filler: Float(0)) { out in
            hone_transpose(HONE_ISA_AUTO, x, out, 513, 301)
        }
        #expect(sameBits(results.all, results.one))
        #expect(results.all[5 * 513 + 400] == x[400 * 301 + 5])
    }

    /// A view of an array: its shape, its strides, and where in the array it begins.
    struct View: Sendable, CustomTestStringConvertible {
        let shape: [Int]
        let strides: [Int]
        var start = 0

        var testDescription: String { "\(shape) by \(strides)" }

        /// Every offset in row-major order.
        var offsets: [Int] {
            var all = [start]
            for (size, stride) in zip(shape, strides) {
                all = all.flatMap { base in (0..<size).map { base + $0 * stride } }
            }
            return all
        }
    }

    static let views = [
        View(shape: [], strides: []),
        View(shape: [7], strides: [1]),
        View(shape: [7], strides: [-1], start: 6),
        View(shape: [7], strides: [0]),
        View(shape: [7], strides: [3]),
        View(shape: [1, 1], strides: [0, 0]),
        View(shape: [4, 6], strides: [6, 1]),
        View(shape: [6, 4], strides: [1, 6]),
        View(shape: [40, 50], strides: [1, 40]),
        View(shape: [40, 50], strides: [2, 80]),
        View(shape: [4, 6], strides: [6, -1], start: 5),
        View(shape: [4, 6], strides: [-6, 1], start: 18),
        View(shape: [3, 4, 5], strides: [0, 5, 1]),
        View(shape: [3, 4, 5], strides: [1, 0, 3]),
        View(shape: [3, 4, 5], strides: [20, 1, 4]),
        View(shape: [2, 3, 20, 21], strides: [1260, 1, 63, 3]),
        View(shape: [2, 1, 3, 1, 2, 5], strides: [30, 0, 10, 0, 5, 1]),
        View(shape: [2, 2, 2, 2, 2, 2], strides: [1, 2, 4, 8, 16, 32]),
        View(shape: [2, 3, 4], strides: [-12, -4, -1], start: 23),
        View(shape: [3, 2, 4], strides: [40, 10, 1]),
        View(shape: [2, 3, 2, 4], strides: [120, 30, 9, 2]),
        View(shape: [5, 0, 3], strides: [3, 3, 1]),
    ]

    @Test("copies a view, and adds back through it", arguments: views)
    func stridedCopies(_ view: View) {
        let offsets = view.offsets
        let size = (offsets.max() ?? 0) + 1
        let x = GuardedArray((0..<size).map { Float($0) })
        let out = GuardedArray([Float](repeating: -1, count: offsets.count))
        hone_strided_copy(x.pointer + view.start, view.strides, out.pointer, view.shape, Int32(view.shape.count))
        #expect(out.array == offsets.map { Float($0) })

        var numbers = TestNumbers(seed: 121)
        let y = numbers.integers(offsets.count, below: 50).map { Float($0) }
        var expected = x.array
        for (offset, value) in zip(offsets, y) {
            expected[offset] += value
        }
        let sums = GuardedArray(x.array)
        let addend = GuardedArray(y)
        hone_strided_add(sums.pointer + view.start, view.strides, addend.pointer, view.shape, Int32(view.shape.count))
        #expect(sums.array == expected)
    }

    @Test func largeViewsAreTheSameOnSeveralThreads() {
        var numbers = TestNumbers(seed: 122)
        let x = numbers.floats(300 * 301)
        let results = withAndWithoutThreads(count: 2 * x.count, filler: Float(0)) { out in
            hone_strided_copy(x, [1, 301], out, [301, 300], 2)
            hone_strided_copy(x, [1505, 1, 5], out + x.count, [60, 5, 301], 3)
        }
        #expect(sameBits(results.all, results.one))
        #expect(results.all[7 * 300 + 200] == x[200 * 301 + 7])
        #expect(results.all[x.count + (33 * 5 + 2) * 301 + 100] == x[33 * 1505 + 2 + 500])
    }

    @Test func largeGradientsOfViewsAreTheSameOnSeveralThreads() {
        var numbers = TestNumbers(seed: 126)
        let y = numbers.floats(300 * 301)
        let results = withAndWithoutThreads(count: 3 * y.count, filler: Float(0.5)) { out in
            hone_strided_add(out, [1, 301], y, [301, 300], 2)
            hone_strided_add(out + y.count, [1505, 1, 5], y, [60, 5, 301], 3)
            hone_strided_add(out + 2 * y.count, [301, 1], y, [300, 301], 2)
        }
        #expect(sameBits(results.all, results.one))
        #expect(results.all[200 * 301 + 7] == 0.5 + y[7 * 300 + 200])
        #expect(results.all[y.count + 33 * 1505 + 2 + 500] == 0.5 + y[(33 * 5 + 2) * 301 + 100])
        #expect(results.all[2 * y.count + 12345] == 0.5 + y[12345])
    }

    @Test func gatheredRowsFollowTheirIndices() {
        var numbers = TestNumbers(seed: 123)
        for length in [0, 1, 2, 3, 16, 50] {
            for count in [0, 1, 9, 200] {
                let x = numbers.floats(7 * length)
                let index = numbers.integers(count, below: 7)
                let out = GuardedArray([Float](repeating: -1, count: count * length))
                let source = GuardedArray(x)
                hone_gather_rows(source.pointer, index, count, length, out.pointer)
                #expect(out.array == index.flatMap { x[Int($0) * length..<(Int($0) + 1) * length] })
            }
        }
    }

    @Test func scatteredRowsAddUpInOrder() {
        var numbers = TestNumbers(seed: 124)
        for length in [0, 1, 2, 16, 50] {
            for count in [0, 1, 9, 200] {
                let y = numbers.floats(count * length)
                let index = numbers.integers(count, below: 5)
                var expected = numbers.floats(5 * length)
                let x = GuardedArray(expected)
                hone_scatter_add_rows(x.pointer, index, count, length, y)
                for row in 0..<count {
                    for column in 0..<length {
                        expected[Int(index[row]) * length + column] += y[row * length + column]
                    }
                }
                // In order, so to the last bit.
                #expect(sameBits(x.array, expected))
            }
        }
    }

    @Test func scatteringDoesNotDependOnTheThreads() {
        var numbers = TestNumbers(seed: 125)
        let y = numbers.floats(900 * 100)
        let index = numbers.integers(900, below: 3)
        let results = withAndWithoutThreads(count: 3 * 100, filler: Float(0.1)) { out in
            hone_scatter_add_rows(out, index, 900, 100, y)
        }
        #expect(sameBits(results.all, results.one))
    }

    @Test func lookingUpDoesNotDependOnTheThreads() {
        var numbers = TestNumbers(seed: 127)
        var (first, second) = (numbers.floats(9 * 21), numbers.floats(7 * 30))
        let (beside, y) = (numbers.floats(3000 * 4), numbers.floats(3000 * 55))
        let index = numbers.integers(6000, below: 7)
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                let tables = [
                    hone_table(rows: first.baseAddress, length: 21), hone_table(rows: second.baseAddress, length: 30),
                ]
                let rows = withAndWithoutThreads(count: 3000 * 55, filler: Float(0)) { out in
                    hone_lookup_rows(tables, 2, index, 3000, beside, 4, out)
                }
                #expect(sameBits(rows.all, rows.one) && rows.one[54] == beside[3] && rows.one[21] != 0)
                let sums = withAndWithoutThreads(count: 9 * 21 + 7 * 30, filler: Float(0.5)) { out in
                    let targets = [hone_table(rows: out, length: 21), hone_table(rows: out + 9 * 21, length: 30)]
                    hone_lookup_add(targets, 2, index, 3000, y, 55)
                }
                #expect(sameBits(sums.all, sums.one) && sums.one[0] != 0.5)
            }
        }
    }
}
