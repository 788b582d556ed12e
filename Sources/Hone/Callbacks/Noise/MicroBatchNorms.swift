import HoneKernels

/// The squared norms of the mean gradients of a window's batches, told apart by what each backward pass adds to the sum
/// in the arena: one walk over the memory for each batch. Its own memory is kept from window to window.
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
    /// For each group, the squared norm of the sum that the last batch has left.
    private var sumNorms: [Double] = []
    /// That sum, once a batch of the window has been taken in; before that, whatever the last window left.
    private var sumSoFar: [Float] = []
    private var groups: [[Range<Int>]] = []

    /// Begins a window.
    mutating func begin(_ optimizer: Optimizer) {
        parts.removeAll(keepingCapacity: true)
        // Layers may have been frozen since the last one.
        groups = optimizer.groups.map { group in
            group.entries.flatMap { optimizer.arena.trainableRanges(in: $0) }
        }
        sumNorms = groups.map { _ in 0 }
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
        let isFirst = parts.isEmpty
        if sumSoFar.count != arena.count { sumSoFar = [Float](repeating: 0, count: arena.count) }
        // The sum holds each batch's gradient times its count, divided by the first one's.
        let unscale = window.firstCount / (count * window.lossScale)
        var norms: [Double] = []
        for (index, ranges) in groups.enumerated() {
            var (difference, sum) = (0.0, 0.0)
            for range in ranges {
                let found = takeSum(arena, range, isFirst: isFirst)
                (difference, sum) = (difference + found.difference, sum + found.sum)
            }
            norms.append(unscale * unscale * difference)
            sumNorms[index] = sum
        }
        parts.append(Part(size: size, weight: count, squaredNorms: norms))
    }

    /// Takes in a batch whose samples' gradients are known one by one: for each, its squared norms in the groups.
    mutating func add(examples: [[Double]], _ arena: ParameterArena) {
        arena.completeGradients()
        parts += examples.map { Part(size: 1, weight: 1, squaredNorms: $0) }
        sumNorms = groups.map { ranges in ranges.reduce(0) { $0 + arena.sumOfSquaredGradients($1) } }
    }

    /// The squared norm of the present sum, and its squared distance from the former one, whose place it takes: in pieces
    /// that stay in the cache.
    private mutating func takeSum(
        _ arena: ParameterArena, _ range: Range<Int>, isFirst: Bool
    ) -> (difference: Double, sum: Double) {
        guard let gradients = arena.gradientsToRead.baseAddress else { return (0, 0) }
        return sumSoFar.withUnsafeMutableBufferPointer { sumSoFar in
            guard let former = sumSoFar.baseAddress else { return (0, 0) }
            var (difference, sum) = (0.0, 0.0)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
                let count = min(4096, range.upperBound - start)
                sum += hone_sum_squares(HONE_ISA_AUTO, gradients + start, count)
                if !isFirst {
                    difference += hone_squared_error(HONE_ISA_AUTO, gradients + start, former + start, count)
                }
                (former + start).update(from: gradients + start, count: count)
            }
            return (isFirst ? sum : difference, sum)
        }
    }

    /// The estimates for the window: one for each group, and one of all together. Nil where there is none.
    ///
    /// The whole gradient is that of the sum which the last batch left: what callbacks put in its place afterwards (the
    /// gradient at other weights, noise) is of no batch.
    func estimates(_ window: GradientWindow) -> (whole: NoiseEstimate?, byGroup: [NoiseEstimate?]) {
        let weights = parts.map(\.weight)
        let unscale = window.firstCount / (window.count * window.lossScale)
        let whole = sumNorms.map { unscale * unscale * $0 }
        func estimate(_ norm: (Part) -> Double, _ whole: Double) -> NoiseEstimate? {
            NoiseEstimate(microBatches: parts.map { ($0.size, norm($0)) }, whole: whole, weights: weights)
        }
        let byGroup = groups.indices.map { group in estimate({ $0.squaredNorms[group] }, whole[group]) }
        return (estimate({ $0.squaredNorms.reduce(0, +) }, whole.reduce(0, +)), byGroup)
    }
}
