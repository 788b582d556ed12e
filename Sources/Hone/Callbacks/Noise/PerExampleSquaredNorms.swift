import HoneKernels

/// The squared norms of the gradients that single samples give to a dense layer y = x Wᵀ + b, without computing them:
/// ‖δ‖²(‖x‖² + 1), and ‖δ‖²‖x‖² without a bias (Goodfellow 2015, arXiv 1510.01799).
///
/// - Parameters:
///   - inputs: what went into the layer, `[samples, inputs]`.
///   - deltas: the gradients of each sample's own loss with respect to what came out, `[samples, outputs]`; those of a
///     batch's mean loss are smaller by the number of samples.
///   - bias: whether the layer has one.
/// - Returns: a number for each sample; add those of all layers, then make a ``NoiseEstimate`` of batches of one.
/// - Throws: ``LearnerError/argument(_:value:expected:)`` for other shapes.
public func perExampleSquaredNorms(inputs: Tensor, deltas: Tensor, bias: Bool = true) throws -> [Double] {
    guard inputs.rank == 2, deltas.rank == 2, inputs.shape[0] == deltas.shape[0] else {
        throw LearnerError.argument(
            "inputs and deltas", value: "\(inputs.shape) and \(deltas.shape)",
            expected: "[samples, inputs] and [samples, outputs]")
    }
    return zip(squaredNormsOfRows(deltas), squaredNormsOfRows(inputs)).map { $0 * ($1 + (bias ? 1 : 0)) }
}

/// The squared norm of each row of a `[rows, columns]` tensor.
func squaredNormsOfRows(_ tensor: Tensor) -> [Double] {
    let length = tensor.shape[1]
    return tensor.withUnsafeFloats { values in
        (0..<tensor.shape[0]).map { row in
            values.baseAddress.map { hone_sum_squares(HONE_ISA_AUTO, $0 + row * length, length) } ?? 0
        }
    }
}
