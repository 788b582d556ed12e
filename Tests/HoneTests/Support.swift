import Hone
import Testing

// MARK: A callback that hears everything

/// Hears every event of the runs it joins, and does there what a test asks for.
class Listener: LearnerCallback {
    private let name: String
    private let kinds: RunKinds
    private let place: Phase
    private let hear: (Event, Learner) throws -> Void

    /// What `afterFit` and `teardown` were told, set before they are heard.
    private(set) var outcome: FitOutcome?

    init(
        _ name: String = "Listener", joins kinds: RunKinds = .fit, phase place: Phase = .compute,
        hear: @escaping (Event, Learner) throws -> Void
    ) {
        self.name = name
        self.kinds = kinds
        self.place = place
        self.hear = hear
    }

    override var identifier: String { name }
    override var joins: RunKinds { kinds }
    override var phase: Phase { place }

    override func beforeFit(_ learner: Learner) throws { try hear(.beforeFit, learner) }
    override func beforeEpoch(_ learner: Learner) throws { try hear(.beforeEpoch, learner) }
    override func beforeTrain(_ learner: Learner) throws { try hear(.beforeTrain, learner) }
    override func beforeBatch(_ learner: Learner) throws { try hear(.beforeBatch, learner) }
    override func afterForward(_ learner: Learner) throws { try hear(.afterForward, learner) }
    override func afterLoss(_ learner: Learner) throws { try hear(.afterLoss, learner) }
    override func beforeBackward(_ learner: Learner) throws { try hear(.beforeBackward, learner) }
    override func afterBackward(_ learner: Learner) throws { try hear(.afterBackward, learner) }
    override func gradientsReady(_ learner: Learner) throws { try hear(.gradientsReady, learner) }
    override func beforeStep(_ learner: Learner) throws { try hear(.beforeStep, learner) }
    override func afterStep(_ learner: Learner) throws { try hear(.afterStep, learner) }
    override func afterBatch(_ learner: Learner) throws { try hear(.afterBatch, learner) }
    override func afterTrain(_ learner: Learner) throws { try hear(.afterTrain, learner) }
    override func beforeValidate(_ learner: Learner) throws { try hear(.beforeValidate, learner) }
    override func afterValidate(_ learner: Learner) throws { try hear(.afterValidate, learner) }
    override func beforePredict(_ learner: Learner) throws { try hear(.beforePredict, learner) }
    override func afterPredict(_ learner: Learner) throws { try hear(.afterPredict, learner) }
    override func afterEpoch(_ learner: Learner) throws { try hear(.afterEpoch, learner) }

    override func afterFit(_ learner: Learner, _ outcome: FitOutcome) throws {
        self.outcome = outcome
        try hear(.afterFit, learner)
    }

    override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        self.outcome = outcome
        try hear(.teardown, learner)
    }
}

/// An event with where it came: `afterLoss train 2`, `afterEpoch 0`, `beforeFit`.
func moment(_ event: Event, _ learner: Learner) -> String {
    switch event {
    case .beforeFit, .afterFit, .teardown, .beforePredict, .afterPredict: "\(event)"
    case .beforeEpoch, .beforeTrain, .afterTrain, .beforeValidate, .afterValidate, .afterEpoch:
        "\(event) \(learner.run.epoch)"
    default:
        "\(event) \(learner.isTraining ? "train" : learner.run.kind == .predict ? "predict" : "valid") \(learner.run.batch)"
    }
}

/// The moments that a callback hears in `body`.
func moments(_ learner: Learner, joins kinds: RunKinds = .fit, _ body: () throws -> Void) rethrows -> [String] {
    var heard: [String] = []
    let listener = Listener("Ear", joins: kinds) { event, learner in heard.append(moment(event, learner)) }
    try learner.withCallbacks(listener, body: body)
    return heard
}

// MARK: A problem whose course is a formula

/// y = w x under the mean squared error, by plain gradient descent: each step can be worked out by hand.
enum Line {
    static let x: [Float] = [1, -0.5, 0.75, 0.25, -1]
    static let y: [Float] = [0.5, 1, -0.25, 2, 0.125]
    /// Which samples each training batch holds: the last one of an epoch is short.
    static let batches = [[0, 1], [2, 3], [4]]
    static let rate = 0.125
    static let start: Float = 0.5

    /// A learner of three training batches and, by default, two validation batches in fixed order.
    static func learner(
        valid: Int = 3, batchSize: Int = 2, optimizer: any UpdateRule = SGD(learningRate: rate),
        loss: any Loss = MeanSquaredError(), metrics: [any Metric] = [], callbacks: [any Callback] = []
    ) throws -> Learner {
        let train = try TensorDataset(Tensor(x, shape: [5, 1]), Tensor(y, shape: [5, 1]))
        let held = try TensorDataset(
            Tensor(Array(x.prefix(valid)), shape: [valid, 1]), Tensor(Array(y.prefix(valid)), shape: [valid, 1]))
        let layer = Linear(1, 1, bias: false)
        layer.weight.value = Tensor([start], shape: [1, 1])
        let learner = Learner(
            try DataLoaders(
                train: DataLoader(train, batchSize: batchSize), valid: DataLoader(held, batchSize: 2)),
            model: Sequential(layer), loss: loss, optimizer: optimizer, metrics: metrics, callbacks: callbacks,
            handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    /// The weight after one step for each window, a list of batches.
    static func weight(after windows: [[Int]]) -> Double {
        windows.reduce(Double(start)) { weight, window in
            let samples = window.flatMap { batches[$0] }
            let slopes = samples.map { 2 * Double(x[$0]) * (weight * Double(x[$0]) - Double(y[$0])) }
            return weight - rate * slopes.reduce(0, +) / Double(samples.count)
        }
    }

    static func weight(of learner: Learner) -> Double { Double(learner.arena.values[0]) }
}

/// Whether two numbers agree to single precision.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 2e-6) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

// MARK: A problem with all kinds of randomness

/// 48 points of 6 features in 3 classes.
enum Points {
    static func dataset(_ count: Int = 48, seed: UInt64 = 9) throws -> TensorDataset {
        let key = RandomKey(seed: seed)
        let inputs = Tensor.normal([count, 6], key: key.derived("points"))
        let rows = inputs.scalars
        let labels = (0..<count).map { row -> Int32 in
            let scores = (0..<3).map { rows[6 * row + $0] + rows[6 * row + 3 + $0] / 2 }
            return Int32(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
        }
        return try TensorDataset(inputs, Tensor(labels))
    }

    /// A learner with shuffling, dropout and an optimizer that keeps something.
    static func learner(
        seed: UInt64 = 42, optimizer: any UpdateRule = Adam(learningRate: 0.01), dropout: Float = 0.25,
        batchSize: Int = 8, valid: Int = 20, callbacks: [any Callback] = [], model: (any Module)? = nil,
        groups: ParameterGrouping = .whole
    ) throws -> Learner {
        let learner = Learner(
            try DataLoaders(train: dataset(), valid: dataset(valid, seed: 10), batchSize: batchSize),
            model: model ?? Sequential(Linear(6, 8), ReLU(), Dropout(dropout), Linear(8, 3)),
            loss: CrossEntropy(), optimizer: optimizer, metrics: [Accuracy()], callbacks: callbacks, groups: groups,
            seed: seed, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }
}

/// The bits of all parameters.
func bits(_ learner: Learner) -> [UInt32] { learner.arena.values.map(\.bitPattern) }

/// An error of the tests' own.
struct Oops: Error, Equatable, CustomStringConvertible {
    var description: String { "oops" }
}

/// Something of the tests' own to write into from several callbacks.
final class Log {
    var lines: [String] = []
}
