import HoneKernels

// Softmax, and losses fused with what comes before them. A loss gives the sum over its elements.

extension Tensor {
    /// The softmax over the last axis.
    public func softmax() -> Tensor { softmax(isLogarithm: false) }

    /// The logarithm of the softmax over the last axis.
    public func logSoftmax() -> Tensor { softmax(isLogarithm: true) }

    private func softmax(isLogarithm: Bool) -> Tensor {
        if isInert { return self }
        guard elementType == .float32, rank >= 1 else {
            return failed(
                isLogarithm ? "logSoftmax" : "softmax", "\(elementType) \(shape), expected float32 [..., classes]")
        }
        let columns = shape[rank - 1]
        let result = Tensor.uninitialized(shape)
        hone_softmax(
            HONE_ISA_AUTO, isLogarithm, body.floats, result.body.floats, columns == 0 ? 0 : count / columns, columns)
        if let tape = Context.current.pointee.tape {
            let slot = tape.slot(of: self)
            if slot >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .softmax, flag: isLogarithm, output: tape.enter(result), input0: slot,
                        saved0: result.body))
            }
        }
        return result
    }

    /// The sum over rows of −log softmax(logits)[label].
    ///
    /// - Shape: self `[rows, classes]`, labels `[rows]` (int32) -> `[]`
    public func crossEntropySum(_ labels: Tensor) -> Tensor { crossEntropy(labels).sum }

    /// The sum over rows of −weights[label] · log softmax(logits)[label], and the sum of these weights.
    ///
    /// A label outside of the classes is a ``LabelError``.
    ///
    /// - Shape: self `[rows, classes]`, labels `[rows]` (int32), weights `[classes]` -> `[]`
    /// - Parameters:
    ///   - weights: a factor for each class, a constant; 1 when nil.
    ///   - ignoring: rows with this label count nothing; it need not be a class. None when nil.
    public func crossEntropy(
        _ labels: Tensor, weights: Tensor? = nil, ignoring: Int? = nil
    ) -> (sum: Tensor, count: Double) {
        if isInert || labels.isInert || weights?.isInert == true { return (.inert, 0) }
        func refuse(_ problem: String) -> (sum: Tensor, count: Double) { (failed("crossEntropy", problem), 0) }
        guard elementType == .float32, rank == 2 else {
            return refuse("predictions are \(elementType) \(shape), expected float32 [rows, classes]")
        }
        guard labels.elementType == .int32, labels.rank == 1, labels.shape[0] == shape[0] else {
            return refuse(
                "targets are \(labels.elementType) \(labels.shape), expected int32 [\(shape[0])] for predictions \(shape)"
            )
        }
        let state = Context.current
        let (rows, classes) = (shape[0], shape[1])
        if let weights, weights.elementType != .float32 || weights.shape != Shape(classes) {
            return refuse("weights are \(weights.elementType) \(weights.shape), expected float32 [\(classes)]")
        }
        let slot = state.pointee.tape?.slot(of: self) ?? -1
        let probabilities = slot >= 0 ? Tensor.uninitialized(shape) : nil
        let result = Tensor.uninitialized(Shape())
        // An index that no label has ignores none.
        let ignored = ignoring.map(Int64.init) ?? .min
        var counted = 0.0
        var badRow = -1
        let sum = hone_cross_entropy(
            HONE_ISA_AUTO, body.floats, labels.body.integers, weights?.body.floats, ignored, rows, classes,
            probabilities?.body.floats, &counted, &badRow)
        if badRow >= 0 {
            let label = Int(labels.body.integers[badRow])
            return (Context.report(LabelError(label: label, row: badRow, classes: classes)), 0)
        }
        result.body.floats[0] = Float(sum)
        if let tape = state.pointee.tape, slot >= 0 {
            tape.append(
                Tape.Record(
                    operation: .crossEntropy, output: tape.enter(result), input0: slot, integer0: Int(ignored),
                    saved0: probabilities?.body, saved1: labels.body, saved2: weights?.body))
        }
        return (result, counted)
    }

    /// The sum over elements of (self − target)²; both of one shape.
    public func squaredErrorSum(_ target: Tensor) -> Tensor {
        if isInert || target.isInert { return .inert }
        guard elementType == .float32, target.elementType == .float32, shape == target.shape else {
            return failed(
                "squaredError",
                "predictions \(shape) and \(target.elementType) targets \(target.shape), expected one shape")
        }
        let result = Tensor.uninitialized(Shape())
        result.body.floats[0] = Float(hone_squared_error(HONE_ISA_AUTO, body.floats, target.body.floats, count))
        if let tape = Context.current.pointee.tape {
            let (slotX, slotY) = (tape.slot(of: self), tape.slot(of: target))
            if slotX >= 0 || slotY >= 0 {
                tape.append(
                    Tape.Record(
                        operation: .squaredError, output: tape.enter(result), input0: slotX, input1: slotY,
                        saved0: body,
                        saved1: target.body))
            }
        }
        return result
    }
}

func softmaxBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let y = record.saved0 else { return }
    let columns = y.shape[y.shape.rank - 1]
    let (target, accumulates) = tape.target(record.input0)
    hone_softmax_backward(
        HONE_ISA_AUTO, record.flag, y.floats, gradient.floats, target, columns == 0 ? 0 : y.count / columns, columns,
        accumulates)
}

func crossEntropyBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let probabilities = record.saved0, let labels = record.saved1 else { return }
    let (target, accumulates) = tape.target(record.input0)
    hone_cross_entropy_backward(
        HONE_ISA_AUTO, probabilities.floats, labels.integers, record.saved2?.floats, Int64(record.integer0),
        gradient.floats[0], probabilities.shape[0], probabilities.shape[1], target, accumulates)
}

func squaredErrorBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let x = record.saved0, let y = record.saved1 else { return }
    for (slot, sign) in [(record.input0, Float(1)), (record.input1, Float(-1))] where slot >= 0 {
        let (target, accumulates) = tape.target(slot)
        hone_squared_error_backward(
            HONE_ISA_AUTO, x.floats, y.floats, sign * gradient.floats[0], target, x.count, accumulates)
    }
}
