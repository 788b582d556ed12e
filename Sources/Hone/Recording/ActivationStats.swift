import Foundation

/// Takes down what comes out of layers in training: mean, deviation, share near zero, and a histogram of magnitudes.
///
/// A histogram over the steps is drawn as fastai's colourful dimension (Gugger and Howard's `ActivationStats`): a column a
/// step, a row a bin, log(1 + count) as the colour. Only batches of its cadence are looked at; others cost nothing.
open class ActivationStats: LearnerCallback {
    /// What was found of one call of a layer.
    public struct Row: Sendable, Equatable, Codable {
        /// The steps taken before, within the fit.
        public let step: Int
        /// The layer's path in the model.
        public let layer: String
        /// The mean of the outputs.
        public let mean: Double
        /// Their standard deviation (of all of them, not a sample).
        public let deviation: Double
        /// The share of them within ``ActivationStats/nearZero``.
        public let nearZero: Double
        /// How many magnitudes fall into each bin of 0 to ``ActivationStats/reach``; larger ones are in the last.
        public let histogram: [Int]
    }

    /// How often.
    public let every: Interval
    /// The number of bins.
    public let bins: Int
    /// The magnitude at which the last bin ends.
    public let reach: Float
    /// Below which magnitude an output is near zero.
    public let nearZero: Float
    private let isWatched: ((String, any Module) -> Bool)?

    /// What was found in this fit, in the order of the calls.
    @RunState public private(set) var rows: [Row] = []

    @RunState private var cadence = StepCadence()
    private var layers: Set<String> = []

    /// Makes the record.
    ///
    /// - Parameters:
    ///   - every: how often; at the first step, and then after each interval.
    ///   - bins: the number of bins, at least 1.
    ///   - reach: the magnitude at which the last bin ends, above 0.
    ///   - nearZero: below which magnitude an output is near zero, 0 or more.
    ///   - layers: which layers, by path and module; nil for all that hold no other.
    public init(
        every: Interval = .steps(1), bins: Int = 40, reach: Float = 10, nearZero: Float = 0.05,
        layers: ((String, any Module) -> Bool)? = nil
    ) {
        self.every = every
        self.bins = bins
        self.reach = reach
        self.nearZero = nearZero
        isWatched = layers
    }

    /// ``Phase/record``
    open override var phase: Phase { .record }

    /// Checks the arguments, and settles which layers are watched.
    open override func beforeFit(_ learner: Learner) throws {
        try every.requireNotNegative("ActivationStats every")
        guard bins >= 1, reach > 0, reach.isFinite, nearZero >= 0 else {
            throw LearnerError.argument(
                "ActivationStats", value: "bins \(bins), reach \(reach), nearZero \(nearZero)",
                expected: "at least one bin, a finite reach above 0, nearZero of 0 or more")
        }
        let modules = learner.model.modules
        let isWatched = isWatched ?? { _, module in module.modules.count == 1 }
        layers = Set(modules.filter { isWatched($0.path, $0.module) }.map(\.path))
        guard !layers.isEmpty else {
            throw LearnerError.argument(
                "ActivationStats layers", value: "none", expected: "one of \(modules.map(\.path))")
        }
    }

    /// Asks to see the outputs.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, cadence.isDue(every: every, in: learner) else { return }
        let step = learner.run.step
        learner.observeForward { [unowned self] call in
            guard let path = call.path, layers.contains(path), let output = call.outputs.first,
                output.elementType == .float32, !output.isInert, output.count > 0
            else { return }
            let row = row(step, path, output)
            _rows.modify { $0.append(row) }
        }
    }

    private func row(_ step: Int, _ layer: String, _ output: Tensor) -> Row {
        output.withUnsafeFloats { values in
            var (sum, near) = (0.0, 0)
            var counts = [Int](repeating: 0, count: bins)
            let scale = Float(bins) / reach
            for value in values {
                sum += Double(value)
                let size = abs(value)
                if size <= nearZero { near += 1 }
                // What is no number is in no bin.
                let place = size * scale
                if place < Float(bins) {
                    counts[Int(place)] += 1
                } else if place >= Float(bins) {
                    counts[bins - 1] += 1
                }
            }
            let count = Double(values.count)
            let mean = sum / count
            let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
            return Row(
                step: step, layer: layer, mean: mean, deviation: (squares / count).squareRoot(),
                nearZero: Double(near) / count, histogram: counts)
        }
    }

    // MARK: Pictures

    /// The watched layers that were seen, in the order of their calls.
    public var seenLayers: [String] {
        var names: [String] = []
        for row in rows where !names.contains(row.layer) { names.append(row.layer) }
        return names
    }

    /// Mean, deviation and share near zero of every layer over the steps.
    public func plot() -> ChartGrid {
        let figures: [(String, (Row) -> Double)] = [
            ("Mean", \.mean), ("Deviation", \.deviation), ("Share near zero", \.nearZero),
        ]
        return ChartGrid(
            columns: 3,
            charts: figures.map { title, value in
                var chart = Chart(title: title, x: Axis("step"), y: Axis(title.lowercased()))
                for layer in seenLayers {
                    let own = rows.filter { $0.layer == layer }
                    chart.add(.line(x: own.map { Double($0.step) }, y: own.map(value), name: layer))
                }
                return chart
            })
    }

    /// The histograms of a layer as a picture: steps to the right, magnitudes upwards, log(1 + count) as the colour.
    public func plotHistograms(of layer: String) -> Chart {
        let own = rows.filter { $0.layer == layer }
        let middles = (0..<bins).map { (Double($0) + 0.5) * Double(reach) / Double(bins) }
        let colours = middles.indices.map { bin in own.map { log1p(Double($0.histogram[bin])) } }
        var chart = Chart(title: layer, x: Axis("step"), y: Axis("magnitude"))
        if !own.isEmpty { chart.add(.heatMap(colours, x: own.map { Double($0.step) }, y: middles)) }
        return chart
    }
}
