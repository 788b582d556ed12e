import Foundation
import HoneKernels
import Testing

/// One multiplication with its operands, the sum of products in double precision beside it.
private struct Product {
    var transposeA = false, transposeB = false
    var m: Int, n: Int, k: Int
    /// How much longer the rows are in memory than they need be.
    var paddingA = 0, paddingB = 0, paddingC = 0
    var beta: Float = 0
    var bias = false, relu = false

    var lda: Int { (transposeA ? m : k) + paddingA }
    var ldb: Int { (transposeB ? k : n) + paddingB }
    var ldc: Int { n + paddingC }

    /// The floats of a matrix from its first to its last element: the padding behind the last row is not there.
    private func count(rows: Int, columns: Int, stride: Int) -> Int {
        rows == 0 || columns == 0 ? 0 : (rows - 1) * stride + columns
    }
    var countA: Int { transposeA ? count(rows: k, columns: m, stride: lda) : count(rows: m, columns: k, stride: lda) }
    var countB: Int { transposeB ? count(rows: n, columns: k, stride: ldb) : count(rows: k, columns: n, stride: ldb) }
    var countC: Int { count(rows: m, columns: n, stride: ldc) }

    /// Operands of small numbers, all alike for the same product.
    func operands() -> (a: [Float], b: [Float], c: [Float], bias: [Float]) {
        var numbers = TestNumbers(seed: UInt64(m &* 31 &+ n &* 17 &+ k))
        return (
            numbers.floats(countA, in: -1...1), numbers.floats(countB, in: -1...1), numbers.floats(countC, in: -1...1),
            numbers.floats(n, in: -1...1)
        )
    }

    /// The expected c without the padding, in double precision.
    func expected(_ a: [Float], _ b: [Float], _ c: [Float], _ biases: [Float]) -> [Double] {
        var result = [Double](repeating: 0, count: m * n)
        let (rowA, stepA) = transposeA ? (1, lda) : (lda, 1)
        let (columnB, stepB) = transposeB ? (ldb, 1) : (1, ldb)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for i in 0..<m {
                    for j in 0..<n {
                        var sum = 0.0
                        for p in 0..<k { sum += Double(a[i * rowA + p * stepA]) * Double(b[j * columnB + p * stepB]) }
                        if beta != 0 { sum += Double(beta) * Double(c[i * ldc + j]) }
                        if bias { sum += Double(biases[j]) }
                        result[i * n + j] = relu && sum < 0 ? 0 : sum
                    }
                }
            }
        }
        return result
    }

    /// Runs the kernel on memory that ends with the operands, and gives back c with its padding.
    func run(
        _ isa: hone_isa, _ a: GuardedArray<Float>, _ b: GuardedArray<Float>, _ c: [Float], _ biases: GuardedArray<Float>
    ) -> [Float] {
        let result = GuardedArray(c)
        var epilogue = hone_epilogue()
        epilogue.bias = bias ? UnsafePointer(biases.pointer) : nil
        epilogue.activation = relu ? HONE_ACTIVATION_RELU : HONE_ACTIVATION_NONE
        let plain = !bias && !relu
        withUnsafePointer(to: epilogue) { epilogue in
            hone_sgemm(
                isa, transposeA, transposeB, m, n, k, a.pointer, lda, b.pointer, ldb, beta, result.pointer, ldc,
                plain ? nil : epilogue)
        }
        return result.array
    }

    /// Holds every variant against the double-precision sum.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let (a, b, c, biases) = operands()
        let wanted = expected(a, b, c, biases)
        // c must not be read when beta is 0: what is there would show.
        let start = beta == 0 ? c.map { _ in Float.nan } : c
        let (guardedA, guardedB, guardedBias) = (GuardedArray(a), GuardedArray(b), GuardedArray(biases))
        let tolerance = 1e-6 * Double(k + 8)
        for isa in availableVariants {
            let got = run(isa, guardedA, guardedB, start, guardedBias)
            var wrong: String?
            for (index, value) in got.enumerated() {
                let (i, j) = (index / ldc, index % ldc)
                if j >= n {
                    if value.bitPattern != start[index].bitPattern { wrong = "wrote behind row \(i)" }
                } else if !(abs(Double(value) - wanted[i * n + j]) <= tolerance) {
                    wrong = "c[\(i), \(j)] is \(value), not \(wanted[i * n + j])"
                }
                if wrong != nil { break }
            }
            let name = String(cString: hone_isa_name(isa))
            #expect(wrong == nil, "\(name), \(self): \(wrong ?? "")", sourceLocation: sourceLocation)
        }
    }
}

@Suite struct GemmTests {
    private static let transposes = [(false, false), (false, true), (true, false), (true, true)]

    /// The product of these sizes in all four layouts, the rest of the options taking turns.
    private func checkAllLayouts(_ m: Int, _ n: Int, _ k: Int, paddingA: Int = 0, paddingB: Int = 0) {
        for (turn, (transposeA, transposeB)) in Self.transposes.enumerated() {
            let choice = turn + m + n + k
            Product(
                transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, paddingA: paddingA,
                paddingB: paddingB, paddingC: choice % 3, beta: [0, 1, 0.5][choice % 3], bias: choice % 2 == 0,
                relu: choice % 5 < 2
            ).check()
        }
    }

    @Test func sizesAroundTheTilesAreRight() {
        for m in [1, 2, 5, 6, 7, 13, 14, 15, 29] {
            for n in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 49, 65] {
                checkAllLayouts(m, n, [1, 2, 3, 4, 7, 16, 17][(m + n) % 7])
            }
        }
    }

    @Test func depthsAroundTheVectorsAreRight() {
        for k in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100] {
            checkAllLayouts(15, 33, k)
            checkAllLayouts(3, 5, k)
            checkAllLayouts(1, 40, k)
            checkAllLayouts(40, 1, k)
        }
    }

    @Test func everyCombinationOfBetaBiasAndActivationIsRight() {
        for (m, n, k) in [(15, 37, 9), (3, 20, 33), (1, 50, 12), (20, 1, 12)] {
            for (transposeA, transposeB) in Self.transposes {
                for beta: Float in [0, 1, 0.5, -2] {
                    for options in 0..<4 {
                        Product(
                            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, paddingC: 2, beta: beta,
                            bias: options & 1 != 0, relu: options & 2 != 0
                        ).check()
                    }
                }
            }
        }
    }

    @Test func rowsThatAreLongerInMemoryAndPointersOfAnyAlignmentAreRight() {
        for padding in [1, 3, 7, 16] {
            checkAllLayouts(14, 32, 16, paddingA: padding, paddingB: 2 * padding)
            checkAllLayouts(17, 45, 21, paddingA: 2 * padding, paddingB: padding)
            checkAllLayouts(1, 33, 18, paddingA: padding, paddingB: padding)
            checkAllLayouts(33, 1, 18, paddingA: padding, paddingB: padding)
        }
    }

    @Test func tallAndWideMatricesAreRight() {
        checkAllLayouts(700, 10, 9)
        checkAllLayouts(9, 1100, 7)
        checkAllLayouts(300, 40, 5)
        checkAllLayouts(5, 3, 600)
    }

    @Test func sumsLongerThanABlockAreRight() {
        checkAllLayouts(15, 18, 1100)
        checkAllLayouts(2, 35, 1030)
        checkAllLayouts(1, 17, 1500)
        checkAllLayouts(17, 1, 1500)
    }

    /// Rows a power of two apart make the driver copy a and b first.
    @Test func rowsThatArePowersOfTwoApartAreRight() {
        func padding(_ length: Int) -> Int { 1024 - length % 1024 }
        for (m, n, k) in [(30, 70, 20), (20, 70, 270), (140, 40, 270)] {
            for (transposeA, transposeB) in Self.transposes {
                Product(
                    transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k,
                    paddingA: padding(transposeA ? m : k), paddingB: padding(transposeB ? k : n), beta: 1, bias: true
                ).check()
            }
        }
    }

    @Test func withoutRowsOrColumnsNothingIsTouched() {
        for isa in availableVariants {
            for (m, n) in [(0, 0), (0, 3), (3, 0)] {
                let c = GuardedArray<Float>([])
                hone_sgemm(isa, false, false, m, n, 4, nil, 4, nil, n, 0, c.pointer, n, nil)
            }
        }
    }

    @Test func withoutDepthOnlyTheEndIsApplied() {
        for beta: Float in [0, 1, 0.5] {
            for options in 0..<4 {
                Product(
                    m: 3, n: 21, k: 0, paddingC: 1, beta: beta, bias: options & 1 != 0, relu: options & 2 != 0
                ).check()
            }
        }
    }

    @Test func aNaNInAnOperandReachesItsRowOrColumnAndPassesTheActivation() {
        for isa in availableVariants {
            for (m, n) in [(15, 33), (1, 33), (15, 1), (2, 2)] {
                let product = Product(m: m, n: n, k: 20, relu: true)
                var (a, b, c, bias) = product.operands()
                a[(m - 1) * 20 + 7] = .nan
                let got = product.run(isa, GuardedArray(a), GuardedArray(b), c, GuardedArray(bias))
                for i in 0..<m {
                    let row = got[(i * n)..<((i + 1) * n)]
                    #expect(row.allSatisfy { $0.isNaN == (i == m - 1) })
                }
            }
        }
    }

    @Test func whatBetaZeroOverwritesMayBeAnything() {
        for isa in availableVariants {
            for filler: Float in [.nan, .infinity, -.infinity] {
                let product = Product(m: 20, n: 40, k: 600)
                let (a, b, c, bias) = product.operands()
                let start = c.map { _ in filler }
                let got = product.run(isa, GuardedArray(a), GuardedArray(b), start, GuardedArray(bias))
                #expect(got.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func callsFromSeveralThreadsDoNotDisturbEachOther() {
        let product = Product(transposeB: true, m: 65, n: 80, k: 50, bias: true)
        let (a, b, c, bias) = product.operands()
        let wanted = product.run(HONE_ISA_AUTO, GuardedArray(a), GuardedArray(b), c, GuardedArray(bias))
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<5 {
                let got = product.run(HONE_ISA_AUTO, GuardedArray(a), GuardedArray(b), c, GuardedArray(bias))
                #expect(sameBits(got, wanted))
            }
        }
    }
}

extension ThreadCountTests {
    @Suite struct GemmThreadTests {
        @Test func theNumberOfThreadsDoesNotChangeABit() {
            let sizes = [
                (130, 70, 90), (40, 300, 50), (300, 33, 40), (5, 700, 130), (1, 3000, 100), (3000, 1, 100),
                (2000, 3, 60),
            ]
            for (m, n, k) in sizes {
                for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
                    let product = Product(
                        transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, beta: 0.5, bias: true)
                    let (a, b, c, bias) = product.operands()
                    let (guardedA, guardedB, guardedBias) = (GuardedArray(a), GuardedArray(b), GuardedArray(bias))
                    for isa in availableVariants {
                        let one = withThreads(1) { product.run(isa, guardedA, guardedB, c, guardedBias) }
                        for threads: Int32 in [2, 3, 7] {
                            let more = withThreads(threads) { product.run(isa, guardedA, guardedB, c, guardedBias) }
                            #expect(sameBits(one, more), "\(threads) threads, \(product)")
                        }
                    }
                }
            }
        }
    }
}
