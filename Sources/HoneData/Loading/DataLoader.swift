import HoneTensor

/// Cuts a data set into batches, in an order that is a function of a key and the epoch alone.
public struct DataLoader: Sendable {
    /// The samples.
    public let dataset: any Dataset

    /// Samples in a batch; the last one of an epoch may be shorter.
    public let batchSize: Int

    /// Whether each epoch has an order of its own.
    public let shuffles: Bool

    /// Whether a last batch that is not full is left out.
    public let dropsLast: Bool

    /// Makes a loader.
    ///
    /// - Throws: ``DataError/batchSize(_:)`` when it is not positive.
    public init(_ dataset: any Dataset, batchSize: Int, shuffles: Bool = false, dropsLast: Bool = false) throws {
        guard batchSize > 0 else { throw DataError.batchSize(batchSize) }
        self.dataset = dataset
        self.batchSize = batchSize
        self.shuffles = shuffles
        self.dropsLast = dropsLast
    }

    /// The number of batches of an epoch.
    public var batchCount: Int {
        dropsLast ? dataset.count / batchSize : (dataset.count + batchSize - 1) / batchSize
    }

    /// The number of samples that an epoch goes through.
    public var sampleCount: Int { dropsLast ? batchCount * batchSize : dataset.count }

    /// The samples' numbers in the order of one epoch.
    public func order(epoch: Int, key: RandomKey) -> [Int] {
        shuffles ? key.derived("shuffle", epoch).permutation(dataset.count) : Array(0..<dataset.count)
    }

    /// The batches of one epoch.
    public func batches(epoch: Int, key: RandomKey) -> Batches {
        Batches(loader: self, order: order(epoch: epoch, key: key), batchSize: batchSize)
    }

    /// The batches of one epoch, each made when it is asked for.
    public struct Batches: Sendable {
        let loader: DataLoader
        let order: [Int]

        /// The samples of a batch; the last one may be shorter.
        public private(set) var batchSize: Int

        /// The first batch of the present size, and the samples before it.
        private var first = (batch: 0, sample: 0)

        init(loader: DataLoader, order: [Int], batchSize: Int) {
            self.loader = loader
            self.order = order
            self.batchSize = batchSize
        }

        /// The number of batches.
        public var count: Int {
            let left = order.count - first.sample
            return first.batch + (loader.dropsLast ? left / batchSize : (left + batchSize - 1) / batchSize)
        }

        /// Makes batches of another size of the samples from batch `index` on, which is not before an earlier change.
        ///
        /// - Throws: ``DataError/batchSize(_:)`` when it is not positive, ``DataError/index(_:of:count:)`` for a batch that
        ///   is not there.
        public mutating func resize(to size: Int, from index: Int) throws {
            guard size > 0 else { throw DataError.batchSize(size) }
            guard index >= first.batch, index <= count else {
                throw DataError.index(index, of: "batch", count: count)
            }
            first = (index, min(order.count, first.sample + (index - first.batch) * batchSize))
            batchSize = size
        }

        /// The batch at a position.
        ///
        /// - Throws: ``DataError/index(_:of:count:)`` for a position outside `0..<count`, and what the data set throws.
        public func batch(_ index: Int) throws -> Batch {
            guard index >= first.batch, index < count else { throw DataError.index(index, of: "batch", count: count) }
            let start = first.sample + (index - first.batch) * batchSize
            return try loader.dataset.batch(Array(order[start..<min(start + batchSize, order.count)]))
        }
    }
}

/// What a learner is given: batches to train on, and batches to validate with.
public struct DataLoaders: Sendable {
    /// The batches to train on.
    public let train: DataLoader

    /// The batches to validate with; there may be none.
    public let valid: DataLoader

    /// Further batches to validate with, by name.
    public private(set) var named: [(name: String, loader: DataLoader)] = []

    /// Makes a loader for each part of a split; training samples are shuffled every epoch.
    ///
    /// - Parameter validBatchSize: twice `batchSize` when nil, since no gradients are kept.
    /// - Throws: ``DataError/empty(_:)`` when there is nothing to train on, ``DataError/batchSize(_:)``.
    public init(_ split: DataSplit, batchSize: Int, validBatchSize: Int? = nil, dropsLast: Bool = false) throws {
        guard batchSize > 0 else { throw DataError.batchSize(batchSize) }
        try self.init(
            train: DataLoader(split.train, batchSize: batchSize, shuffles: true, dropsLast: dropsLast),
            valid: DataLoader(split.valid, batchSize: validBatchSize ?? 2 * batchSize))
    }

    /// Makes a loader for each of two data sets; training samples are shuffled every epoch.
    public init(
        train: any Dataset, valid: any Dataset, batchSize: Int, validBatchSize: Int? = nil, dropsLast: Bool = false
    ) throws {
        try self.init(
            DataSplit(train: train, valid: valid), batchSize: batchSize, validBatchSize: validBatchSize,
            dropsLast: dropsLast)
    }

    /// Takes two loaders.
    ///
    /// - Throws: ``DataError/empty(_:)`` when there is nothing to train on.
    public init(train: DataLoader, valid: DataLoader) throws {
        guard train.batchCount > 0 else { throw DataError.empty("train") }
        self.train = train
        self.valid = valid
    }

    /// The same with a further set to validate with, whose loss and metrics are reported as `NAME loss`, `NAME accuracy`.
    ///
    /// - Throws: ``DataError/empty(_:)`` when it has no samples, or there is no unnamed set to validate with;
    ///   ``DataError/name(_:)`` for an empty name, or one that another set has.
    public func validating(_ name: String, on loader: DataLoader) throws -> DataLoaders {
        guard !name.isEmpty, !named.contains(where: { $0.name == name }) else { throw DataError.name(name) }
        guard valid.batchCount > 0 else { throw DataError.empty("valid") }
        guard loader.batchCount > 0 else { throw DataError.empty(name) }
        var loaders = self
        loaders.named.append((name, loader))
        return loaders
    }
}
