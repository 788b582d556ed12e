/// When something that is done after each interval is due: when the first has gone by since the start of the run, the
/// second, and so on. A run state.
struct Recurrence: Codable, Equatable {
    private var passed = 0

    /// Whether another interval has gone by at an event; if several have, they count as one.
    mutating func isDue(every interval: Interval, at event: Event, in learner: Learner) -> Bool {
        let count = Recurrence.count(of: interval, at: event, in: learner)
        guard count > passed else { return false }
        passed = count
        return true
    }

    private static func count(of interval: Interval, at event: Event, in learner: Learner) -> Int {
        let run = learner.run
        let (length, place): (Double, Double) =
            switch interval {
            case .steps(let count): (Double(count), Double(run.step))
            case .samples(let count): (Double(count), Double(samples(at: event, in: learner)))
            case .epochs(let count): (count, epochs(at: event, in: learner))
            case .fraction(let share): (share, run.fraction)
            case .minutes(let count): (60 * count, learner.elapsedInRun)
            }
        // A share of an epoch may miss a whole one by rounding.
        let ratio = place / length + 1e-9
        return length > 0 && ratio < Double(1 << 53) ? Int(ratio) : 0
    }

    /// The run's samples; where the step has been counted, so are those of its last batch.
    private static func samples(at event: Event, in learner: Learner) -> Int {
        learner.run.samples + (event == .afterStep ? learner.batch.count : 0)
    }

    /// The run's epochs, with the part of the present one.
    private static func epochs(at event: Event, in learner: Learner) -> Double {
        let whole = Double(learner.run.epoch)
        switch event {
        case .beforeFit, .beforeEpoch, .beforePredict, .afterPredict, .afterFit, .teardown: return whole
        case .afterTrain, .afterEpoch: return whole + 1
        case .beforeValidate where !learner.isValidatingWithinEpoch: return whole + 1
        case .afterValidate where !learner.isValidatingWithinEpoch: return whole + 1
        default:
            let inEpoch = samples(at: event, in: learner) - learner.samplesBeforeEpoch
            return whole + min(1, Double(inEpoch) / Double(max(1, learner.samplesPerEpoch)))
        }
    }
}
