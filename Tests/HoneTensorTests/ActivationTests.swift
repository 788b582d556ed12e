import Foundation
import HoneTensor
import Testing

/// Activations with parameters or along an axis, against Foundation's functions and central differences.
@Suite struct ActivationTests {
    private let functions: [(name: String, apply: (Tensor) -> Tensor, reference: (Double) -> Double)] = [
        ("leaky ReLU", { $0.leakyReLU(0.2) }, { $0 > 0 ? $0 : 0.2 * $0 }),
        ("ELU", { $0.elu(alpha: 1.5) }, { $0 > 0 ? $0 : 1.5 * expm1($0) }),
        ("CELU", { $0.celu(alpha: 0.5) }, { $0 > 0 ? $0 : 0.5 * expm1($0 / 0.5) }),
        ("CELU of a negative alpha", { $0.celu(alpha: -2) }, { $0 > 0 ? $0 : -2 * expm1($0 / -2) }),
        ("SELU", { $0.selu() }, { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
        ("softplus", { $0.softplus(beta: 2) }, { log1p(exp(2 * $0)) / 2 }),
        ("mish", { $0.mish() }, { $0 * tanh(log1p(exp($0))) }),
        ("hardswish", { $0.hardswish() }, { $0 * min(max($0 + 3, 0), 6) / 6 }),
        ("hardsigmoid", { $0.hardsigmoid() }, { min(max($0 + 3, 0), 6) / 6 }),
        ("ReLU6", { $0.relu6() }, { min(max($0, 0), 6) }),
    ]

    @Test func everyActivationHasItsValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for (name, apply, reference) in functions {
            for shape in [[], [1], [7], [3, 5], [2, 1, 4], [0], [3, 0], [67]] {
                // Clear of 0; ±3 and 6 are out of reach.
                let x = numbers.separated(shape)
                expectClose(apply(x), ReferenceArray(x).map(reference), name)
                try expectGradients(at: [x], "\(name) \(shape)") { apply($0[0]) }
            }
        }
    }

    @Test func softplusIsTheIdentityBeyondItsThreshold() throws {
        let x = Tensor([1, 3, 200])
        #expect(x.softplus(beta: 1, threshold: 2).scalars[1...] == [3, 200])
        #expect(try gradients(at: [x]) { $0[0].softplus(beta: 1, threshold: 2) }[0].scalars[1...] == [1, 1])
        #expect(Tensor([-500]).softplus(beta: 1).scalars == [0])
    }

    @Test func softmaxGoesAlongAnyAxis() throws {
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([2, 3, 4])
        for axis in [0, 1, 2, -1, -3] {
            let moved = x.transposed(axis, 2)
            expectClose(x.softmax(axis: axis), ReferenceArray(moved.softmax().transposed(axis, 2)), "\(axis)")
            expectClose(x.logSoftmax(axis: axis), ReferenceArray(moved.logSoftmax().transposed(axis, 2)), "\(axis)")
            try expectGradients(at: [x], "\(axis)") { $0[0].softmax(axis: axis) }
        }
        #expect(x.softmax(axis: 1).sum(axes: [1]).scalars.allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func aGatedUnitHalvesItsAxis() throws {
        let x = Tensor([[1, -2, 0, 1000], [3, 4, -1000, 0]])
        #expect(x.glu().scalars == [0.5, -2, 0, 2])
        #expect(x.glu(axis: 0).scalars.count == 4)
        var numbers = TestNumbers(seed: 3)
        for (shape, axis) in [([2, 6], -1), ([4, 3], 0), ([2, 2, 3], 1)] {
            try expectGradients(at: [numbers.tensor(shape)], "\(shape)") { $0[0].glu(axis: axis) }
        }
    }

    @Test func mistakesAreNamed() {
        let mistakes: [(String, () -> Tensor)] = [
            ("celu: alpha is 0.0, expected a number other than 0", { Tensor([1]).celu(alpha: 0) }),
            ("softplus: beta is 0.0, expected a number other than 0", { Tensor([1]).softplus(beta: 0) }),
            ("mish: operand is int32, expected float32", { Tensor([Int32(1)]).mish() }),
            ("glu: axis -1 of [2, 3] has 3 elements, expected an even number", { Tensor.zeros([2, 3]).glu() }),
            ("softmax: axis 2 is outside of [2, 3]", { Tensor.zeros([2, 3]).softmax(axis: 2) }),
            ("glu: axis -1 is outside of []", { Tensor(1).glu() }),
        ]
        for (words, make) in mistakes {
            let error = #expect(throws: TensorError.self) { try catchingTensorErrors(make) }
            #expect(error?.description == words)
        }
    }
}
