import Foundation
import HoneKernels
import Testing

@Suite struct RotaryTests {
    @Test(arguments: [false, true])
    func pairsAreTurnedAndBack(interleaved: Bool) {
        for (heads, time, width, pairs) in [(1, 1, 2, 1), (2, 3, 8, 4), (3, 5, 70, 33), (2, 2, 5, 1), (1, 4, 3, 0)] {
            var numbers = TestNumbers(seed: UInt64(width))
            let x = numbers.floats(heads * time * width)
            let angles = numbers.floats(time * pairs)
            let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
            var expected = x.map(Double.init)
            for row in 0..<heads * time {
                for pair in 0..<pairs {
                    let (first, second) = interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + pairs)
                    let (a, b) = (Double(x[row * width + first]), Double(x[row * width + second]))
                    let at = row % time * pairs + pair
                    let (c, s) = (Double(cosines[at]), Double(sines[at]))
                    expected[row * width + first] = a * c - b * s
                    expected[row * width + second] = a * s + b * c
                }
            }
            for variant in availableVariants {
                var shape = hone_rotary(
                    heads: heads, time: time, width: width, pairs: pairs, interleaved: interleaved, inverse: false)
                let (from, c, s) = (GuardedArray(x), GuardedArray(cosines), GuardedArray(sines))
                let y = GuardedArray([Float](repeating: .nan, count: x.count))
                hone_rotate(variant, &shape, from.pointer, c.pointer, s.pointer, y.pointer, false)
                #expect(worstShare(y.array, expected, rtol: 1e-6, atol: 1e-6) <= 1, "\(name(of: variant)), \(shape)")
                shape.inverse = true
                let back = GuardedArray(x)
                hone_rotate(variant, &shape, y.pointer, c.pointer, s.pointer, back.pointer, true)
                #expect(worstShare(back.array, x.map { 2 * Double($0) }, rtol: 1e-5, atol: 1e-5) <= 1)
            }
        }
    }
}
