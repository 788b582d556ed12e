import HoneKernels

/// How fast training goes: samples a second, the time that is left, and the share of the machine's peak.
///
/// Validations are not counted as training. A look at the clock a batch is all that it costs; the peak is measured at the
/// beginning of the fit, if the model's multiply-adds are given and the peak is not.
open class Throughput: LearnerCallback {
    /// Multiply-adds of the forward pass of one sample, or nil when they are not known.
    public let multiplyAdds: Double?

    /// The samples of the training batches of this fit.
    @RunState public private(set) var samples = 0

    /// The seconds that they took, with their steps and callbacks.
    @RunState public private(set) var seconds = 0.0

    /// The machine's peak in floating-point operations a second: as it was given or measured; nil before the fit, or
    /// when it is not needed.
    @RunState public private(set) var peak: Double?

    /// The samples a second of each epoch's training.
    @RunState public private(set) var epochs: [Double] = []

    @RunState private var recent = Rate()
    private let givenPeak: Double?
    private var last: UInt64 = 0
    private var mark = Mark()

    private struct Rate: Codable {
        var samplesPerSecond = 0.0
        var fraction = 0.0
        var secondsOfRun = 0.0
    }

    private struct Mark {
        var samples = 0
        var seconds = 0.0
        var epochSamples = 0
        var epochSeconds = 0.0
    }

    /// Makes the measurement.
    ///
    /// - Parameters:
    ///   - multiplyAdds: those of the forward pass of one sample, above 0, for the share of the peak; nil goes without.
    ///   - peak: the machine's peak in floating-point operations a second, above 0; nil measures it.
    public init(multiplyAdds: Double? = nil, peak: Double? = nil) {
        self.multiplyAdds = multiplyAdds
        givenPeak = peak
    }

    /// ``Phase/record``
    open override var phase: Phase { .record }

    /// Samples a second of late (over half a second or more), or over the whole fit before that; NaN before the first.
    public var samplesPerSecond: Double {
        if recent.samplesPerSecond > 0 { return recent.samplesPerSecond }
        return seconds > 0 ? Double(samples) / seconds : .nan
    }

    /// The seconds that are left, if it goes on as so far, with the validations; nil before the first step.
    public var secondsLeft: Double? {
        recent.fraction > 0 ? recent.secondsOfRun * (1 - recent.fraction) / recent.fraction : nil
    }

    /// The share of the machine's peak: a training step is counted as three forward passes of two operations a
    /// multiply-add. Nil when the multiply-adds are not known.
    public var shareOfPeak: Double? {
        guard let multiplyAdds, let peak else { return nil }
        return 6 * multiplyAdds * samplesPerSecond / peak
    }

    /// Checks the arguments, and measures the peak.
    open override func beforeFit(_ learner: Learner) throws {
        for (name, value) in [("multiplyAdds", multiplyAdds), ("peak", givenPeak)] {
            if let value, !(value > 0 && value.isFinite) {
                throw LearnerError.argument(
                    "Throughput \(name)", value: "\(value)", expected: "a finite number above 0")
            }
        }
        mark = Mark()
        if multiplyAdds != nil { peak = givenPeak ?? Throughput.measuredPeak() }
    }

    /// Looks at the clock.
    open override func beforeTrain(_ learner: Learner) throws {
        last = hone_clock_ns()
        (mark.epochSamples, mark.epochSeconds) = (samples, seconds)
    }

    /// Adds the batch.
    open override func afterBatch(_ learner: Learner) throws {
        guard learner.isTraining else { return }
        let now = hone_clock_ns()
        seconds += Double(now &- last) / 1e9
        last = now
        samples += learner.batch.count
        guard seconds - mark.seconds >= 0.5 || recent.fraction == 0 else { return }
        if seconds - mark.seconds >= 0.5 {
            recent.samplesPerSecond = Double(samples - mark.samples) / (seconds - mark.seconds)
            (mark.samples, mark.seconds) = (samples, seconds)
        }
        takeTime(learner)
    }

    /// Begins anew after a validation amid the epoch, whose time is none of training.
    open override func afterValidate(_ learner: Learner) throws {
        if learner.isValidatingWithinEpoch { last = hone_clock_ns() }
    }

    /// Takes down the epoch's rate.
    open override func afterTrain(_ learner: Learner) throws {
        let rate = Double(samples - mark.epochSamples) / (seconds - mark.epochSeconds)
        _epochs.modify { $0.append(rate) }
    }

    /// Takes down how far the fit has come.
    open override func afterEpoch(_ learner: Learner) throws { takeTime(learner) }

    private func takeTime(_ learner: Learner) {
        (recent.fraction, recent.secondsOfRun) = (learner.run.fraction, learner.elapsedInRun)
    }

    /// Floating-point operations a second of the best of a few matrix products, two for each multiply-add.
    private static func measuredPeak() -> Double {
        let size = 512
        let a = Tensor.ones([size, size])
        var best = UInt64.max
        for _ in 0..<5 {
            let start = hone_clock_ns()
            _ = a.matmul(a)
            best = min(best, hone_clock_ns() &- start)
        }
        return 2 * Double(size * size * size) / (Double(max(1, best)) / 1e9)
    }
}
