/// Takes down the norms of gradients and weights, and by which share of their norm the weights move.
///
/// Gradients are looked at before they are clipped. Updates of about a thousandth of the weights are usual; much more is
/// restless, much less is standing still. At the steps of its cadence the weights are copied; at others it costs nothing.
open class GradientStats: LearnerCallback {
    /// What has a row.
    public enum Grouping: String, Sendable, Codable {
        /// Each parameter that is trained.
        case parameters
        /// Each of the optimizer's groups.
        case groups
    }

    /// What was found of one parameter or group at one step.
    public struct Row: Sendable, Equatable, Codable {
        /// The step within the fit, from 1.
        public let step: Int
        /// The parameter's name, or `group 0`.
        public let name: String
        /// The Euclidean norm of the gradient.
        public let gradientNorm: Double
        /// That of the weights before the step.
        public let weightNorm: Double
        /// The norm of the step's change by that of the weights; NaN of weights that are zero.
        public let updateRatio: Double
    }

    /// What has a row.
    public let grouping: Grouping
    /// How often.
    public let every: Interval

    /// What was found in this fit, step by step.
    @RunState public private(set) var rows: [Row] = []

    @RunState private var cadence = StepCadence()
    private var parts: [(name: String, ranges: [Range<Int>])] = []
    private var gradientNorms: [Double] = []
    private var before: [Float] = []
    private var squaredWeights: [Double] = []
    private var isDue = false

    /// Makes the record.
    ///
    /// - Parameters:
    ///   - grouping: what has a row.
    ///   - every: how often; at the first step, and then after each interval.
    public init(_ grouping: Grouping = .parameters, every: Interval = .steps(10)) {
        self.grouping = grouping
        self.every = every
    }

    /// ``Phase/record``
    open override var phase: Phase { .record }

    /// Checks the cadence.
    open override func beforeFit(_ learner: Learner) throws {
        try every.requireNotNegative("GradientStats every")
        isDue = false
    }

    /// Takes down the gradients' norms.
    open override func gradientsReady(_ learner: Learner) throws {
        isDue = cadence.isDue(every: every, in: learner)
        guard isDue else { return }
        parts = parts(of: learner)
        gradientNorms = parts.map { part in
            part.ranges.reduce(0.0) { $0 + learner.arena.sumOfSquaredGradients($1) }.squareRoot()
        }
    }

    /// Keeps the weights.
    open override func beforeStep(_ learner: Learner) throws {
        guard isDue else { return }
        before = Array(learner.arena.values)
        squaredWeights = parts.map { part in part.ranges.reduce(0.0) { $0 + learner.arena.sumOfSquares($1) } }
    }

    /// Takes down how far they moved.
    open override func afterStep(_ learner: Learner) throws {
        guard isDue else { return }
        isDue = false
        defer { before = [] }
        guard learner.didStep, before.count == learner.arena.count else { return }
        for (index, part) in parts.enumerated() {
            let change = part.ranges.reduce(0.0) { $0 + learner.arena.squaredDistance(from: before, $1) }
            let weights = squaredWeights[index]
            let row = Row(
                step: learner.run.step, name: part.name, gradientNorm: gradientNorms[index],
                weightNorm: weights.squareRoot(),
                updateRatio: (change / weights).squareRoot())
            _rows.modify { $0.append(row) }
        }
    }

    /// The update ratios over the steps, a line each, on a logarithmic axis; 10⁻³ is marked.
    public func plotUpdateRatios() -> Chart { plot("Update / weight", \.updateRatio, mark: 1e-3) }

    /// The gradients' norms over the steps, a line each, on a logarithmic axis.
    public func plotGradientNorms() -> Chart { plot("Gradient norm", \.gradientNorm, mark: nil) }

    private func plot(_ title: String, _ value: (Row) -> Double, mark: Double?) -> Chart {
        var chart = Chart(title: title, x: Axis("step"), y: Axis(title.lowercased(), scale: .log))
        var names: [String] = []
        for row in rows where !names.contains(row.name) { names.append(row.name) }
        for name in names {
            let own = rows.filter { $0.name == name }
            chart.add(.line(x: own.map { Double($0.step) }, y: own.map(value), name: name))
        }
        if let mark { chart.add(.horizontalLine(y: mark, label: "1e-3")) }
        return chart
    }

    private func parts(of learner: Learner) -> [(name: String, ranges: [Range<Int>])] {
        let entries = learner.arena.entries
        func ranges(_ indices: Range<Int>) -> [Range<Int>] {
            entries[indices].filter { $0.parameter.isTrainable && !$0.range.isEmpty }.map(\.range)
        }
        switch grouping {
        case .parameters:
            return entries.indices.map { (entries[$0].name, ranges($0..<$0 + 1)) }.filter { !$0.ranges.isEmpty }
        case .groups:
            return learner.optimizer.groups.enumerated().map { ("group \($0)", $1.entries.flatMap(ranges)) }
                .filter { !$0.ranges.isEmpty }
        }
    }
}
