import Foundation
import HoneNN
import HoneTensor
import Testing

@Suite struct SequenceEncodingTests {
    @Test func sinusoidsAreThoseOfThePaper() {
        let layer = SinusoidalEncoding(6)
        var numbers = TestNumbers(seed: 1)
        for time in [3, 9, 2] {
            let x = numbers.tensor([2, time, 6])
            let y = layer(x)
            for batch in 0..<2 {
                for place in 0..<time {
                    for element in 0..<6 {
                        let angle = Double(place) / pow(10_000, Double(element / 2 * 2) / 6)
                        let expected =
                            Double(x[batch, place, element].item()) + (element % 2 == 0 ? sin(angle) : cos(angle))
                        #expect(abs(Double(y[batch, place, element].item()) - expected) < 1e-6)
                    }
                }
            }
            let turned = SinusoidalEncoding(6, batchFirst: false)(x.transposed(0, 1)).transposed(0, 1)
            #expect(turned.isBitwiseEqual(to: y) && layer(x[1]).isBitwiseEqual(to: y[1]))
        }
        #expect(layer.parameters.isEmpty)
        #expect(mistake { layer(Tensor.zeros([2, 3, 4])) }?.contains("expected [batch, time, 6]") == true)
        #expect(mistake { SinusoidalEncoding(5)(Tensor.zeros([2, 3, 5])) }?.contains("an even number") == true)
    }

    @Test func learnedRowsAreAddedByPlace() throws {
        let layer = LearnedEncoding(5, 4)
        layer.initialise(seed: 1)
        var numbers = TestNumbers(seed: 2)
        let x = numbers.tensor([2, 3, 4])
        let rows = layer.weight.value[0..<3]
        #expect(distance(layer(x), x + rows) == 0)
        #expect(distance(LearnedEncoding(5, 4, batchFirst: false)(.zeros([3, 2, 4]))[1, 0], .zeros([4])) > 0)
        #expect(try worstSlope(layer, at: [x], stride: 1) { layer($0[0]) } < 1e-3)
        #expect(names(layer) == ["weight"] && layer.label == "LearnedEncoding 5×4")
        #expect(mistake { layer(Tensor.zeros([2, 6, 4])) }?.contains("up to 5 steps") == true)
        let other = LearnedEncoding(5, 4)
        #expect(try keepsItsBits(layer, other) { $0(x) })
    }

    @Test func encodingsDropInTrainingAlone() {
        let x = Tensor.ones([2, 50, 4])
        for layer in [SinusoidalEncoding(4, dropout: 0.5), LearnedEncoding(50, 4, dropout: 0.5)] as [any Module] {
            #expect(layer(x).scalars.contains(0))
            layer.eval()
            #expect(!layer(x).scalars.contains(0))
            #expect(layer(x).isBitwiseEqual(to: layer(x)))
        }
    }

    @Test(arguments: [RotaryPairing.interleaved, .halves])
    func pairsAreTurnedByTheirPlace(pairing: RotaryPairing) {
        let layer = RotaryEncoding(6, turned: 4, pairing: pairing)
        var numbers = TestNumbers(seed: 3)
        let x = numbers.tensor([2, 3, 6])
        let y = layer(x)
        for head in 0..<2 {
            for place in 0..<3 {
                for pair in 0..<2 {
                    let (first, second) = pairing == .interleaved ? (2 * pair, 2 * pair + 1) : (pair, pair + 2)
                    let angle = Double(place) / pow(10_000, Double(2 * pair) / 4)
                    let (a, b) = (Double(x[head, place, first].item()), Double(x[head, place, second].item()))
                    #expect(abs(Double(y[head, place, first].item()) - (a * cos(angle) - b * sin(angle))) < 1e-6)
                    #expect(abs(Double(y[head, place, second].item()) - (a * sin(angle) + b * cos(angle))) < 1e-6)
                }
                #expect(y[head, place, 4..<6].isBitwiseEqual(to: x[head, place, 4..<6]))
            }
        }
        #expect(layer(x[.all, 1..<3], from: 1).isBitwiseEqual(to: y[.all, 1..<3]))
    }

    @Test(arguments: [RotaryPairing.interleaved, .halves])
    func productsDependOnDistancesAlone(pairing: RotaryPairing) throws {
        let layer = RotaryEncoding(8, pairing: pairing)
        var numbers = TestNumbers(seed: 4)
        let (q, k) = (numbers.tensor([8]), numbers.tensor([8]))
        func product(_ i: Int, _ j: Int) -> Float {
            let (a, b) = (layer(q.reshaped([1, 8]), from: i), layer(k.reshaped([1, 8]), from: j))
            return (a * b).sum().item()
        }
        #expect(abs(product(2, 5) - product(40, 43)) < 1e-4)
        #expect(abs(product(2, 5) - product(2, 6)) > 1e-3)
        let report = try GradientCheck.report(at: [numbers.tensor([2, 3, 8])]) { layer($0[0], from: 2) * 2 + $0[0] }
        #expect(report.worst < 1e-3)
    }

    @Test func mistakesAreNamed() {
        #expect(mistake { RotaryEncoding(6)(Tensor.zeros([2, 4])) }?.contains("expected [..., time, 6]") == true)
        #expect(mistake { RotaryEncoding(6, turned: 3)(Tensor.zeros([2, 6])) }?.contains("an even number") == true)
        #expect(mistake { RotaryEncoding(6)(Tensor.zeros([2, 6]), from: -1) }?.contains("from place -1") == true)
        #expect(
            mistake {
                Tensor.zeros([2, 6]).rotary(cosines: .zeros([3, 2]), sines: .zeros([3, 2]), pairing: .halves)
            }?
            .contains("rotary: input") == true)
    }
}
