import Foundation
import HoneTensor
import Testing

/// Operations on two tensors over all the ways in which shapes go together.
@Suite struct BroadcastTests {
    private struct Function {
        let name: String
        let apply: (Tensor, Tensor) -> Tensor
        let reference: (Double, Double) -> Double
        var domainA: ClosedRange<Float> = -2...2
        var domainB: ClosedRange<Float> = -2...2
    }

    private let functions = [
        Function(name: "add", apply: { $0 + $1 }, reference: { $0 + $1 }),
        Function(name: "subtract", apply: { $0 - $1 }, reference: { $0 - $1 }),
        Function(name: "multiply", apply: { $0 * $1 }, reference: { $0 * $1 }),
        Function(name: "divide", apply: { $0 / $1 }, reference: { $0 / $1 }, domainB: 0.6...2),
        Function(name: "power", apply: { $0.power($1) }, reference: { pow($0, $1) }, domainA: 0.4...2),
    ]

    private let pairs: [(a: [Int], b: [Int])] = [
        ([], []), ([], [3]), ([3], []), ([1], [1]), ([1], [5]), ([2, 3], [3]), ([3], [2, 3]), ([2, 3], [2, 1]),
        ([4, 1], [1, 5]), ([2, 1, 4], [3, 1]), ([2, 3, 4], [2, 3, 4]), ([2, 3, 1, 4], [3, 2, 1]), ([2, 1, 1, 1], [4]),
        ([1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1]), ([0], [1]), ([1], [0]), ([2, 0], [1]), ([0, 3], [3]), ([0], [0]),
        ([17, 33], [33]), ([17, 33], [17, 1]),
    ]

    @Test func everyOperationHasItsValues() {
        var numbers = TestNumbers(seed: 1)
        for function in functions {
            for (shapeA, shapeB) in pairs {
                let a = numbers.tensor(shapeA, in: function.domainA)
                let b = numbers.tensor(shapeB, in: function.domainB)
                expectClose(
                    function.apply(a, b), .zip2(a, b, function.reference), "\(function.name) \(shapeA) \(shapeB)")
            }
        }
    }

    @Test func everyOperationHasItsGradients() throws {
        var numbers = TestNumbers(seed: 2)
        for function in functions {
            for (shapeA, shapeB) in pairs.dropLast(2) {
                let a = numbers.tensor(shapeA, in: function.domainA)
                let b = numbers.tensor(shapeB, in: function.domainB)
                try expectGradients(at: [a, b], "\(function.name) \(shapeA) \(shapeB)") { function.apply($0[0], $0[1]) }
            }
        }
    }

    @Test func extremesHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 3)
        for (shapeA, shapeB) in pairs.dropLast(2) {
            // Half a step between the two sets of numbers: no pair is equal.
            let (a, b) = (numbers.separated(shapeA), numbers.separated(shapeB) + 0.05)
            expectClose(a.maximum(b), .zip2(a, b, max))
            expectClose(a.minimum(b), .zip2(a, b, min))
            try expectGradients(at: [a, b], "maximum \(shapeA) \(shapeB)") { $0[0].maximum($0[1]) }
            try expectGradients(at: [a, b], "minimum \(shapeA) \(shapeB)") { $0[0].minimum($0[1]) }
        }
    }

    @Test func equalElementsShareTheGradientOfAnExtreme() throws {
        let (a, b) = (Tensor([1, 2, 3]), Tensor([2, 2, 2]))
        let seed = Tensor([10, 20, 30])
        let ofMaximum = try gradients(at: [a, b], seed: seed) { $0[0].maximum($0[1]) }
        #expect(ofMaximum.map(\.scalars) == [[0, 10, 30], [10, 10, 0]])
        let ofMinimum = try gradients(at: [a, b], seed: seed) { $0[0].minimum($0[1]) }
        #expect(ofMinimum.map(\.scalars) == [[10, 10, 0], [0, 10, 30]])
    }

    @Test func onlyOneOperandNeedsToBeWatched() throws {
        let (a, b) = (Tensor([2, 3]), Tensor([4, 5]))
        #expect(try gradients(at: [a]) { $0[0] * b }[0].scalars == [4, 5])
        #expect(try gradients(at: [b]) { a * $0[0] }[0].scalars == [2, 3])
        #expect(try gradients(at: [b]) { a - $0[0] }[0].scalars == [-1, -1])
        #expect(try gradients(at: [b]) { a.maximum($0[0]) }[0].scalars == [1, 1])
    }

    @Test func powersOfZeroHaveTheGradientsThatTorchGivesThem() throws {
        let (base, exponent) = (Tensor([0, 0, 0, 2]), Tensor([0, 1, 2, 0]))
        #expect(base.power(exponent).scalars == [1, 0, 0, 1])
        let slopes = try gradients(at: [base, exponent]) { $0[0].power($0[1]) }
        #expect(slopes[0].scalars == [0, 1, 0, 0])
        #expect(Array(slopes[1].scalars.prefix(3)) == [0, 0, 0])
        #expect(abs(slopes[1].scalars[3] - Float(log(2.0))) < 1e-6)
    }

    @Test func aNegativeBaseHasNoSlopeAlongTheExponent() throws {
        let slopes = try gradients(at: [Tensor([-2.0]), Tensor([2.0])]) { $0[0].power($0[1]) }
        #expect(slopes[0].scalars == [-4])
        #expect(slopes[1].scalars[0].isNaN)
    }

    @Test func quotientsOfLargeNumbersHaveTheirGradients() throws {
        let slopes = try gradients(at: [Tensor([1e25, 1e-25]), Tensor([1e25, 1e-25])]) { $0[0] / $0[1] }
        #expect(abs(slopes[1].scalars[0] / -1e-25 - 1) < 1e-5)
        #expect(abs(slopes[1].scalars[1] / -1e25 - 1) < 1e-5)
    }
}
