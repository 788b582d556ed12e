import Foundation
import HoneNN
import HoneTensor
import Testing

/// Walks every loss: values, counts, reductions, gradients.
@Suite struct LossRegistryTests {
    /// What is no loss, or takes its formula from outside.
    private static let others: Set<String> = ["LossValue", "LossElements", "FunctionLoss"]

    @Test func everyPublicLossIsInTheRegistry() throws {
        let names = try publicTypes(in: "Sources/HoneNN/Losses", of: "struct").subtracting(Self.others)
        let known = Set(LossEntry.all.map(\.name))
        #expect(names.count > 10)
        #expect(names.subtracting(known).isEmpty, "losses that are not in the registry")
        #expect(known.subtracting(names).isEmpty, "no losses")
    }

    @Test("has the values of its definition, whatever the reduction", arguments: LossEntry.all)
    func values(_ entry: LossEntry) {
        for (index, shape) in entry.shapes.enumerated() {
            let (x, y) = entry.sample(shape, seed: UInt64(index))
            let truth = entry.truth(LossEntry.Values(x), LossEntry.Values(y))
            let sum = truth.losses.reduce(0, +)
            func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 2e-6 + 1e-5 * abs(b) }
            let elements = entry.loss.elements(x, y)
            #expect(elements.values.count == truth.losses.count)
            #expect(zip(elements.values.scalars, truth.losses).allSatisfy { isClose(Double($0), $1) }, "\(shape)")
            #expect(isClose(elements.count, truth.count))
            let value = entry.loss.evaluate(x, y)
            #expect(isClose(Double(value.sum.item()), sum) && isClose(value.count, truth.count), "\(shape)")
            #expect(entry.loss(x, y, reduction: .none).isBitwiseEqual(to: elements.values))
            #expect(entry.loss(x, y, reduction: .sum).isBitwiseEqual(to: value.sum))
            #expect(isClose(Double(entry.loss(x, y).item()), sum / truth.count))
        }
    }

    @Test("has the gradients that central differences have", arguments: LossEntry.all)
    func gradients(_ entry: LossEntry) throws {
        for (index, shape) in entry.shapes.enumerated() {
            let (x, y) = entry.sample(shape, seed: UInt64(index) + 10)
            for reduction in [Reduction.none, .sum, .mean] {
                let inputs = entry.targetIsDifferentiable ? [x, y] : [x]
                let report = try GradientCheck.report(at: inputs, step: 4e-3) { inputs in
                    entry.loss(inputs[0], inputs.count > 1 ? inputs[1] : y, reduction: reduction)
                }
                #expect(report.worst <= 5e-3, "\(shape), \(reduction): \(report)")
            }
        }
    }

    @Test("refuses a target that does not fit, by its name", arguments: LossEntry.all)
    func misfits(_ entry: LossEntry) throws {
        let (x, y) = entry.sample(entry.shapes[0], seed: 5)
        let misfit = Tensor.zeros([7, 11, 2, 1])
        for reduction in [Reduction.none, .sum] {
            let words = try #require(mistake { entry.loss(x, misfit, reduction: reduction) })
            #expect(words.hasPrefix("\(entry.name): ") && words.contains("[7, 11, 2, 1]"), "\(words)")
            let integers = mistake { entry.loss(Tensor.zeros(x.shape).converted(to: .int32), y, reduction: reduction) }
            #expect(integers?.hasPrefix("\(entry.name): ") == true, "\(integers ?? "no mistake")")
        }
    }
}

extension LossEntry {
    /// A prediction and a target.
    func sample(_ shape: [Int], seed: UInt64) -> (prediction: Tensor, target: Tensor) {
        var numbers = TestNumbers(seed: seed)
        let prediction = numbers.tensor(shape, in: predictions)
        switch target {
        case .labels:
            let lengths = [shape[0]] + shape.dropFirst(2)
            let labels = (0..<lengths.reduce(1, *)).map { _ in Int32(numbers.next() % UInt64(shape[1])) }
            return (prediction, Tensor(labels, shape: Shape(lengths)))
        case .numbers(let range): return (prediction, numbers.tensor(shape, in: range))
        case .signs(let shapeOfTarget):
            let lengths = shapeOfTarget(shape)
            let signs = (0..<lengths.reduce(1, *)).map { _ -> Float in numbers.next() % 2 == 0 ? 1 : -1 }
            return (prediction, Tensor(signs, shape: Shape(lengths)))
        case .distributions:
            return (prediction, numbers.tensor(shape).softmax(axis: 1))
        }
    }
}
