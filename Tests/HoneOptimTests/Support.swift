import Foundation
import HoneNN
import HoneOptim
import HoneTensor

/// A small generator of its own (SplitMix64), so that no test draws its numbers from what it tests.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in 4 * Float(next() >> 40) * 0x1p-24 - 2 } }
}

/// A part of a model with parameters of awkward sizes.
final class Block: Module {
    let weight: Parameter
    let bias: Parameter

    init(_ count: Int, seed: UInt64) {
        var numbers = TestNumbers(seed: seed)
        weight = Parameter([count], .zeros)
        bias = Parameter([3], .zeros)
        weight.value = Tensor(numbers.floats(count))
        bias.value = Tensor(numbers.floats(3))
    }

    func forward(_ x: Tensor) -> Tensor { x }
}

final class Model: Module {
    let body = Block(17, seed: 1)
    let head = Block(5, seed: 2)
    func forward(_ x: Tensor) -> Tensor { x }
}

/// Gives every parameter the gradient of one step, a function of the seed, the step and the parameter's name, and steps.
func step(_ optimizer: Optimizer, _ number: Int, seed: UInt64 = 7) {
    let arena = optimizer.arena
    arena.zeroGradients()
    arena.completeGradients()
    for entry in arena.entries {
        let values = gradient(entry.name, entry.range.count, number, seed: seed)
        for (index, value) in zip(entry.range, values) { arena.gradients[index] = value }
    }
    optimizer.step()
}

/// The gradient of a parameter in one step.
func gradient(_ name: String, _ count: Int, _ step: Int, seed: UInt64 = 7) -> [Float] {
    let hash = name.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) }
    var numbers = TestNumbers(seed: hash &+ UInt64(step) &* 1_000_003)
    return numbers.floats(count)
}

/// All values of a model, and the padding, as bits.
func bits(_ arena: ParameterArena) -> [UInt32] { arena.values.map(\.bitPattern) }

/// PyTorch's SGD and Adam, from their documentation, in double precision and one parameter at a time.
struct ReferenceRule {
    enum Kind { case sgd(nesterov: Bool), adam }

    var kind: Kind
    var rate = 1e-3
    var momentum = 0.0
    var dampening = 0.0
    var beta1 = 0.9
    var beta2 = 0.999
    var epsilon = 1e-8
    var decay = 0.0

    private(set) var steps = 0
    private var first: [Double] = []
    private var second: [Double] = []

    init(_ kind: Kind) { self.kind = kind }

    mutating func update(_ values: inout [Double], _ gradient: [Float]) {
        steps += 1
        if first.isEmpty {
            first = values.map { _ in 0 }
            second = first
        }
        for i in values.indices {
            let g = Double(gradient[i]) + decay * values[i]
            switch kind {
            case .sgd(let nesterov):
                guard momentum != 0 else {
                    values[i] -= rate * g
                    continue
                }
                first[i] = steps == 1 ? g : momentum * first[i] + (1 - dampening) * g
                values[i] -= rate * (nesterov ? g + momentum * first[i] : first[i])
            case .adam:
                first[i] = beta1 * first[i] + (1 - beta1) * g
                second[i] = beta2 * second[i] + (1 - beta2) * g * g
                let average = first[i] / (1 - pow(beta1, Double(steps)))
                let square = second[i] / (1 - pow(beta2, Double(steps)))
                values[i] -= rate * average / (square.squareRoot() + epsilon)
            }
        }
    }
}
