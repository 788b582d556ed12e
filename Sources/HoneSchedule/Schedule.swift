/// A hyper-parameter over the course of a run: a value, not an object with state.
///
/// A schedule is a pure function of where training stands, in closed form, so any step can be asked for in any order,
/// it can be drawn before training, and resuming needs nothing but the step. It is a tree of cases: it can be compared,
/// encoded, and printed as a Swift expression that makes an equal one.
///
/// ```swift
/// let rate = Schedule.linear(from: 0, to: 3e-3).then(.cosine(from: 3e-3, to: 0), at: 0.25)
/// rate.value(at: 0, of: 1_000)        // 0: the first update
/// rate.value(at: 250, of: 1_000)      // 3e-3
/// rate.value(at: 1_000, of: 1_000)    // 0: where the last update approaches, and what holds after the end
/// ```
///
/// Where things from elsewhere are:
/// - fastai: `SchedLin/Cos/No/Exp` → `linear`, `cosine`, `constant`, `exponential`; `SchedPoly` → `power`;
///   `combine_scheds` → `then`; `fit_one_cycle` → `oneCycle`, `fit_flat_cos` → `flatCosine`,
///   `fit_sgdr` → `cosine` with `restarts(cycles:)`.
/// - torch: `StepLR` → `stepDecay`, `MultiStepLR` → `multiStep`, `ExponentialLR` → `exponentialDecay`,
///   `LinearLR`, `PolynomialLR`, `CosineAnnealingLR` → `linear`, `polynomial`, `cosine` with `over`,
///   `CosineAnnealingWarmRestarts` → `cosineRestarts`, `CyclicLR` → `cyclical`, `OneCycleLR` → `torchOneCycle`,
///   `SequentialLR` → `then`, `ChainedScheduler` → `*`, `LambdaLR` → `custom`,
///   `ReduceLROnPlateau` → ``PlateauRule``.
/// - Hugging Face: `linearWithWarmup`, `cosineWithWarmup` … `warmupStableDecay`.
/// - timm: `warmup_prefix` → the mode of `warmup`.
///
/// Update `k` of `N` uses `value(at: k, of: N)`, k = 0 ..< N, as in fastai: the progress is k/N, so the final value is
/// approached. Past the end the final value holds. A value that cannot be computed (invalid parameters, an interval in
/// a unit that is not known) is NaN, never a trap and never infinite; ``validate()`` says why.
public struct Schedule: Equatable, Sendable {
    let node: Node

    init(_ node: Node) { self.node = node }

    /// The value for one update, when nothing but the number of steps is known.
    ///
    /// - Parameters:
    ///   - step: the update, from 0; moved into 0...total.
    ///   - total: the number of updates in the run; a run of none is over.
    /// - Returns: the value; NaN where the schedule measures in epochs or samples, whose length is not known here.
    public func value(at step: Int, of total: Int) -> Double {
        value(at: step, in: Timeline(totalSteps: total))
    }

    /// The value for one update.
    ///
    /// - Parameters:
    ///   - step: the update, from 0; moved into 0...timeline.totalSteps.
    ///   - timeline: the size of the run.
    /// - Returns: the value; NaN where the schedule measures in a unit that the timeline does not know.
    public func value(at step: Int, in timeline: Timeline) -> Double {
        finiteOrNaN(node.value(at: Moment(timeline: timeline, step: step)))
    }

    /// The value between two updates, or for an update that stands for more or less than one of the timeline's.
    ///
    /// - Parameters:
    ///   - position: the distance from the start in the timeline's steps; moved into 0...timeline.totalSteps.
    ///   - timeline: the size of the run.
    /// - Returns: as ``value(at:in:)``, which it is at whole positions.
    public func value(atPosition position: Double, in timeline: Timeline) -> Double {
        finiteOrNaN(node.value(at: Moment(timeline: timeline, position: position)))
    }

    /// The value at a share of the run.
    ///
    /// - Parameter progress: moved into 0...1.
    /// - Returns: the value; NaN where the schedule counts steps, epochs or samples: see ``followsProgressAlone``.
    public func value(at progress: Double) -> Double {
        finiteOrNaN(node.value(at: Moment(progress: progress)))
    }

    /// The values of all updates of a run, k = 0 ..< total.
    ///
    /// - Parameter total: the number of updates.
    public func samples(total: Int) -> [Double] {
        samples(in: Timeline(totalSteps: total))
    }

    /// The values of all updates of a run, k = 0 ..< timeline.totalSteps.
    ///
    /// - Parameter timeline: the size of the run.
    public func samples(in timeline: Timeline) -> [Double] {
        (0..<max(0, timeline.totalSteps)).map { value(at: $0, in: timeline) }
    }
}

/// NaN in place of an infinity.
private func finiteOrNaN(_ value: Double) -> Double { value.isFinite ? value : .nan }

extension Schedule: Codable {
    /// Writes the tree of cases, each as one key with its parameters.
    ///
    /// - Throws: ``ScheduleError`` when the tree holds a closure, which no format can hold.
    public func encode(to encoder: any Encoder) throws { try node.encode(to: encoder) }

    /// Reads what `encode(to:)` writes. Parameters are not checked here: see ``validate()``.
    public init(from decoder: any Decoder) throws { self.init(try Node(from: decoder)) }
}

extension Schedule: CustomStringConvertible {
    /// The Swift expression that makes an equal schedule, such as `Schedule.cosine(from: 0.1, to: 0)`.
    public var description: String { "Schedule" + node.shape.expression }
}
