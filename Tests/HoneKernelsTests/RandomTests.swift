import Foundation
import HoneKernels
import Testing

@Suite struct RandomTests {
    private func block(key: UInt64, high: UInt64, low: UInt64) -> [UInt32] {
        var words = [UInt32](repeating: 0, count: 4)
        hone_philox(key, high, low, &words)
        return words
    }

    private func bits(
        _ variant: hone_isa, key: UInt64, stream: UInt64 = 0, first: UInt64 = 0, count: Int
    ) -> [UInt32] {
        let out = GuardedArray([UInt32](repeating: 0, count: count))
        hone_random_bits(variant, key, stream, first, out.pointer, count)
        return out.array
    }

    private func uniforms(
        _ variant: hone_isa, key: UInt64, stream: UInt64 = 0, first: UInt64 = 0, count: Int
    ) -> [Float] {
        let out = GuardedArray([Float](repeating: 0, count: count))
        hone_random_uniform(variant, key, stream, first, 0, 1, out.pointer, count)
        return out.array
    }

    private func normals(
        _ variant: hone_isa, key: UInt64, stream: UInt64 = 0, first: UInt64 = 0, count: Int
    ) -> [Float] {
        let out = GuardedArray([Float](repeating: 0, count: count))
        hone_random_normal(variant, key, stream, first, 0, 1, out.pointer, count)
        return out.array
    }

    /// Random123's known-answer file, philox4x32 with 10 rounds.
    @Test func philoxGivesThePublishedAnswers() {
        #expect(block(key: 0, high: 0, low: 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        #expect(block(key: .max, high: .max, low: .max) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
        let pi = block(key: 0x299f_31d0_a409_3822, high: 0x0370_7344_1319_8a2e, low: 0x85a3_08d3_243f_6a88)
        #expect(pi == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test func streamsAreTheBlocksInOrder() {
        for variant in availableVariants {
            for (key, stream) in [(UInt64(7), UInt64(0)), (.max, 0x1234_5678_9abc_def0)] {
                let expected = (0..<26).flatMap { block(key: key, high: stream, low: $0) }
                for count in [0, 1, 4, 7, 31, 32, 33, 100] {
                    let words = bits(variant, key: key, stream: stream, count: count)
                    #expect(words == Array(expected.prefix(count)), "\(name(of: variant))")
                }
            }
            // The block's number is 64 bits wide.
            let far = bits(variant, key: 3, first: 4 * 0xffff_ffff, count: 8)
            #expect(far == block(key: 3, high: 0, low: 0xffff_ffff) + block(key: 3, high: 0, low: 0x1_0000_0000))
        }
    }

    @Test func everyVariantGivesTheSameBits() {
        let count = 20_001
        func draws(_ variant: hone_isa) -> [[Float]] {
            var scaledNormals = [Float](repeating: 0, count: 999)
            hone_random_normal(variant, 1, 2, 3, -0.3, 1.7, &scaledNormals, 999)
            var scaledUniforms = [Float](repeating: 0, count: 999)
            hone_random_uniform(variant, 1, 2, 3, -0.3, 1.7, &scaledUniforms, 999)
            return [
                uniforms(variant, key: 11, stream: 5, count: count), normals(variant, key: 11, stream: 5, count: count),
                scaledNormals, scaledUniforms,
            ]
        }
        let words = bits(HONE_ISA_PORTABLE, key: 11, stream: 5, count: count)
        let reference = draws(HONE_ISA_PORTABLE)
        for variant in availableVariants {
            #expect(bits(variant, key: 11, stream: 5, count: count) == words, "\(name(of: variant))")
            for (a, b) in zip(draws(variant), reference) {
                #expect(sameBits(a, b), "\(name(of: variant))")
            }
        }
    }

    @Test func anElementDependsOnItsIndexAlone() {
        for variant in availableVariants {
            let words = bits(variant, key: 21, stream: 9, count: 300)
            let flat = uniforms(variant, key: 21, stream: 9, count: 300)
            let round = normals(variant, key: 21, stream: 9, count: 300)
            for first in [1, 2, 3, 4, 5, 17, 30, 63, 65] {
                for count in [1, 2, 3, 5, 16, 33, 100] {
                    let range = first..<first + count
                    let start = UInt64(first)
                    #expect(bits(variant, key: 21, stream: 9, first: start, count: count) == Array(words[range]))
                    #expect(uniforms(variant, key: 21, stream: 9, first: start, count: count) == Array(flat[range]))
                    #expect(normals(variant, key: 21, stream: 9, first: start, count: count) == Array(round[range]))
                }
            }
        }
    }

    @Test func uniformsAreTheTopBitsOfTheWords() {
        for variant in availableVariants {
            let words = bits(variant, key: 31, count: 1000)
            #expect(uniforms(variant, key: 31, count: 1000) == words.map { Float($0 >> 8) * 0x1p-24 })
        }
    }

    @Test func uniformsStayBelowTheirUpperEnd() {
        for variant in availableVariants {
            // In so narrow an interval most sums round to one of its ends.
            var out = [Float](repeating: 0, count: 2000)
            hone_random_uniform(variant, 1, 0, 0, 1, 1 + 2 * Float(1).ulp, &out, 2000)
            #expect(out.allSatisfy { $0 >= 1 && $0 < 1 + 2 * Float(1).ulp })
            hone_random_uniform(variant, 1, 0, 0, -5, 3, &out, 2000)
            #expect(out.allSatisfy { $0 >= -5 && $0 < 3 })
            #expect((out.min() ?? 0) < -4.9 && (out.max() ?? 0) > 2.9)
        }
    }

    #if DEBUG
    private static let sampleCount = 100_000
    #else
    private static let sampleCount = 2_000_000
    #endif

    /// Counts in `bins` equal parts of 0..<1, and how far they are from even, in standard deviations of chi-square.
    private func unevenness(_ values: [Float], bins: Int) -> Double {
        var counts = [Double](repeating: 0, count: bins)
        for value in values {
            counts[min(Int(value * Float(bins)), bins - 1)] += 1
        }
        let expected = Double(values.count) / Double(bins)
        let chiSquare = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
        return (chiSquare - Double(bins - 1)) / Double(2 * (bins - 1)).squareRoot()
    }

    private func moment(_ values: [Float], _ power: Int) -> Double {
        let sum = values.reduce(0.0) { sum, value in sum + pow(Double(value), Double(power)) }
        return sum / Double(values.count)
    }

    @Test func uniformsAreSpreadEvenly() {
        let values = uniforms(HONE_ISA_AUTO, key: 41, stream: 2, count: Self.sampleCount)
        #expect(abs(unevenness(values, bins: 128)) < 5)
        let n = Double(values.count)
        #expect(abs(moment(values, 1) - 0.5) < 5 * (1.0 / 12 / n).squareRoot())
        #expect(abs(moment(values, 2) - 1.0 / 3) < 5 * (4.0 / 45 / n).squareRoot())
    }

    @Test func normalsHaveTheMomentsAndTheShapeOfTheirDistribution() {
        let values = normals(HONE_ISA_AUTO, key: 42, stream: 1, count: Self.sampleCount)
        let n = Double(values.count)
        #expect(abs(moment(values, 1)) < 5 / n.squareRoot())
        #expect(abs(moment(values, 2) - 1) < 5 * (2 / n).squareRoot())
        #expect(abs(moment(values, 3)) < 5 * (15 / n).squareRoot())
        #expect(abs(moment(values, 4) - 3) < 5 * (96 / n).squareRoot())
        // Through the distribution function they become uniform.
        let ranks = values.map { Float(0.5 * erfc(-Double($0) * 0.5.squareRoot())) }
        #expect(abs(unevenness(ranks, bins: 128)) < 5)
        #expect((values.map { abs($0) }.max() ?? 0) > 3.8)
    }

    @Test func meanAndDeviationAreTakenOver() {
        var values = [Float](repeating: 0, count: Self.sampleCount)
        hone_random_normal(HONE_ISA_AUTO, 43, 0, 0, -4, 0.25, &values, values.count)
        let n = Double(values.count)
        let mean = moment(values, 1)
        #expect(abs(mean + 4) < 5 * 0.25 / n.squareRoot())
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
        #expect(abs(variance - 0.0625) < 5 * 0.0625 * (2 / n).squareRoot())
    }

    @Test func normalsAreBoxAndMullersOfTheirWords() {
        for variant in availableVariants {
            let words = bits(variant, key: 44, count: 1000)
            let values = normals(variant, key: 44, count: 1000)
            for j in 0..<500 {
                let u = Double(Float(words[2 * j] >> 1) * 0x1p-31 + 0x1p-32)
                let radius = (-2 * log(u)).squareRoot()
                let angle = 2 * Double.pi * Double(words[2 * j + 1]) * 0x1p-32
                #expect(abs(Double(values[2 * j]) - radius * cos(angle)) < 2e-6)
                #expect(abs(Double(values[2 * j + 1]) - radius * sin(angle)) < 2e-6)
            }
        }
    }

    @Test func keysStreamsAndNeighboursAreUncorrelated() {
        let count = Self.sampleCount
        let limit = 5 / Double(count).squareRoot()
        let base = normals(HONE_ISA_AUTO, key: 50, stream: 0, count: count)
        var others = [
            normals(HONE_ISA_AUTO, key: 51, stream: 0, count: count),
            normals(HONE_ISA_AUTO, key: 50, stream: 1, count: count),
            normals(HONE_ISA_AUTO, key: 50 | 1 << 40, stream: 0, count: count),
        ]
        for lag in [1, 2, 4] {
            others.append(normals(HONE_ISA_AUTO, key: 50, stream: 0, first: UInt64(lag), count: count))
        }
        for other in others {
            var products = 0.0
            for i in 0..<count {
                products += Double(base[i]) * Double(other[i])
            }
            #expect(abs(products / Double(count)) < limit)
        }
    }

    // MARK: Dropout

    @Test func dropoutKeepsAnElementWhenItsUniformIsAtLeastTheProbability() {
        var numbers = TestNumbers(seed: 110)
        for variant in availableVariants {
            for length in awkwardLengths {
                for probability: Float in [0, 0.1, 0.5, 0.9, 1] {
                    let values = numbers.floats(length)
                    let u = uniforms(variant, key: 61, stream: 4, count: length)
                    let share = 1 - Double(probability)
                    let kept = (0..<length).map { u[$0] >= probability ? Double(values[$0]) / share : 0 }
                    let x = GuardedArray(values)
                    let y = GuardedArray([Float](repeating: 3, count: length))
                    hone_dropout(variant, 61, 4, probability, x.pointer, y.pointer, length, true)
                    #expect(worstShare(y.array, kept.map { $0 + 3 }, rtol: 1e-6, atol: 1e-6) <= 1)
                    hone_dropout(variant, 61, 4, probability, x.pointer, y.pointer, length, false)
                    #expect(worstShare(y.array, kept, rtol: 1e-6, atol: 0) <= 1)
                    hone_dropout(variant, 61, 4, probability, x.pointer, x.pointer, length, false)
                    #expect(sameBits(x.array, y.array))
                }
            }
        }
    }

    @Test func dropoutDropsTheShareItIsAskedToAndNothingElseOfADroppedNaN() {
        let count = Self.sampleCount
        let ones = [Float](repeating: 1, count: count)
        for probability in [0.1, 0.5, 0.75] {
            var y = ones
            hone_dropout(HONE_ISA_AUTO, 71, 0, Float(probability), ones, &y, count, false)
            let dropped = Double(y.count { $0 == 0 })
            let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
            #expect(abs(dropped - Double(count) * probability) < 5 * deviation)
        }
        var y: [Float] = [1, 1, 1, 1, 1]
        hone_dropout(HONE_ISA_AUTO, 71, 0, 1, [.nan, .infinity, 1, 2, 3], &y, 5, false)
        #expect(y == [0, 0, 0, 0, 0])
    }

    @Test func numbersDoNotDependOnTheThreads() {
        let count = 100_003
        let results = withAndWithoutThreads(count: 3 * count, filler: Float(0)) { out in
            hone_random_uniform(HONE_ISA_AUTO, 81, 1, 5, -1, 1, out, count)
            hone_random_normal(HONE_ISA_AUTO, 81, 2, 7, 0, 1, out + count, count)
            hone_dropout(HONE_ISA_AUTO, 81, 3, 0.5, out, out + 2 * count, count, false)
        }
        #expect(sameBits(results.all, results.one))
    }
}
