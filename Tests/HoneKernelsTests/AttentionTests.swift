import Foundation
import HoneKernels
import Testing

@Suite struct AttentionTests {
    private enum Mask {
        case none, shared, eachHead, keysOfEachBatch
    }

    /// Attention in double precision, with the matrix of probabilities in memory.
    private struct Case {
        var heads = 4
        var queries = 5
        var keys = 7
        var width = 3
        var valueWidth = 4
        var causal = false
        var mask = Mask.none
        var dropout: Float = 0

        var q: [Float] = []
        var k: [Float] = []
        var v: [Float] = []
        var dout: [Float] = []
        var masks: [Float] = []
        /// What dropout multiplies each probability by.
        var kept: [Float] = []

        /// Draws the data. Masks leave the first key alone.
        mutating func draw(seed: Int) {
            var numbers = TestNumbers(seed: UInt64(seed))
            q = numbers.floats(heads * queries * width, in: -1.5...1.5)
            k = numbers.floats(heads * keys * width, in: -1.5...1.5)
            v = numbers.floats(heads * keys * valueWidth)
            dout = numbers.floats(heads * queries * valueWidth)
            let count = maskStrides.rows == 0 ? heads / 2 * keys : (mask == .eachHead ? heads : 1) * queries * keys
            masks = (0..<(mask == .none ? 0 : count)).map {
                let x = numbers.float(in: -2...2)
                return x < -0.5 && $0 % keys > 0 ? -.infinity : x
            }
            kept = [Float](repeating: 1, count: heads * queries * keys)
            if dropout > 0 {
                let ones = kept
                hone_dropout(HONE_ISA_PORTABLE, 11, 3, dropout, ones, &kept, ones.count, false)
            }
        }

        var maskStrides: (heads: Int, all: Int, rows: Int) {
            switch mask {
            case .none, .shared: (1, 0, keys)
            case .eachHead: (1, queries * keys, keys)
            case .keysOfEachBatch: (2, keys, 0)  // two heads a batch
            }
        }

        func withShape(_ body: (inout hone_attention) -> Void) {
            let guarded = GuardedArray(masks)
            let strides = maskStrides
            var shape = hone_attention(
                heads: heads, queries: queries, keys: keys, width: width, value_width: valueWidth, scale: 0.4,
                causal: causal, mask: mask == .none ? nil : UnsafePointer(guarded.pointer),
                heads_per_mask: strides.heads, mask_stride: strides.all, mask_row_stride: strides.rows,
                dropout: dropout, key: 11, stream: 3, places: hone_attention_places())
            withExtendedLifetime(guarded) { body(&shape) }
        }

        struct Truth {
            var out, sums, dq, dk, dv: [Double]
        }

        func logits(_ head: Int, _ query: Int) -> [Double] {
            let strides = maskStrides
            return (0..<keys).map { key in
                if causal && key > query { return -.infinity }
                var sum = 0.0
                for e in 0..<width {
                    sum += Double(q[(head * queries + query) * width + e]) * Double(k[(head * keys + key) * width + e])
                }
                guard mask != .none else { return Double(Float(0.4)) * sum }
                let at = head / strides.heads * strides.all + query * strides.rows + key
                return Double(Float(0.4)) * sum + Double(masks[at])
            }
        }

        var truth: Truth {
            var t = Truth(
                out: [Double](repeating: 0, count: dout.count), sums: [Double](repeating: 0, count: heads * queries),
                dq: [Double](repeating: 0, count: q.count), dk: [Double](repeating: 0, count: k.count),
                dv: [Double](repeating: 0, count: v.count))
            for head in 0..<heads {
                for query in 0..<queries {
                    let row = head * queries + query
                    let scores = logits(head, query)
                    let largest = scores.max() ?? 0
                    let total = scores.reduce(0) { $0 + exp($1 - largest) }
                    t.sums[row] = largest + log(total)
                    let p = scores.map { exp($0 - largest) / total }
                    var slopes = [Double](repeating: 0, count: keys)  // of the probabilities
                    for key in 0..<keys {
                        let factor = Double(kept[row * keys + key])
                        for e in 0..<valueWidth {
                            let value = Double(v[(head * keys + key) * valueWidth + e])
                            let d = Double(dout[row * valueWidth + e])
                            t.out[row * valueWidth + e] += p[key] * factor * value
                            t.dv[(head * keys + key) * valueWidth + e] += p[key] * factor * d
                            slopes[key] += factor * d * value
                        }
                    }
                    let mean = zip(p, slopes).reduce(0) { $0 + $1.0 * $1.1 }
                    for key in 0..<keys {
                        let d = p[key] * (slopes[key] - mean) * Double(Float(0.4))
                        for e in 0..<width {
                            t.dq[row * width + e] += d * Double(k[(head * keys + key) * width + e])
                            t.dk[(head * keys + key) * width + e] += d * Double(q[row * width + e])
                        }
                    }
                }
            }
            return t
        }
    }

    private static let cases: [Case] = [
        Case(), Case(heads: 1, queries: 1, keys: 1, width: 1, valueWidth: 1), Case(heads: 2, queries: 40, keys: 33),
        Case(queries: 6, keys: 6, causal: true), Case(heads: 1, queries: 45, keys: 45, width: 8, causal: true),
        Case(heads: 2, queries: 9, keys: 4, causal: true), Case(heads: 2, queries: 4, keys: 9, causal: true),
        Case(mask: .shared), Case(queries: 35, mask: .eachHead), Case(keys: 20, mask: .keysOfEachBatch),
        Case(heads: 1, queries: 3, keys: 1100), Case(heads: 1, queries: 2, keys: 530, causal: true, mask: .shared),
        Case(heads: 1, queries: 3, keys: 600, mask: .shared), Case(queries: 6, keys: 9, dropout: 0.3),
        Case(heads: 2, queries: 33, keys: 35, causal: true, mask: .eachHead, dropout: 0.5),
        Case(heads: 1, queries: 2, keys: 519, dropout: 0.25), Case(heads: 1, queries: 3, keys: 0),
    ]

    private func expectNear(_ a: [Float], _ b: [Double], _ what: String, atol: Double = 2e-6) {
        #expect(worstShare(a, b, rtol: 1e-5, atol: atol) <= 1, "\(what)")
    }

    @Test func attentionAndItsGradients() {
        for (seed, var c) in Self.cases.enumerated() where c.keys > 0 {
            c.draw(seed: seed)
            let truth = c.truth
            let (q, k, v, dout) = (GuardedArray(c.q), GuardedArray(c.k), GuardedArray(c.v), GuardedArray(c.dout))
            c.withShape { shape in
                for variant in availableVariants {
                    let what = "\(name(of: variant)), \(shape)"
                    let out = GuardedArray([Float](repeating: .nan, count: truth.out.count))
                    let sums = GuardedArray([Float](repeating: .nan, count: truth.sums.count))
                    hone_attention_forward(
                        variant, &shape, q.pointer, k.pointer, v.pointer, out.pointer, sums.pointer)
                    expectNear(out.array, truth.out, what)
                    expectNear(sums.array, truth.sums, what)
                    let alone = GuardedArray([Float](repeating: .nan, count: truth.out.count))
                    hone_attention_forward(variant, &shape, q.pointer, k.pointer, v.pointer, alone.pointer, nil)
                    #expect(sameBits(alone.array, out.array))
                    let dq = GuardedArray([Float](repeating: .nan, count: truth.dq.count))
                    let dk = GuardedArray([Float](repeating: .nan, count: truth.dk.count))
                    let dv = GuardedArray([Float](repeating: .nan, count: truth.dv.count))
                    for times in [1.0, 2.0] {
                        hone_attention_backward(
                            variant, &shape, q.pointer, k.pointer, v.pointer, out.pointer, sums.pointer, dout.pointer,
                            dq.pointer, dk.pointer, dv.pointer, times == 2, times == 2, times == 2)
                        expectNear(dq.array, truth.dq.map { times * $0 }, "dq, \(what)", atol: 1e-5)
                        expectNear(dk.array, truth.dk.map { times * $0 }, "dk, \(what)", atol: 1e-5)
                        expectNear(dv.array, truth.dv.map { times * $0 }, "dv, \(what)", atol: 1e-5)
                    }
                    // Each by itself.
                    let one = GuardedArray([Float](repeating: .nan, count: truth.dk.count))
                    hone_attention_backward(
                        variant, &shape, q.pointer, k.pointer, v.pointer, out.pointer, sums.pointer, dout.pointer, nil,
                        one.pointer, nil, true, false, true)
                    expectNear(one.array, truth.dk, "dk alone, \(what)", atol: 1e-5)
                }
            }
        }
    }

    @Test func theReferenceHasTheGradientOfItsForward() {
        for var c in [Self.cases[0], Self.cases[3], Self.cases[7], Self.cases[13]] {
            c.draw(seed: 77)
            let truth = c.truth
            func slope(_ path: WritableKeyPath<Case, [Float]>, _ i: Int) -> Double {
                // A step that is a power of two keeps sums in floats nearly exact.
                var (above, below) = (c, c)
                above[keyPath: path][i] += 0x1p-9
                below[keyPath: path][i] -= 0x1p-9
                let step = Double(above[keyPath: path][i]) - Double(below[keyPath: path][i])
                let change = zip(above.truth.out, below.truth.out).map { $0 - $1 }
                return zip(change, c.dout).reduce(0) { $0 + $1.0 * Double($1.1) } / step
            }
            for i in stride(from: 0, to: c.q.count, by: 3) {
                #expect(abs(slope(\.q, i) - truth.dq[i]) < 2e-4)
            }
            for i in stride(from: 0, to: c.k.count, by: 5) {
                #expect(abs(slope(\.k, i) - truth.dk[i]) < 2e-4)
            }
            for i in stride(from: 0, to: c.v.count, by: 5) {
                #expect(abs(slope(\.v, i) - truth.dv[i]) < 2e-4)
            }
        }
    }

    @Test func aQueryWithoutKeysGivesZero() {
        var c = Case(heads: 2, queries: 3, keys: 600, mask: .eachHead)
        c.draw(seed: 30)
        for key in 0..<c.keys {
            c.masks[c.keys + key] = -.infinity
        }
        let row = c.valueWidth..<2 * c.valueWidth
        c.withShape { shape in
            for variant in availableVariants {
                var out = [Float](repeating: 7, count: c.dout.count)
                var sums = [Float](repeating: 7, count: c.heads * c.queries)
                hone_attention_forward(variant, &shape, c.q, c.k, c.v, &out, &sums)
                #expect(out[row].allSatisfy { $0 == 0 })
                #expect(sums[1] == -.infinity)
                #expect(out.allSatisfy { $0.isFinite })
                var (dq, dk, dv) = (c.q, c.k, c.v)
                hone_attention_backward(
                    variant, &shape, c.q, c.k, c.v, out, sums, c.dout, &dq, &dk, &dv, false, false, false)
                #expect(dq[c.width..<2 * c.width].allSatisfy { $0 == 0 })
                #expect((dq + dk + dv).allSatisfy { $0.isFinite })
            }
        }
        var none = Case(heads: 1, queries: 3, keys: 0)
        none.draw(seed: 31)
        none.withShape { shape in
            for variant in availableVariants {
                var (out, dq) = ([Float](repeating: 7, count: 12), [Float](repeating: 7, count: 9))
                var sums = [Float](repeating: 7, count: 3)
                hone_attention_forward(variant, &shape, none.q, none.k, none.v, &out, &sums)
                #expect(out.allSatisfy { $0 == 0 })
                hone_attention_backward(
                    variant, &shape, none.q, none.k, none.v, out, sums, none.dout, &dq, nil, nil, false, false, false)
                #expect(dq.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test func notANumberReachesItsQueriesOnly() {
        var c = Case(heads: 1, queries: 6, keys: 6, causal: true)
        c.draw(seed: 32)
        c.k[3 * c.width] = .nan
        c.withShape { shape in
            for variant in availableVariants {
                var out = [Float](repeating: 7, count: c.dout.count)
                hone_attention_forward(variant, &shape, c.q, c.k, c.v, &out, nil)
                #expect(out.indices.allSatisfy { out[$0].isNaN == ($0 / c.valueWidth >= 3) })
            }
        }
    }

    @Test func hugeScoresDoNotOverflow() {
        var c = Case(heads: 1, queries: 2, keys: 3, width: 1, valueWidth: 1)
        (c.q, c.k, c.v, c.dout) = ([1e18, -1e18], [1e18, 0, -1e18], [1, 2, 3], [1, 1])
        c.withShape { shape in
            for variant in availableVariants {
                var out: [Float] = [0, 0]
                hone_attention_forward(variant, &shape, c.q, c.k, c.v, &out, nil)
                #expect(out == [1, 3])
            }
        }
    }

    @Test(arguments: [false, true])
    func attentionDoesNotDependOnTheThreads(causal: Bool) {
        var c = Case(heads: 6, queries: 70, keys: 65, width: 12, valueWidth: 10, causal: causal, dropout: 0.1)
        c.draw(seed: 33)
        let (q, k, v, dout, rows) = (c.q, c.k, c.v, c.dout, c.heads * c.queries)
        c.withShape { shape in
            let fixed = shape
            let count = rows + dout.count + q.count + k.count + v.count
            let result = withAndWithoutThreads(count: count, filler: Float(0)) { sums in
                var shape = fixed
                let out = sums + rows
                let dq = out + dout.count
                hone_attention_forward(HONE_ISA_AUTO, &shape, q, k, v, out, sums)
                hone_attention_backward(
                    HONE_ISA_AUTO, &shape, q, k, v, out, sums, dout, dq, dq + q.count, dq + q.count + k.count, false,
                    false, false)
            }
            #expect(sameBits(result.all, result.one))
        }
    }
}
