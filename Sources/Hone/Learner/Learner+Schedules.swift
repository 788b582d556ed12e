// Training along a schedule.

extension Learner {
    /// Trains with the one-cycle policy (Smith and Topin 2017) in fastai's form: the rate rises from `lrMax / div` to
    /// `lrMax` over the first `pctStart` of the steps and falls to `lrMax / divFinal`, both as a cosine; the momentum
    /// does the opposite.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - lrMax: the highest rate: one, one a group, or a spread.
    ///   - div: what divides it at the start, > 0.
    ///   - divFinal: what divides it at the end, > 0.
    ///   - pctStart: the share of steps that the rise takes, 0...1.
    ///   - moms: the momentum at the start, at the peak and at the end.
    ///   - validateEvery: how often to validate within epochs; nil for their ends alone.
    ///   - rehearsal: whether two batches of everything are gone through first.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for arguments out of range.
    @discardableResult public func fitOneCycle(
        _ epochs: Int, lrMax: some LearningRates, div: Double = 25, divFinal: Double = 1e5, pctStart: Double = 0.25,
        moms: (Double, Double, Double) = (0.95, 0.85, 0.95), validateEvery: Interval? = nil, rehearsal: Bool = false,
        callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        let cycle = try OneCycle(
            lrMax: lrMax.rates(groups: optimizer.groups.count), div: div, divFinal: divFinal, pctStart: pctStart,
            moms: moms)
        return try fit(
            epochs, validateEvery: validateEvery, rehearsal: rehearsal, callbacks: callbacks + [cycle])
    }

    /// Trains at a constant rate, which falls to `lr / divFinal` as a cosine after the first `pctStart` of the steps
    /// (fastai's `fit_flat_cos`).
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more.
    ///   - lr: the rate: one, one a group, or a spread.
    ///   - divFinal: what divides it at the end, > 0.
    ///   - pctStart: the share of steps at the full rate, 0...1.
    ///   - validateEvery: how often to validate within epochs; nil for their ends alone.
    ///   - rehearsal: whether two batches of everything are gone through first.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for arguments out of range.
    @discardableResult public func fitFlatCos(
        _ epochs: Int, lr: some LearningRates, divFinal: Double = 1e5, pctStart: Double = 0.75,
        validateEvery: Interval? = nil, rehearsal: Bool = false, callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        let policy = try FlatCosine(
            lr: lr.rates(groups: optimizer.groups.count), divFinal: divFinal, pctStart: pctStart)
        return try fit(
            epochs, validateEvery: validateEvery, rehearsal: rehearsal, callbacks: callbacks + [policy])
    }

    /// Trains in cycles, each of which begins at the full rate and ends at 0 as a cosine: SGDR, stochastic gradient
    /// descent with warm restarts (Loshchilov and Hutter 2017), in fastai's form.
    ///
    /// - Parameters:
    ///   - cycles: the number of cycles, 1 or more.
    ///   - cycleLength: the epochs of the first, 1 or more.
    ///   - cycleMultiplier: how many times as long as the one before each cycle is, 1 or more.
    ///   - lrMax: the rate at the beginning of each cycle: one, one a group, or a spread.
    ///   - validateEvery: how often to validate within epochs; nil for their ends alone.
    ///   - rehearsal: whether two batches of everything are gone through first.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for arguments out of range.
    @discardableResult public func fitSGDR(
        _ cycles: Int, cycleLength: Int, cycleMultiplier: Int = 2, lrMax: some LearningRates,
        validateEvery: Interval? = nil, rehearsal: Bool = false, callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        for (name, count) in [("cycles", cycles), ("cycleLength", cycleLength), ("cycleMultiplier", cycleMultiplier)]
        where count < 1 {
            throw LearnerError.argument(name, value: "\(count)", expected: "1 or more")
        }
        var (epochs, length, isTooLong) = (0, cycleLength, false)
        for _ in 0..<cycles where !isTooLong {
            let (sum, sumOverflows) = epochs.addingReportingOverflow(length)
            let (next, lengthOverflows) = length.multipliedReportingOverflow(by: cycleMultiplier)
            (epochs, length, isTooLong) = (sum, next, sumOverflows || lengthOverflows)
        }
        guard !isTooLong else {
            throw LearnerError.argument("cycles", value: "\(cycles)", expected: "so few that epochs can be counted")
        }
        let rates = try lrMax.rates(groups: optimizer.groups.count)
        let schedules = rates.map {
            Schedule.cosine(from: $0, to: 0).restarts(cycles: cycles, multiplier: Double(cycleMultiplier))
        }
        return try fit(
            epochs, validateEvery: validateEvery, rehearsal: rehearsal,
            callbacks: callbacks + [ParameterScheduler(byGroup: [.learningRate: schedules])])
    }

    /// Trains at cyclical rates (Smith 2015): up from `lrMin` to `lrMax` and back, over and over; the momentum, of an
    /// optimizer that has one, does the opposite. See ``CyclicalLR``.
    ///
    /// - Parameters:
    ///   - epochs: passes over the training set, 0 or more; Smith advises to end with a cycle.
    ///   - lrMin: the lowest rate: one, one a group, or a spread.
    ///   - lrMax: the highest rate.
    ///   - stepSize: the length of a rise; Smith advises 2 to 10 epochs.
    ///   - down: the length of a fall; that of a rise when nil.
    ///   - window: the shape of a cycle.
    ///   - envelope: how cycles shrink: `.constant` is Smith's `triangular`, `.halving` his `triangular2`.
    ///   - moms: the momentum where the rate is lowest and where it is highest, PyTorch's; nil leaves it alone.
    ///   - validateEvery: how often to validate within epochs; nil for their ends alone.
    ///   - rehearsal: whether two batches of everything are gone through first.
    ///   - callbacks: joined to the learner's own for this fit.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for arguments out of range.
    @discardableResult public func fitCyclic(
        _ epochs: Int, lrMin: some LearningRates, lrMax: some LearningRates, stepSize: Interval = .epochs(2),
        down: Interval? = nil, window: Schedule.Window = .triangular, envelope: Schedule.Envelope = .constant,
        moms: (high: Double, low: Double)? = (0.9, 0.8), validateEvery: Interval? = nil, rehearsal: Bool = false,
        callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        let groups = optimizer.groups.count
        let policy = try CyclicalLR(
            base: lrMin.rates(groups: groups), peak: lrMax.rates(groups: groups), halfCycle: stepSize, down: down,
            window: window, envelope: envelope, moms: moms)
        return try fit(
            epochs, validateEvery: validateEvery, rehearsal: rehearsal, callbacks: callbacks + [policy])
    }

    /// Trains the last group of layers while the others are frozen, and then all of them at lower rates, which rise from
    /// the first group to the last: fastai's `fine_tune`, with its defaults.
    ///
    /// The first part is a cycle of `freezeEpochs` at `baseLR` that rises over 0.99 of its steps, the second one of `epochs`
    /// at `.spread(baseLR / 2 / lrMult, baseLR / 2)`. Each is a fit: what stops one does not stop the other, but for an
    /// interrupt. A model of one group is trained as a whole in both.
    /// - Parameters:
    ///   - epochs: passes over the training set with all groups, 0 or more.
    ///   - baseLR: the rate of the frozen model's last group, > 0.
    ///   - freezeEpochs: passes over the training set with the last group alone, 0 or more.
    ///   - lrMult: by how much the last group's rate is above the first's, > 0.
    ///   - pctStart: the share of steps that the rise takes in the second part, 0...1.
    ///   - div: what divides the highest rate at the start of the second part, > 0.
    ///   - rehearsal: whether each part goes through two batches of everything first.
    ///   - callbacks: joined to the learner's own for both parts.
    /// - Returns: how the second part ended, or the first if that was interrupted.
    /// - Throws: as ``fit(_:validateEvery:rehearsal:callbacks:)``, and for arguments out of range.
    @discardableResult public func fineTune(
        _ epochs: Int, baseLR: Double = 2e-3, freezeEpochs: Int = 1, lrMult: Double = 100, pctStart: Double = 0.3,
        div: Double = 5, validateEvery: Interval? = nil, rehearsal: Bool = false, callbacks: [any Callback] = []
    ) throws -> FitOutcome {
        // Nothing is frozen by a call that cannot run.
        guard epochs >= 0 else { throw LearnerError.epochs(epochs) }
        guard freezeEpochs >= 0 else { throw LearnerError.epochs(freezeEpochs) }
        let rates = RateSpread.spread(baseLR / 2 / lrMult, baseLR / 2)
        _ = try rates.rates(groups: 2)
        try Schedule.oneCycle(max: baseLR / 2, div: div, divFinal: 1e5, pctStart: pctStart).validate()
        try refuseRunWithinRun()
        try freeze()
        let first = try fitOneCycle(
            freezeEpochs, lrMax: .stop(baseLR), pctStart: 0.99, validateEvery: validateEvery, rehearsal: rehearsal,
            callbacks: callbacks)
        if case .interrupted = first { return first }
        try unfreeze()
        return try fitOneCycle(
            epochs, lrMax: rates, div: div, pctStart: pctStart, validateEvery: validateEvery, rehearsal: rehearsal,
            callbacks: callbacks)
    }
}
