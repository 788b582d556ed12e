import HoneTensor
import Testing

@Suite struct DropoutTests {
    private let key = RandomKey(seed: 7)

    @Test func theGivenShareIsDroppedAndTheRestScaledUp() {
        let ones = Tensor.ones([200, 500])
        for probability: Float in [0.1, 0.3, 0.5, 0.9] {
            let y = withRandomKey(key) { ones.dropout(probability) }.scalars
            let kept = y.filter { $0 != 0 }
            #expect(kept.allSatisfy { abs($0 - 1 / (1 - probability)) < 1e-5 })
            let count = Double(y.count)
            let (p, share) = (Double(probability), 1 - Double(kept.count) / count)
            // Five standard errors of a share.
            #expect(abs(share - p) < 5 * (p * (1 - p) / count).squareRoot(), "\(p): \(share)")
        }
    }

    @Test func elementsAreDroppedIndependently() {
        let y = withRandomKey(key) { Tensor.ones([100_001]).dropout(0.5) }.scalars.map { $0 != 0 }
        for lag in [1, 2, 3, 4, 8, 16, 64] {
            let pairs = zip(y, y.dropFirst(lag))
            let count = Double(y.count - lag)
            let equal = Double(pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }) / count
            #expect(abs(equal - 0.5) < 5 * 0.5 / count.squareRoot(), "lag \(lag)")
        }
    }

    @Test func theMaskIsAFunctionOfTheKeyAndTheDraw() {
        let x = Tensor.ones([64])
        let (a, b, c) = withRandomKey(key) { (x.dropout(0.5), x.dropout(0.5), x.dropout(0.5)) }
        let again = withRandomKey(key) { (x.dropout(0.5), x.dropout(0.5)) }
        let other = withRandomKey(RandomKey(seed: 8)) { x.dropout(0.5) }
        #expect(again.0.isBitwiseEqual(to: a) && again.1.isBitwiseEqual(to: b))
        #expect(!a.isBitwiseEqual(to: b) && !b.isBitwiseEqual(to: c) && !other.isBitwiseEqual(to: a))
    }

    @Test func anInnerKeyDoesNotDisturbTheOuterOne() {
        let x = Tensor.ones([64])
        let (a, b) = withRandomKey(key) { (x.dropout(0.5), x.dropout(0.5)) }
        let interrupted = withRandomKey(key) { () -> (Tensor, Tensor) in
            let first = x.dropout(0.5)
            _ = withRandomKey(RandomKey(seed: 9)) { (x.dropout(0.5), x.dropout(0.5)) }
            return (first, x.dropout(0.5))
        }
        #expect(interrupted.0.isBitwiseEqual(to: a) && interrupted.1.isBitwiseEqual(to: b))
    }

    @Test func theShapeDoesNotMatterToTheMask() {
        let flat = withRandomKey(key) { Tensor.ones([60]).dropout(0.4) }
        let cube = withRandomKey(key) { Tensor.ones([3, 4, 5]).dropout(0.4) }
        #expect(cube.shape == [3, 4, 5] && cube.scalars == flat.scalars)
    }

    @Test func theGradientGoesThroughTheSameMask() throws {
        var numbers = TestNumbers(seed: 1)
        let (x, seed) = (numbers.tensor([13, 17], in: 1...2), numbers.tensor([13, 17]))
        let mask = withRandomKey(key) { Tensor.ones([13, 17]).dropout(0.3) }
        let (slopes, values) = try withRandomKey(key) { () -> (Tensor, [Float]) in
            var values: [Float] = []
            let slopes = try gradients(at: [x], seed: seed) { inputs in
                let y = inputs[0].dropout(0.3)
                values = y.scalars
                return y
            }
            return (slopes[0], values)
        }
        expectClose(Tensor(values, shape: [13, 17]), .zip2(x, mask, *))
        expectClose(slopes, .zip2(seed, mask, *))
    }

    @Test func gradientsOfSeveralMasksAddUp() throws {
        let x = Tensor.ones([50])
        let (a, b) = withRandomKey(key) { (x.dropout(0.5), x.dropout(0.2)) }
        let slopes = try withRandomKey(key) { try gradients(at: [x]) { $0[0].dropout(0.5) + $0[0].dropout(0.2) } }
        expectClose(slopes[0], .zip2(a, b, +))
    }

    @Test func nothingOrEverythingCanBeDropped() throws {
        let x = Tensor([1, 2, 3])
        #expect(x.dropout(0).isBitwiseEqual(to: x))
        #expect(x.dropout(1).scalars == [0, 0, 0])
        #expect(try gradients(at: [x]) { $0[0].dropout(0) }[0].scalars == [1, 1, 1])
        #expect(try gradients(at: [x]) { $0[0].dropout(1) + $0[0] }[0].scalars == [1, 1, 1])
        #expect(try gradients(at: [x]) { $0[0].dropout(1) }[0].scalars == [0, 0, 0])
    }
}
