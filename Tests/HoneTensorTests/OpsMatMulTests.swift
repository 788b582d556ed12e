import Foundation
import HoneTensor
import Testing

@Suite struct OpsMatMulTests {
    /// NumPy's product of matrices, one element at a time.
    private func product(_ a: Tensor, _ b: Tensor) -> ReferenceArray {
        var (x, y) = (ReferenceArray(a), ReferenceArray(b))
        if a.rank == 1 { x.shape = [1] + x.shape }
        if b.rank == 1 { y.shape = y.shape + [1] }
        let (m, k, n) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1], y.shape[y.shape.count - 1])
        let batch = ReferenceArray.broadcastShape(Array(x.shape.dropLast(2)), Array(y.shape.dropLast(2)))
        let full = batch + [m, n]
        let values = ReferenceArray.indices(full).map { index in
            let lead = Array(index.dropLast(2))
            return (0..<k).reduce(0.0) {
                $0 + x.at(lead + [index[index.count - 2], $1]) * y.at(lead + [$1, index[index.count - 1]])
            }
        }
        return ReferenceArray(batch + (a.rank == 1 ? [] : [m]) + (b.rank == 1 ? [] : [n]), values)
    }

    private let pairs: [(a: [Int], b: [Int])] = [
        ([2, 3], [3, 4]), ([3], [3, 4]), ([2, 3], [3]), ([3], [3]), ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]),
        ([2, 2, 3], [2, 3, 2]), ([2, 1, 2, 3], [3, 3, 2]), ([1, 2, 3], [4, 3, 1]), ([3], [2, 3, 2]), ([2, 2, 3], [3]),
        ([2, 1, 2, 1, 1, 3], [2, 1, 3, 2]), ([2, 0, 3], [3, 2]), ([2, 2, 0], [2, 0, 3]), ([0, 2, 3], [3, 2]),
        ([1, 2, 3], [1, 3, 2]), ([2, 2, 3], [1, 3, 2]),
    ]

    @Test func batchesAreBroadcastAndVectorsPromoted() throws {
        var numbers = TestNumbers(seed: 1)
        for (shapeA, shapeB) in pairs {
            let (a, b) = (numbers.tensor(shapeA), numbers.tensor(shapeB))
            expectClose(a.matmul(b), product(a, b), absolute: 1e-5, "\(shapeA) \(shapeB)")
            try expectGradients(at: [a, b], "\(shapeA) \(shapeB)") { $0[0].matmul($0[1]) }
        }
    }

    @Test func transposedOperandsAreReadInPlace() throws {
        var numbers = TestNumbers(seed: 2)
        func flipped(_ x: Tensor, _ isFlipped: Bool) -> Tensor {
            isFlipped && x.rank >= 2 ? x.transposed(-1, -2) : x
        }
        for (shapeA, shapeB) in pairs {
            for (flipA, flipB) in [(true, false), (false, true), (true, true)] {
                let a = flipped(numbers.tensor(shapeA), flipA)
                let b = flipped(numbers.tensor(shapeB), flipB)
                let apply = { (x: Tensor, y: Tensor) in x.matmul(y, transposeSelf: flipA, transposeOther: flipB) }
                let name = "\(shapeA) \(shapeB) \(flipA) \(flipB)"
                expectClose(apply(a, b), product(flipped(a, flipA), flipped(b, flipB)), absolute: 1e-5, name)
                try expectGradients(at: [a, b], name) { apply($0[0], $0[1]) }
            }
        }
    }

    @Test func gradientsAreAddedToWhatIsThere() throws {
        var numbers = TestNumbers(seed: 3)
        let (a, b) = (numbers.tensor([2, 3, 3]), numbers.tensor([3, 3]))
        try expectGradients(at: [a, b]) { $0[0].matmul($0[1]) + $0[1].matmul($0[0]) + $0[0].matmul($0[0]) }
        try expectGradients(at: [b], tolerance: 8e-3) { $0[0].matmul($0[0]).matmul($0[0], transposeSelf: true) }
        try expectGradients(at: [a]) { $0[0].matmul(b, transposeOther: true) }
        try expectGradients(at: [b]) { a.matmul($0[0], transposeOther: true) }
    }

    @Test func manySmallMatricesAreSharedOutAmongThreads() {
        var numbers = TestNumbers(seed: 4)
        let (a, b) = (numbers.tensor([300, 17, 9]), numbers.tensor([300, 9, 13]))
        let whole = a.matmul(b)
        for place in [0, 1, 150, 299] {
            #expect(whole[place].allClose(to: a[place].matmul(b[place]), relative: 1e-5, absolute: 1e-5))
        }
    }

    @Test func vectorsHaveInnerAndOuterProducts() throws {
        let (a, b) = (Tensor([1, 2, 3]), Tensor([4, 5, 6]))
        #expect(a.dot(b).item() == 32 && a.dot(b).shape == [])
        #expect(a.outer(Tensor([10, 1])).scalars == [10, 1, 20, 2, 30, 3])
        try expectGradients(at: [a, b], tolerance: 8e-3) { $0[0].dot($0[1]) }
        try expectGradients(at: [a, b], tolerance: 8e-3) { $0[0].outer($0[1]) }
        #expect(mistake { a.dot(Tensor([[1]])) } == "dot: shapes are [3] and [1, 1], expected one axis each")
        #expect(mistake { a.outer(Tensor(Float(1))) } == "outer: shapes are [3] and [], expected one axis each")
    }

    @Test func matricesThatDoNotFitAreMistakes() {
        let a = Tensor.zeros([2, 2, 3])
        #expect(
            mistake { a.matmul(Tensor.zeros([3, 3, 2])) }
                == "matmul: shapes [2, 2, 3] and [3, 3, 2] do not fit, expected [m, k] and [k, n]")
        #expect(
            mistake { a.matmul(Tensor.zeros([3, 2]), transposeOther: true) }
                == "matmul: shapes [2, 2, 3] and [3, 2] do not fit, expected [m, k] and [n, k]")
        #expect(mistake { a.matmul(Tensor(Float(1))) } != nil)
    }

    /// The sum that an equation means, one term at a time.
    private func einsum(_ equation: String, _ operands: [Tensor]) -> ReferenceArray {
        let sides = equation.components(separatedBy: "->")
        let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        var lengths = [Character: Int]()
        for (term, operand) in zip(terms, operands) {
            for (letter, length) in zip(term, operand.shape.array) { lengths[letter] = length }
        }
        let output = Array(sides[1])
        let letters = output + lengths.keys.filter { !output.contains($0) }.sorted()
        let references = operands.map { ReferenceArray($0) }
        let shape = output.map { lengths[$0] ?? 0 }
        var sums = [[Int]: Double]()
        for index in ReferenceArray.indices(letters.map { lengths[$0] ?? 0 }) {
            var value = 1.0
            for (term, reference) in zip(terms, references) {
                value *= reference.at(term.map { index[letters.firstIndex(of: $0) ?? 0] })
            }
            sums[Array(index.prefix(output.count)), default: 0] += value
        }
        return ReferenceArray(shape, ReferenceArray.indices(shape).map { sums[$0] ?? 0 })
    }

    @Test func sumsOverNamedAxesHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 5)
        let lengths: [Character: Int] = ["b": 2, "h": 2, "i": 3, "j": 2, "k": 4, "q": 3, "d": 2]
        for equation in [
            "bij,bjk->bik", "bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd", "ij,jk->ik", "ji,jk->ik", "ij,kj->ik", "ij,kj->ki",
            "i,i->", "i,j->ij", "ij,ij->", "ij,ij->ij", "ij->ji", "ij->", "ij->i", "bij,jk->bik", "bqhd,bkhd->bhqk",
            "ij,jk,kd->id", "bi,bij->bj", "i,ij->j", "ij,k->ijk", "bij,bik->bjk", "ijk,d->dj", ",i->i", "bij->jbi",
        ] {
            let terms = equation.components(separatedBy: "->")[0].split(
                separator: ",", omittingEmptySubsequences: false)
            let operands = terms.map { numbers.tensor($0.map { lengths[$0] ?? 0 }) }
            func apply(_ x: [Tensor]) -> Tensor {
                switch x.count {
                case 1: .einsum(equation, x[0])
                case 2: .einsum(equation, x[0], x[1])
                default: .einsum(equation, x[0], x[1], x[2])
                }
            }
            expectClose(apply(operands), einsum(equation, operands), absolute: 1e-5, equation)
            try expectGradients(at: operands, tolerance: 8e-3, equation, apply)
        }
    }

    @Test func repeatedLettersTakeTheDiagonal() throws {
        let x = Tensor([[1, 2], [3, 4]])
        #expect(Tensor.einsum("ii->i", x).scalars == [1, 4] && Tensor.einsum("ii->", x).item() == 5)
        #expect(Tensor.einsum("ii", x).item() == 5 && Tensor.einsum("ba", x).scalars == [1, 3, 2, 4])
        #expect(Tensor.einsum("ij, jk", x, x).isBitwiseEqual(to: x.matmul(x)))
        try expectGradients(at: [x], tolerance: 8e-3) { Tensor.einsum("ii->i", $0[0]).square() }
        #expect(Tensor.einsum("ij,jk->ik", Tensor.zeros([2, 0]), Tensor.zeros([0, 3])).scalars == [0, 0, 0, 0, 0, 0])
    }

    @Test func equationsThatDoNotFitAreMistakes() {
        let x = Tensor.zeros([2, 3])
        #expect(
            mistake { Tensor.einsum("ij,jk->ik", x, x) } == "einsum: \"ij,jk->ik\" of [[2, 3], [2, 3]]: 'j' is 3 and 2")
        #expect(mistake { Tensor.einsum("ij->k", x) }?.contains("letters must be different ones") == true)
        #expect(mistake { Tensor.einsum("ij->ii", x) } != nil)
        #expect(mistake { Tensor.einsum("i->i", x) }?.contains("1 letters for the 2 axes") == true)
        #expect(mistake { Tensor.einsum("ij,jk", x) }?.contains("2 operands are named, 1 are given") == true)
        #expect(mistake { Tensor.einsum("i...->i", x) }?.contains("letters, commas") == true)
        #expect(mistake { Tensor.einsum("") } != nil)
        #expect(mistake { Tensor.einsum("ij->i->j", x) } != nil)
    }
}
