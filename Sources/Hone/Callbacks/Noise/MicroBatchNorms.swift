import HoneKernels

/// The squared norms of the mean gradients of a window's batches, told apart by what each backward pass adds to the sum
/// in the arena: one walk over the memory for each batch.
struct MicroBatchNorms {
    /// One batch.
    struct Part {
        let size: Int
        /// What its gradient weighs in the window's.
        let weight: Double
        /// For each parameter group.
        let squaredNorms: [Double]
    }

    private(set) var parts: [Part] = []
    private var sumSoFar: [Float] = []
    private let groups: [[Range<Int>]]

    init(_ optimizer: Optimizer) {
        groups = optimizer.groups.map { group in
            group.entries.flatMap { optimizer.arena.trainableRanges(in: $0) }
        }
    }

    /// Takes in the batch whose backward pass has just ended.
    ///
    /// - Parameters:
    ///   - arena: the sum of the window's gradients so far.
    ///   - window: the window, of which that batch is the last.
    ///   - size: the batch's samples.
    ///   - count: what the batch's loss counts, > 0.
    mutating func add(_ arena: ParameterArena, _ window: GradientWindow, size: Int, count: Double) {
        arena.completeGradients()
        if sumSoFar.isEmpty { sumSoFar = [Float](repeating: 0, count: arena.count) }
        // The sum holds each batch's gradient times its count, divided by the first one's.
        let unscale = window.firstCount / (count * window.lossScale)
        let norms = groups.map { ranges in
            unscale * unscale * ranges.reduce(0) { $0 + squaredDifference(arena, $1) }
        }
        parts.append(Part(size: size, weight: count, squaredNorms: norms))
    }

    /// Takes in a batch whose samples' gradients are known one by one: for each, its squared norms in the groups.
    mutating func add(examples: [[Double]]) {
        parts += examples.map { Part(size: 1, weight: 1, squaredNorms: $0) }
    }

    /// The squared distance from the former sum, which becomes the present one: in pieces that stay in the cache.
    private mutating func squaredDifference(_ arena: ParameterArena, _ range: Range<Int>) -> Double {
        guard let gradients = arena.gradientsToRead.baseAddress else { return 0 }
        return sumSoFar.withUnsafeMutableBufferPointer { sumSoFar in
            guard let former = sumSoFar.baseAddress else { return 0 }
            var total = 0.0
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
                let count = min(4096, range.upperBound - start)
                total += hone_squared_error(HONE_ISA_AUTO, gradients + start, former + start, count)
                (former + start).update(from: gradients + start, count: count)
            }
            return total
        }
    }

    /// The squared norms of what the arena holds, group by group, times the square of a factor.
    func squaredNorms(of arena: ParameterArena, times factor: Double = 1) -> [Double] {
        groups.map { ranges in factor * factor * ranges.reduce(0) { $0 + arena.sumOfSquaredGradients($1) } }
    }

    /// The estimates for a window whose gradient has these squared norms: one for each group, and one of all together.
    /// Nil where there is none.
    func estimates(whole: [Double]) -> (whole: NoiseEstimate?, byGroup: [NoiseEstimate?]) {
        let weights = parts.map(\.weight)
        func estimate(_ norm: (Part) -> Double, _ whole: Double) -> NoiseEstimate? {
            NoiseEstimate(microBatches: parts.map { ($0.size, norm($0)) }, whole: whole, weights: weights)
        }
        let byGroup = groups.indices.map { group in estimate({ $0.squaredNorms[group] }, whole[group]) }
        return (estimate({ $0.squaredNorms.reduce(0, +) }, whole.reduce(0, +)), byGroup)
    }
}
