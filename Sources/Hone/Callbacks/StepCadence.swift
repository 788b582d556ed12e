/// When something that is done every so often is due: at the first step, and then after each interval. A run state.
struct StepCadence: Codable {
    private var position = 0.0
    private var seconds = 0.0

    /// Whether it is due before the step to come; if so, the next interval begins.
    mutating func isDue(every interval: Interval, in learner: Learner) -> Bool {
        if case .minutes(let count) = interval {
            let now = learner.elapsedInRun
            guard now >= seconds else { return false }
            seconds = now + 60 * count
            return true
        }
        let run = learner.run
        let present = if case .steps = interval { Double(run.step) } else { run.scheduleStep }
        // Steps of an adapted length may miss a whole one by rounding.
        guard present >= position - 1e-9 else { return false }
        position = present + Double(max(1, interval.wholeSteps(in: run.timeline) ?? 1))
        return true
    }
}
