/// When something that is done every so often is due: at the first step, and then after each interval. A run state.
struct StepCadence: Codable {
    private var step = 0
    private var seconds = 0.0

    /// Whether it is due before the step to come; if so, the next interval begins.
    mutating func isDue(every interval: Interval, in learner: Learner) -> Bool {
        if case .minutes(let count) = interval {
            let now = learner.elapsedInRun
            guard now >= seconds else { return false }
            seconds = now + 60 * count
            return true
        }
        guard learner.run.step >= step else { return false }
        step = learner.run.step + max(1, interval.wholeSteps(in: learner.run.timeline) ?? 1)
        return true
    }
}
