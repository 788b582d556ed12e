/// Shortens epochs: each trains on the first batches of its order alone, and its validations may measure the first batches
/// of theirs.
///
/// The run's steps are those of short epochs, so schedules end with the run, and an interval in epochs is one of short
/// epochs. Since each epoch has an order of its own, many short epochs come to see all samples. A short epoch is a
/// complete one.
open class ShortEpoch: LearnerCallback {
    /// How much of an epoch's batches is gone through.
    public let length: EpochLength
    /// Whether validations within the fit are shortened in the same way.
    public let shortensValidation: Bool

    /// Goes through a share of the batches, at least one.
    ///
    /// - Parameters:
    ///   - share: the share, above 0 and at most 1; fastai's when left out.
    ///   - shortensValidation: whether validations within the fit are shortened in the same way.
    public init(_ share: Double = 0.01, shortensValidation: Bool = true) {
        length = .share(share)
        self.shortensValidation = shortensValidation
    }

    /// Goes through so many batches, or all if there are fewer.
    ///
    /// - Parameters:
    ///   - batches: the number of batches, at least 1.
    ///   - shortensValidation: whether validations within the fit are shortened in the same way.
    public init(batches: Int, shortensValidation: Bool = true) {
        length = .batches(batches)
        self.shortensValidation = shortensValidation
    }

    /// ``Phase/prepare``
    open override var phase: Phase { .prepare }

    /// Sets the loop's epoch length.
    open override func beforeFit(_ learner: Learner) throws {
        switch length {
        case .share(let share) where !(share > 0 && share <= 1):
            throw LearnerError.argument("ShortEpoch share", value: "\(share)", expected: "above 0 and at most 1")
        case .batches(let count) where count < 1:
            throw LearnerError.argument("ShortEpoch batches", value: "\(count)", expected: "at least 1")
        default: break
        }
        try learner.stages.setEpochLength(
            length, ofValidation: shortensValidation ? length : nil, owner: learner.speaker)
    }
}
