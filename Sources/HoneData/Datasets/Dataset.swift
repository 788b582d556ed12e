import HoneTensor

/// Samples that can be had by number.
public protocol Dataset: Sendable {
    /// The number of samples.
    var count: Int { get }

    /// The samples of the given numbers, side by side. Called from any thread.
    func batch(_ indices: [Int]) throws -> Batch
}

/// The samples of a data set that are at some positions.
public struct Subset: Dataset {
    /// The whole data set.
    public let base: any Dataset

    /// Which of its samples, in order.
    public let positions: [Int]

    /// Makes a subset; every position is within `0..<base.count`.
    public init(_ base: any Dataset, _ positions: [Int]) {
        self.base = base
        self.positions = positions
    }

    /// The number of positions.
    public var count: Int { positions.count }

    /// The samples at some of the positions; the batch's indices are those in the whole data set.
    ///
    /// - Throws: ``DataError/index(_:of:count:)`` for a number outside `0..<count`.
    public func batch(_ indices: [Int]) throws -> Batch {
        if let bad = indices.first(where: { !positions.indices.contains($0) }) {
            throw DataError.index(bad, of: "sample", count: positions.count)
        }
        return try base.batch(indices.map { positions[$0] })
    }
}

/// Samples to train on and samples to validate with.
public struct DataSplit: Sendable {
    /// What is trained on.
    public let train: any Dataset

    /// What is validated with; it may be empty.
    public let valid: any Dataset

    /// Makes a split.
    public init(train: any Dataset, valid: any Dataset) {
        self.train = train
        self.valid = valid
    }
}

extension Dataset {
    /// Splits the samples at random: `valid` is the share held out for validation.
    ///
    /// - Throws: ``DataError/split(fraction:samples:)`` for a share outside 0...1, or one that leaves nothing to train on.
    public func split(valid share: Double, seed: UInt64) throws -> DataSplit {
        guard share >= 0, share <= 1, count == 0 || Int(share * Double(count)) < count else {
            throw DataError.split(fraction: share, samples: count)
        }
        let order = RandomKey(seed: seed).derived("split").permutation(count)
        let held = Int(share * Double(count))
        return DataSplit(
            train: Subset(self, Array(order[held...])), valid: Subset(self, Array(order[..<held])))
    }
}
