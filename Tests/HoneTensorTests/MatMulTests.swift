import HoneTensor
import Testing

@Suite struct MatMulTests {
    private func product(_ a: Tensor, _ b: Tensor) -> ReferenceArray {
        let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
        let (x, y) = (ReferenceArray(a), ReferenceArray(b))
        return ReferenceArray(
            [m, n],
            ReferenceArray.indices([m, n]).map { index in
                (0..<k).reduce(0.0) { $0 + x.at([index[0], $1]) * y.at([$1, index[1]]) }
            })
    }

    /// x · wᵀ + b, through relu if it is asked for.
    private func dense(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, relu: Bool) -> ReferenceArray {
        let (w, b) = (ReferenceArray(weight), bias.map(ReferenceArray.init))
        let shape = Array(x.shape.array.dropLast()) + [weight.shape[0]]
        let input = ReferenceArray(x)
        return ReferenceArray(
            shape,
            ReferenceArray.indices(shape).map { index in
                let out = index[index.count - 1]
                let sum = (0..<weight.shape[1]).reduce(b?.at([out]) ?? 0) {
                    $0 + input.at(index.dropLast() + [$1]) * w.at([out, $1])
                }
                return relu ? max(0, sum) : sum
            })
    }

    @Test func productsHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for (m, k, n) in [(1, 1, 1), (2, 3, 4), (5, 1, 7), (1, 6, 1), (0, 3, 2), (2, 0, 3), (2, 3, 0), (7, 9, 5)] {
            let (a, b) = (numbers.tensor([m, k]), numbers.tensor([k, n]))
            expectClose(a.matmul(b), product(a, b), "\(m) \(k) \(n)")
            try expectGradients(at: [a, b], "\(m) \(k) \(n)") { $0[0].matmul($0[1]) }
        }
    }

    @Test func largerProductsHaveTheirValues() {
        var numbers = TestNumbers(seed: 2)
        let (a, b) = (numbers.tensor([37, 41]), numbers.tensor([41, 29]))
        expectClose(a.matmul(b), product(a, b), absolute: 2e-5)
    }

    @Test func anEmptySumOfProductsIsZero() throws {
        let (a, b) = (Tensor.zeros([2, 0]), Tensor.zeros([0, 3]))
        #expect(a.matmul(b).scalars == [0, 0, 0, 0, 0, 0])
        let wide = try gradients(at: [Tensor.ones([2, 3]), Tensor.ones([3, 0])]) { $0[0].matmul($0[1]) }
        #expect(wide[0].scalars == [0, 0, 0, 0, 0, 0] && wide[1].shape == [3, 0])
    }

    @Test func aMatrixTimesItselfHasBothGradients() throws {
        var numbers = TestNumbers(seed: 3)
        try expectGradients(at: [numbers.tensor([3, 3])]) { $0[0].matmul($0[0]) }
    }

    @Test func denseLayersHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 4)
        for lead in [[], [1], [3], [2, 3], [2, 1, 2], [0], [2, 0]] {
            for (inputs, outputs) in [(4, 3), (1, 1), (5, 2)] {
                let x = numbers.tensor(lead + [inputs])
                let (weight, bias) = (numbers.tensor([outputs, inputs]), numbers.tensor([outputs]))
                let name = "\(lead) \(inputs) \(outputs)"
                expectClose(x.linear(weight), dense(x, weight, nil, relu: false), name)
                expectClose(x.linear(weight, bias: bias), dense(x, weight, bias, relu: false), name)
                expectClose(x.linear(weight, bias: bias, relu: true), dense(x, weight, bias, relu: true), name)
                expectClose(x.linear(weight, relu: true), dense(x, weight, nil, relu: true), name)
                try expectGradients(at: [x, weight], name) { $0[0].linear($0[1]) }
                try expectGradients(at: [x, weight, bias], name) { $0[0].linear($0[1], bias: $0[2]) }
            }
        }
    }

    @Test func denseLayersWithReluHaveTheGradientsOfTheTwoSteps() throws {
        var numbers = TestNumbers(seed: 5)
        let inputs = [numbers.tensor([6, 4]), numbers.tensor([5, 4]), numbers.tensor([5])]
        let seed = numbers.tensor([6, 5])
        let fused = try gradients(at: inputs, seed: seed) { $0[0].linear($0[1], bias: $0[2], relu: true) }
        let parts = try gradients(at: inputs, seed: seed) { $0[0].linear($0[1], bias: $0[2]).relu() }
        for (a, b) in zip(fused, parts) { expectClose(a, ReferenceArray(b)) }
        let weightOnly = try gradients(at: [inputs[1]], seed: seed) {
            inputs[0].linear($0[0], bias: inputs[2], relu: true)
        }
        expectClose(weightOnly[0], ReferenceArray(parts[1]))
    }

    @Test func aDenseLayerOfNoFeaturesIsItsBias() throws {
        let (x, weight, bias) = (Tensor.zeros([2, 0]), Tensor.zeros([3, 0]), Tensor([1, -2, 3]))
        #expect(x.linear(weight, bias: bias).scalars == [1, -2, 3, 1, -2, 3])
        #expect(x.linear(weight, bias: bias, relu: true).scalars == [1, 0, 3, 1, 0, 3])
        #expect(x.linear(weight).scalars == [0, 0, 0, 0, 0, 0])
        let slopes = try gradients(at: [x, weight, bias]) { $0[0].linear($0[1], bias: $0[2]) }
        #expect(slopes[2].scalars == [2, 2, 2])
        let none = Tensor.ones([2, 3]).linear(Tensor.zeros([0, 3]), bias: Tensor([Float]()))
        #expect(none.shape == [2, 0])
    }

    @Test func aBiasMustBeOfFloats() {
        let words = mistake { Tensor.ones([1, 2]).linear(Tensor.ones([1, 2]), bias: Tensor([Int32(5)])) }
        #expect(words == "linear: bias is int32, expected float32")
    }
}
