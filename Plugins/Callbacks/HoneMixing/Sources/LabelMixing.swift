import Hone

/// Smooths labels by mixing: the loss of each sample is (1 − ε) that of its own target and ε that of another sample's.
///
/// The inputs stay. On average a target becomes (1 − ε) its own and ε the distribution of targets in the batch, where the
/// smoothing of Szegedy et al. (2016) has the uniform one; so rare classes are not given more than they have. It goes
/// with every loss, also for targets that are no classes.
open class LabelMixing: BatchMixing {
    /// ε, the share of the other sample's target.
    public let share: Double

    /// Makes the callback.
    ///
    /// - Parameter share: ε, 0...1.
    public init(_ share: Double = 0.1) { self.share = share }

    /// Checks the share.
    open override func beforeFit(_ learner: Learner) throws {
        guard share >= 0, share <= 1 else {
            throw LearnerError.argument("\(identifier) share", value: "\(share)", expected: "0...1")
        }
        try super.beforeFit(learner)
    }

    /// Leaves the inputs alone.
    open override func mix(_ batch: inout Batch, partners: [Int], key: RandomKey) throws -> [Float] {
        Array(repeating: Float(1 - share), count: partners.count)
    }
}
