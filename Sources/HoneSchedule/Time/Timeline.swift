/// The size of a run: what an `Interval` needs to become a number of steps.
public struct Timeline: Codable, Equatable, Hashable, Sendable {
    /// Optimizer steps in the whole run.
    public var totalSteps: Int
    /// Optimizer steps in one epoch; nil when unknown, and then intervals in epochs cannot be resolved.
    public var stepsPerEpoch: Double?
    /// Training samples that one optimizer step uses (batch size × accumulated batches); nil when unknown.
    public var samplesPerStep: Double?
    /// Optimizer steps in a minute, as they were timed or are guessed; nil when unknown, and then intervals in minutes
    /// cannot be resolved.
    public var stepsPerMinute: Double?

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - totalSteps: optimizer steps in the whole run, 0 or more.
    ///   - stepsPerEpoch: optimizer steps in one epoch, above 0; nil when unknown.
    ///   - samplesPerStep: training samples in one optimizer step, above 0; nil when unknown.
    ///   - stepsPerMinute: optimizer steps in a minute, above 0; nil when unknown.
    public init(
        totalSteps: Int, stepsPerEpoch: Double? = nil, samplesPerStep: Double? = nil, stepsPerMinute: Double? = nil
    ) {
        self.totalSteps = totalSteps
        self.stepsPerEpoch = stepsPerEpoch
        self.samplesPerStep = samplesPerStep
        self.stepsPerMinute = stepsPerMinute
    }

    /// Describes a run of whole epochs.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - stepsPerEpoch: optimizer steps in one epoch, 1 or more.
    ///   - batchSize: training samples in one optimizer step; nil when unknown.
    public init(epochs: Int, stepsPerEpoch: Int, batchSize: Int? = nil) {
        let (total, overflow) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
        self.init(
            totalSteps: overflow ? Int.max : total, stepsPerEpoch: Double(stepsPerEpoch),
            samplesPerStep: batchSize.map(Double.init))
    }
}
