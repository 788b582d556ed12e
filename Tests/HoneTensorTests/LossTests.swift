import Foundation
import HoneTensor
import Testing

/// Softmax, and the losses fused with what comes before them.
@Suite struct LossTests {
    /// log softmax over the last axis, in double precision.
    private func logSoftmax(_ x: Tensor) -> ReferenceArray {
        let reference = ReferenceArray(x)
        let columns = x.shape[-1]
        let rows = columns == 0 ? 0 : x.count / columns
        return ReferenceArray(
            reference.shape,
            (0..<rows).flatMap { row -> [Double] in
                let values = Array(reference.values[row * columns..<(row + 1) * columns])
                let largest = values.max() ?? 0
                let total = log(values.reduce(0) { $0 + exp($1 - largest) })
                return values.map { $0 - largest - total }
            })
    }

    @Test func softmaxHasItsValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in [[1], [5], [3, 4], [2, 1], [2, 3, 4], [1, 1, 2, 3], [0, 3], [2, 0], [4, 33]] {
            let x = numbers.tensor(shape, in: -3...3)
            expectClose(x.softmax(), logSoftmax(x).map(exp), "\(shape)")
            expectClose(x.logSoftmax(), logSoftmax(x), "\(shape)")
            try expectGradients(at: [x], "softmax \(shape)") { $0[0].softmax() }
            try expectGradients(at: [x], "log-softmax \(shape)") { $0[0].logSoftmax() }
        }
    }

    @Test func softmaxOfLargeNumbersIsFinite() {
        let x = Tensor([[1000, 1001, 999], [-1e30, 0, 0]])
        expectClose(x.softmax(), logSoftmax(x).map(exp))
        expectClose(Tensor([[1000, 1001, 999]]).logSoftmax(), logSoftmax(Tensor([[1000, 1001, 999]])), absolute: 1e-4)
    }

    @Test func crossEntropyIsTheSumOverRows() throws {
        var numbers = TestNumbers(seed: 2)
        for (rows, classes) in [(1, 1), (1, 5), (4, 3), (7, 10), (3, 40)] {
            let x = numbers.tensor([rows, classes], in: -3...3)
            let labels = (0..<rows).map { _ in Int32(numbers.next() % UInt64(classes)) }
            let reference = logSoftmax(x)
            let expected = labels.enumerated().reduce(0.0) { $0 - reference.at([$1.offset, Int($1.element)]) }
            let target = Tensor(labels)
            expectClose(x.crossEntropySum(target), ReferenceArray([], [expected]), relative: 2e-6)
            try expectGradients(at: [x], "\(rows) \(classes)") { $0[0].crossEntropySum(target) }
            // The same with a factor after it, as a mean over the batch has.
            try expectGradients(at: [x], "\(rows) \(classes)") { $0[0].crossEntropySum(target) * 0.25 }
        }
    }

    @Test func crossEntropyOfNothingIsZero() throws {
        let empty = Tensor([Int32]())
        #expect(Tensor.zeros([0, 3]).crossEntropySum(empty).item() == 0)
        #expect(try gradients(at: [Tensor.zeros([0, 3])]) { $0[0].crossEntropySum(empty) }[0].shape == [0, 3])
    }

    @Test func crossEntropyOfLargeLogitsIsFinite() throws {
        let x = Tensor([[1000, -1000], [0, 2000]])
        let target = Tensor([Int32(1), 0])
        #expect(x.crossEntropySum(target).item() == 4000)
        #expect(try gradients(at: [x]) { $0[0].crossEntropySum(target) }[0].scalars == [1, -1, -1, 1])
    }

    @Test func aLabelOutsideTheClassesIsNamed() {
        let x = Tensor.zeros([3, 4])
        for (label, row) in [(Int32(4), 2), (-1, 0), (.max, 1)] {
            var labels = [Int32](repeating: 0, count: 3)
            labels[row] = label
            let error = #expect(throws: LabelError.self) {
                try catchingTensorErrors { x.crossEntropySum(Tensor(labels)) }
            }
            #expect(error?.label == Int(label) && error?.row == row && error?.classes == 4)
        }
    }

    @Test func squaredErrorIsTheSumOverElements() throws {
        var numbers = TestNumbers(seed: 3)
        for shape in [[], [1], [5], [3, 4], [2, 1, 3], [0], [41]] {
            let (x, y) = (numbers.tensor(shape), numbers.tensor(shape))
            let expected = zip(x.scalars, y.scalars).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
            expectClose(x.squaredErrorSum(y), ReferenceArray([], [expected]))
            try expectGradients(at: [x, y], "\(shape)") { $0[0].squaredErrorSum($0[1]) * 0.5 }
        }
        #expect(try gradients(at: [Tensor([1, 2])]) { $0[0].squaredErrorSum($0[0]) }[0].scalars == [0, 0])
        #expect(try gradients(at: [Tensor([1, 2])]) { Tensor([3, 5]).squaredErrorSum($0[0]) }[0].scalars == [-4, -6])
    }
}
