import HoneTensor
import Testing

/// The check that the other tests rely on: it has to find what is wrong, where it is wrong.
@Suite struct GradientCheckTests {
    /// The square with a slope that is off by a share of its value at one element.
    private final class SquareOff: CustomOperation {
        let error: Float
        init(by error: Float) { self.error = error }
        func forward(_ inputs: [Tensor]) -> Tensor { inputs[0].square() }
        func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
            [gradient * inputs[0] * 2 * Tensor([1, 1 + error, 1])]
        }
    }

    @Test func aRightGradientPasses() throws {
        let report = try GradientCheck.report(at: [Tensor([1, 2, 3])]) { SquareOff(by: 0)($0[0]) }
        #expect(report.worst < 1e-3)
    }

    @Test func aWrongGradientIsFoundWithItsPlace() throws {
        let report = try GradientCheck.report(at: [Tensor([[4]]), Tensor([1, 2, 3])]) {
            SquareOff(by: 0.02)($0[1]) + $0[0].sum()
        }
        #expect(report.input == 1 && report.element == 1)
        #expect(abs(report.worst - 0.02) < 4e-3)
        #expect(report.description.hasPrefix("input 1, element 1: gradient "))
    }

    @Test func aGradientThatIsNoNumberIsFound() throws {
        let report = try GradientCheck.report(at: [Tensor([1, 2, 3])]) { SquareOff(by: .nan)($0[0]) }
        #expect(report.worst == .infinity && report.element == 1)
    }

    @Test func everyElementOfTheOutputIsWeighedDifferently() throws {
        // Were all weights equal, a permuted gradient of a sum of squares' parts would pass.
        final class Swapped: CustomOperation {
            func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * 1 }
            func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
                [gradient.rows([1, 0])]
            }
        }
        #expect(try GradientCheck.report(at: [Tensor([1, 1])]) { Swapped()($0[0]) }.worst > 0.01)
    }

    @Test func aMistakeWithinTheFunctionIsThrown() {
        let x = Tensor([1, 2])
        #expect(throws: TensorError.self) { try GradientCheck.report(at: [x]) { $0[0].matmul(Tensor([1])) } }
        #expect(throws: TensorError.self) { try GradientCheck.report(at: [x]) { _ in Tensor([1]) } }
    }
}
