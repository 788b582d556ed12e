/// A differentiable operation of one's own.
///
/// ```swift
/// final class Cube: CustomOperation {
///     func forward(_ inputs: [Tensor]) -> Tensor { inputs[0] * inputs[0] * inputs[0] }
///     func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
///         [gradient * inputs[0].square() * 3]
///     }
/// }
/// let y = Cube()(x)
/// ```
public protocol CustomOperation: AnyObject {
    /// The result for the given inputs; what happens in here is not recorded.
    func forward(_ inputs: [Tensor]) -> Tensor

    /// The gradient with respect to each input (nil for none), given the gradient with respect to the output.
    func backward(_ gradient: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?]
}

/// A use of a custom operation, kept by the tape until its backward pass.
private final class CustomUse {
    let operation: any CustomOperation
    let inputs: [Tensor]
    let slots: [Int32]
    let output: Tensor

    init(_ operation: any CustomOperation, _ inputs: [Tensor], _ slots: [Int32], _ output: Tensor) {
        self.operation = operation
        self.inputs = inputs
        self.slots = slots
        self.output = output
    }
}

extension CustomOperation {
    /// Applies the operation, recorded if an input is followed by the current tape.
    public func callAsFunction(_ inputs: Tensor...) -> Tensor {
        if inputs.contains(where: \.isInert) { return .inert }
        let output = withoutGradient { forward(inputs).detached() }
        guard let tape = Context.current.pointee.tape, !output.isInert else { return output }
        let slots = inputs.map { tape.slot(of: $0) }
        if slots.contains(where: { $0 >= 0 }) {
            let use = CustomUse(self, inputs, slots, output.detached())
            tape.append(Tape.Record(operation: .custom, output: tape.enter(output), custom: use))
        }
        return output
    }
}

func customBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let use = record.custom as? CustomUse else { return }
    let name = "\(type(of: use.operation))"
    let gradients = use.operation.backward(Tensor(gradient), inputs: use.inputs, output: use.output)
    guard gradients.count == use.slots.count else {
        _ = failed(name, "backward gave \(gradients.count) gradients for \(use.slots.count) inputs")
        return
    }
    for (contribution, slot) in zip(gradients, use.slots) where slot >= 0 {
        guard let contribution, !contribution.isInert else { continue }
        guard contribution.shape == tape.shape(of: slot) else {
            _ = failed(name, "backward gave a gradient of \(contribution.shape), expected \(tape.shape(of: slot))")
            continue
        }
        guard contribution.elementType == .float32 else {
            _ = failed(name, "backward gave a gradient of \(contribution.elementType), expected float32")
            continue
        }
        tape.give(contribution.body, to: slot)
    }
}
