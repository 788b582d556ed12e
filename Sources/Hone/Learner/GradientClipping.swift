import HoneKernels

/// A limit for the gradient of a window, in the loop's clip stage: after `gradientsReady`, before `beforeStep`.
///
/// A gradient that is not finite is left as it is.
public enum GradientClipping: Equatable, Sendable, Codable {
    /// The whole gradient is scaled down to this norm (L2, over all parameters) if it is longer (Pascanu et al. 2013).
    case norm(Double)
    /// Every element is moved into −limit...limit.
    case value(Double)
    /// The gradient of each unit (a row of a weight along its first axis; a whole bias) is scaled down to `ratio` times
    /// the norm of the unit's weights, which counts as at least `epsilon` (Brock et al. 2021, arXiv 2102.06171, eq. 3).
    /// Parameters whose names begin with one of `excluding` are left alone; the paper leaves out the last layer.
    case adaptive(ratio: Double, epsilon: Double = 1e-3, excluding: [String] = [])

    /// Limits the gradients of the arena's trainable parameters, all of which are complete.
    func apply(to arena: ParameterArena, norm: Double) {
        guard norm.isFinite else { return }
        switch self {
        case .norm(let limit):
            if norm > limit { arena.scaleGradients(by: Float(limit / norm)) }
        case .value(let limit):
            let bound = Float(limit)
            let gradients = UnsafeMutableBufferPointer(mutating: arena.gradientsToRead)
            for index in gradients.indices { gradients[index] = min(bound, max(-bound, gradients[index])) }
        case .adaptive(let ratio, let epsilon, let excluded):
            for entry in arena.entries
            where entry.parameter.isTrainable && !excluded.contains(where: entry.name.hasPrefix) {
                GradientClipping.clipUnits(of: entry, in: arena, ratio, epsilon)
            }
        }
    }

    private static func clipUnits(
        of entry: ParameterArena.Entry, in arena: ParameterArena, _ ratio: Double, _ epsilon: Double
    ) {
        let shape = entry.parameter.shape
        let units = shape.rank > 1 ? shape[0] : 1
        guard !entry.range.isEmpty, let values = arena.values.baseAddress,
            let gradients = UnsafeMutableBufferPointer(mutating: arena.gradientsToRead).baseAddress
        else { return }
        let length = entry.range.count / units
        for unit in 0..<units {
            let start = entry.range.lowerBound + unit * length
            let size = hone_sum_squares(HONE_ISA_AUTO, gradients + start, length).squareRoot()
            let limit = ratio * max(hone_sum_squares(HONE_ISA_AUTO, values + start, length).squareRoot(), epsilon)
            if size > limit { hone_scale(HONE_ISA_AUTO, Float(limit / size), gradients + start, length) }
        }
    }
}
