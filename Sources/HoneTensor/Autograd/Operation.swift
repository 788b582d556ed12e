/// The differentiable operations. Each one's forward and backward pass stand side by side in `Operations/`.
enum Operation: UInt8 {
    case add, subtract, multiply, divide, power, maximum, minimum
    case addScalar, multiplyScalar, scalarMinus, scalarOver, powerScalar
    case unary
    case clamp
    case activation
    case matmul
    case linear
    case sum, extreme, product, variance, logSumExp, norm
    case cumulativeSum, cumulativeProduct
    case reshape, transpose
    case strided, placed, expand, replace
    case gatherRows, lookup, indexSelect, gather, scatter, scatterAdd
    case select, triangle
    case softmax
    case crossEntropy
    case squaredError, pairLoss
    case dropout
    case convolution, pooling, normalization, attention, recurrent, rotary
    case custom

    /// Adds an operation's contribution to the gradients of its inputs.
    func backward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
        switch self {
        case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum:
            binaryBackward(record, gradient, tape)
        case .addScalar, .multiplyScalar, .scalarMinus, .scalarOver, .powerScalar:
            scalarBackward(record, gradient, tape)
        case .unary: unaryBackward(record, gradient, tape)
        case .clamp: clampBackward(record, gradient, tape)
        case .activation: activationBackward(record, gradient, tape)
        case .matmul: matmulBackward(record, gradient, tape)
        case .linear: linearBackward(record, gradient, tape)
        case .sum: sumBackward(record, gradient, tape)
        case .extreme: extremeBackward(record, gradient, tape)
        case .product: productBackward(record, gradient, tape)
        case .variance: varianceBackward(record, gradient, tape)
        case .logSumExp: logSumExpBackward(record, gradient, tape)
        case .norm: normBackward(record, gradient, tape)
        case .cumulativeSum: cumulativeSumBackward(record, gradient, tape)
        case .cumulativeProduct: cumulativeProductBackward(record, gradient, tape)
        case .reshape: tape.give(gradient, to: record.input0)
        case .transpose: transposeBackward(record, gradient, tape)
        case .strided: stridedBackward(record, gradient, tape)
        case .placed: placedBackward(record, gradient, tape)
        case .expand: expandBackward(record, gradient, tape)
        case .replace: replaceBackward(record, gradient, tape)
        case .gatherRows:
            noteRows(record, tape)
            gatherRowsBackward(record, gradient, tape)
        case .lookup: lookupBackward(record, gradient, tape)
        case .indexSelect: indexSelectBackward(record, gradient, tape)
        case .gather: gatherBackward(record, gradient, tape)
        case .scatter, .scatterAdd: scatterBackward(record, gradient, tape)
        case .select: selectBackward(record, gradient, tape)
        case .triangle: triangleBackward(record, gradient, tape)
        case .softmax: softmaxBackward(record, gradient, tape)
        case .crossEntropy: crossEntropyBackward(record, gradient, tape)
        case .squaredError: squaredErrorBackward(record, gradient, tape)
        case .pairLoss: pairLossBackward(record, gradient, tape)
        case .dropout: dropoutBackward(record, gradient, tape)
        case .convolution: convolutionBackward(record, gradient, tape)
        case .pooling: poolingBackward(record, gradient, tape)
        case .normalization: normalizationBackward(record, gradient, tape)
        case .attention: attentionBackward(record, gradient, tape)
        case .recurrent: recurrentBackward(record, gradient, tape)
        case .rotary: rotaryBackward(record, gradient, tape)
        case .custom: customBackward(record, gradient, tape)
        }
    }
}
