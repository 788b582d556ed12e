import Foundation
import HoneKernels
import Testing

@Suite struct ElementwiseTests {
    // MARK: One operand

    @Test("works at every length, in place too, and touches nothing else", arguments: accurateUnaryCases)
    func unaryWorksAtEveryLength(_ unary: UnaryCase) {
        var numbers = TestNumbers(seed: 1)
        for variant in availableVariants {
            for length in awkwardLengths {
                let inputs = numbers.floats(length, in: unary.domain)
                let x = GuardedArray(inputs)
                let y = GuardedArray([Float](repeating: .nan, count: length))
                hone_unary(variant, unary.op, x.pointer, y.pointer, length)
                let outputs = y.array
                let worst = zip(outputs, inputs).map { ulps($0, unary.truth(Double($1))) }.max() ?? 0
                #expect(worst <= unary.bound, "\(unary.name), \(name(of: variant)), \(length) elements")
                #expect(x.array == inputs)
                hone_unary(variant, unary.op, x.pointer, x.pointer, length)
                #expect(sameBits(x.array, outputs), "\(unary.name), \(name(of: variant)), \(length) in place")
            }
        }
    }

    @Test func neighboursOfAnUnalignedSliceAreLeftAlone() {
        for variant in availableVariants {
            for length in [1, 5, 16, 37] {
                var y = [Float](repeating: 9, count: length + 2)
                let x = [Float](repeating: 1, count: length + 2)
                x.withUnsafeBufferPointer { x in
                    y.withUnsafeMutableBufferPointer { y in
                        guard let from = x.baseAddress, let to = y.baseAddress else { return }
                        hone_unary(variant, HONE_NEG, from + 1, to + 1, length)
                    }
                }
                #expect(y == [9] + [Float](repeating: -1, count: length) + [9])
            }
        }
    }

    @Test func nanGoesThroughEveryFunctionThatHasARealValue() {
        for variant in availableVariants {
            for raw in 0..<HONE_UNARY_COUNT.rawValue {
                let op = hone_unary_op(rawValue: raw)
                guard op != HONE_SIGN else { continue }
                let x = [Float](repeating: .nan, count: 17)
                var y = [Float](repeating: 0, count: 17)
                hone_unary(variant, op, x, &y, 17)
                #expect(y.allSatisfy { $0.isNaN }, "operation \(raw), \(name(of: variant))")
            }
        }
    }

    // MARK: Two operands

    private static let truths: [@Sendable (Double, Double) -> Double] = [
        { $0 + $1 }, { $0 - $1 }, { $0 * $1 }, { $0 / $1 }, { pow($0, $1) },
        { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }, { $0.isNaN || $1.isNaN ? .nan : min($0, $1) },
        { $0 < $1 ? 1 : 0 }, { $0 <= $1 ? 1 : 0 }, { $0 > $1 ? 1 : 0 }, { $0 >= $1 ? 1 : 0 },
        { $0 == $1 ? 1 : 0 }, { $0 != $1 ? 1 : 0 },
    ]

    private static func operation(_ raw: Int) -> hone_binary_op {
        hone_binary_op(rawValue: Int32(raw))
    }

    /// A broadcast of two operands to one shape. Operands may be views: a stride of 2 skips every other element.
    struct Broadcast: Sendable, CustomTestStringConvertible {
        let shape: [Int]
        let a: [Int]
        let b: [Int]

        var testDescription: String { "\(shape) with \(a) and \(b)" }
    }

    static let broadcasts = [
        Broadcast(shape: [], a: [], b: []),
        Broadcast(shape: [1], a: [0], b: [0]),
        Broadcast(shape: [37], a: [1], b: [1]),
        Broadcast(shape: [37], a: [1], b: [0]),
        Broadcast(shape: [37], a: [0], b: [1]),
        Broadcast(shape: [37], a: [0], b: [0]),
        Broadcast(shape: [5, 10], a: [10, 1], b: [0, 1]),
        Broadcast(shape: [5, 10], a: [10, 1], b: [1, 0]),
        Broadcast(shape: [5, 10], a: [1, 0], b: [0, 1]),
        Broadcast(shape: [3, 4, 20], a: [80, 20, 1], b: [0, 1, 0]),
        Broadcast(shape: [3, 4, 20], a: [80, 20, 1], b: [20, 0, 1]),
        Broadcast(shape: [3, 4, 20], a: [20, 0, 1], b: [4, 1, 0]),
        Broadcast(shape: [2, 1, 3, 1, 17, 2], a: [102, 0, 34, 0, 2, 1], b: [0, 0, 2, 0, 0, 1]),
        Broadcast(shape: [4, 33], a: [1, 4], b: [33, 1]),
        Broadcast(shape: [4, 33], a: [66, 2], b: [0, 3]),
        Broadcast(shape: [0, 5], a: [5, 1], b: [0, 1]),
        Broadcast(shape: [5, 0], a: [0, 1], b: [0, 1]),
        Broadcast(shape: [2, 300], a: [600, 2], b: [300, 1]),
    ]

    /// Every offset of a strided array, in row-major order of the shape.
    private func offsets(_ shape: [Int], _ strides: [Int]) -> [Int] {
        var all = [0]
        for (size, stride) in zip(shape, strides) {
            all = all.flatMap { base in (0..<size).map { base + $0 * stride } }
        }
        return all
    }

    @Test("broadcasts every operation as the definition says", arguments: broadcasts)
    func broadcasting(_ broadcast: Broadcast) {
        let aOffsets = offsets(broadcast.shape, broadcast.a)
        let bOffsets = offsets(broadcast.shape, broadcast.b)
        var numbers = TestNumbers(seed: 2)
        // Coarse values, so that comparisons meet equal ones; and a NaN each.
        let coarse: [Float] = [-2, -1, 0.5, 1, 2, 3]
        var aValues = (0...(aOffsets.max() ?? 0)).map { _ in coarse[Int(numbers.next() % 6)] }
        var bValues = (0...(bOffsets.max() ?? 0)).map { _ in coarse[Int(numbers.next() % 6)] }
        aValues[aValues.count / 2] = aValues.count > 20 ? .nan : 1
        bValues[bValues.count / 3] = bValues.count > 20 ? .nan : 1
        let a = GuardedArray(aValues)
        let b = GuardedArray(bValues)
        for variant in availableVariants {
            for raw in 0..<Self.truths.count {
                let out = GuardedArray([Float](repeating: 77, count: aOffsets.count))
                hone_binary(
                    variant, Self.operation(raw), a.pointer, broadcast.a, b.pointer, broadcast.b, out.pointer,
                    broadcast.shape, Int32(broadcast.shape.count))
                let truth = zip(aOffsets, bOffsets).map { Self.truths[raw](Double(aValues[$0]), Double(bValues[$1])) }
                let share = worstShare(out.array, truth, rtol: 1e-7, atol: 0)
                #expect(share <= 1, "operation \(raw), \(name(of: variant))")
            }
        }
    }

    @Test func theResultMayReplaceEitherOperand() {
        var numbers = TestNumbers(seed: 3)
        let a = numbers.floats(5 * 19)
        let b = numbers.floats(5 * 19)
        let row = numbers.floats(19)
        for variant in availableVariants {
            var left = a
            left.withUnsafeMutableBufferPointer { p in
                hone_binary(variant, HONE_SUB, p.baseAddress, [19, 1], row, [0, 1], p.baseAddress, [5, 19], 2)
            }
            #expect(left == a.indices.map { a[$0] - row[$0 % 19] })
            var right = b
            right.withUnsafeMutableBufferPointer { p in
                hone_binary(variant, HONE_SUB, a, [19, 1], p.baseAddress, [19, 1], p.baseAddress, [5, 19], 2)
            }
            #expect(right == a.indices.map { a[$0] - b[$0] })
        }
    }

    @Test func aScalarMayStandOnEitherSide() {
        var numbers = TestNumbers(seed: 4)
        for variant in availableVariants {
            for raw in 0..<Self.truths.count {
                for length in [0, 1, 16, 19, 50] {
                    let values = numbers.floats(length, in: 0.5...3)
                    for scalarFirst in [false, true] {
                        let x = GuardedArray(values)
                        hone_binary_scalar(variant, Self.operation(raw), x.pointer, 1.5, scalarFirst, x.pointer, length)
                        let truth = values.map {
                            scalarFirst ? Self.truths[raw](1.5, Double($0)) : Self.truths[raw](Double($0), 1.5)
                        }
                        #expect(worstShare(x.array, truth, rtol: 1e-7, atol: 0) <= 1)
                    }
                }
            }
        }
    }

    // MARK: The rest

    @Test func smallPassesDoWhatTheySay() {
        var numbers = TestNumbers(seed: 8)
        for variant in availableVariants {
            for length in awkwardLengths {
                let a = numbers.floats(length)
                let b = numbers.floats(length)
                let y = GuardedArray(b)
                hone_axpy(variant, 0.25, a, y.pointer, length)
                let sum = zip(a, b).map { Double($0) * 0.25 + Double($1) }
                #expect(worstShare(y.array, sum, rtol: 1e-7, atol: 1e-7) <= 1)

                let scaled = GuardedArray(a)
                hone_scale(variant, -0.5, scaled.pointer, length)
                #expect(scaled.array == a.map { $0 * -0.5 })

                let filled = GuardedArray(a)
                hone_fill(variant, 3.25, filled.pointer, length)
                #expect(filled.array == [Float](repeating: 3.25, count: length))

                let products = GuardedArray(b)
                hone_multiply_add(variant, a, b, products.pointer, length)
                let grown = zip(a, b).map { Double($0) * Double($1) + Double($1) }
                #expect(worstShare(products.array, grown, rtol: 1e-7, atol: 1e-6) <= 1)

                let flags = numbers.integers(length, below: 3)
                let chosen = GuardedArray([Float](repeating: 0, count: length))
                hone_select(variant, flags, a, b, chosen.pointer, length)
                #expect(chosen.array == (0..<length).map { flags[$0] != 0 ? a[$0] : b[$0] })
            }
        }
    }

    @Test func clampingKeepsNaNAndPassesGradientsWithinTheBounds() {
        let x: [Float] = [-2, -1, -0.5, 0, 1, 1.5, .nan, .infinity, -.infinity, 0.25, 0.75, -1, 2, 3, 4, 5, 6]
        let dy: [Float] = x.indices.map { Float($0 + 1) }
        for variant in availableVariants {
            var y = [Float](repeating: 0, count: x.count)
            hone_clamp(variant, x, -1, 1, &y, x.count)
            #expect(worstShare(y, x.map { $0.isNaN ? .nan : Double(min(max($0, -1), 1)) }, rtol: 0, atol: 0.0001) <= 1)
            var dx = [Float](repeating: 100, count: x.count)
            let passed = x.indices.map { x[$0] >= -1 && x[$0] <= 1 ? dy[$0] : 0 }
            hone_clamp_backward(variant, x, -1, 1, dy, &dx, x.count, true)
            #expect(dx == passed.map { $0 + 100 })
            hone_clamp_backward(variant, x, -1, 1, dy, &dx, x.count, false)
            #expect(dx == passed)
        }
    }

    @Test func conversionsTruncateAndSaturate() {
        let x: [Float] = [
            0, -0.0, 0.9, -0.9, 1.5, -1.5, 2.5, 1e6, -1e6, 0x1p31 - 128, 0x1p31, -0x1p31, -0x1p32, .infinity,
            -.infinity, .nan, 16_777_216, 7, 8,
        ]
        let expected: [Int32] = [
            0, 0, 0, 0, 1, -1, 2, 1_000_000, -1_000_000, 2_147_483_520, .max, .min, .min, .max, .min, 0, 16_777_216, 7,
            8,
        ]
        let integers: [Int32] = [0, 1, -1, .max, .min, 16_777_217, -16_777_219] + (0..<20).map { $0 * 77 - 500 }
        for variant in availableVariants {
            let y = GuardedArray([Int32](repeating: -1, count: x.count))
            hone_float_to_int32(variant, x, y.pointer, x.count)
            #expect(y.array == expected, "\(name(of: variant))")
            let floats = GuardedArray([Float](repeating: -1, count: integers.count))
            hone_int32_to_float(variant, integers, floats.pointer, integers.count)
            #expect(floats.array == integers.map { Float($0) })
        }
    }

    @Test func resultsDoNotDependOnTheThreads() {
        let rows = 7
        let columns = 40_003
        var numbers = TestNumbers(seed: 9)
        let x = numbers.floats(columns)
        let side = numbers.floats(rows)
        let wide = withAndWithoutThreads(count: rows * columns, filler: Float(0)) { out in
            hone_binary(HONE_ISA_AUTO, HONE_MUL, x, [0, 1], side, [1, 0], out, [rows, columns], 2)
            hone_unary(HONE_ISA_AUTO, HONE_EXP, out, out, rows * columns)
            hone_binary_scalar(HONE_ISA_AUTO, HONE_POW, out, 0.5, false, out, rows * columns)
            hone_unary_backward(HONE_ISA_AUTO, HONE_TANH, out, out, out, rows * columns, false)
            hone_axpy(HONE_ISA_AUTO, 0.1, out, out, rows * columns)
        }
        #expect(sameBits(wide.all, wide.one))
        #expect(abs(wide.all[3 * columns + 5]) > 0)
        let narrow = withAndWithoutThreads(count: 100_000, filler: Float(0)) { out in
            hone_binary(HONE_ISA_AUTO, HONE_ADD, x, [10, 1], side, [0, 0], out, [3900, 25], 2)
            hone_binary(HONE_ISA_AUTO, HONE_SUB, out, [1, 0], x, [0, 1], out + 4000, [4000, 24], 2)
        }
        #expect(sameBits(narrow.all, narrow.one))
    }
}
