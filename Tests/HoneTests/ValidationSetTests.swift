import Hone
import Testing

/// Several validation sets, validations within epochs, and rehearsals.
@Suite struct ValidationSetTests {
    private func learner(callbacks: [any Callback] = [], dropout: Float = 0.25) throws -> Learner {
        let more = try DataLoader(Points.dataset(12, seed: 11), batchSize: 5)
        let data = try DataLoaders(train: Points.dataset(), valid: Points.dataset(20, seed: 10), batchSize: 8)
            .validating("odd", on: more)
        let learner = Learner(
            data, model: Sequential(Linear(6, 8), ReLU(), Dropout(dropout), Linear(8, 3)), loss: CrossEntropy(),
            optimizer: Adam(learningRate: 0.01), metrics: [Accuracy()], handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        for callback in callbacks { learner.add(callback) }
        return learner
    }

    // MARK: Named sets

    @Test func namedSetsAreMeasuredAndRecordedByName() throws {
        let learner = try learner()
        var heard: [String] = []
        let listener = Listener { event, learner in
            if event == .afterValidate { heard.append(learner.validationSet ?? "valid") }
        }
        try learner.fit(1, callbacks: [listener])
        #expect(heard == ["valid", "odd"])
        let row = try #require(learner.recorder.epochs.last)
        #expect(row.isComplete)
        #expect(row.metrics.map(\.name) == ["accuracy", "odd loss", "odd accuracy"])
        #expect(row.metrics.map(\.direction) == [.higherIsBetter, .lowerIsBetter, .higherIsBetter])
        let odd = try learner.validate(on: learner.data.named[0].loader)
        #expect(row["odd loss"] == odd.loss && row["odd accuracy"] == odd["accuracy"])
        let both = try learner.validate()
        #expect(both.loss == row.validLoss && both["odd loss"] == odd.loss)
        #expect(odd.metrics.map(\.name) == ["accuracy"])
    }

    @Test func namedSetsHaveColumns() throws {
        var text = ""
        let learner = try learner(callbacks: [ProgressReporter(isTerminal: false) { text += $0 }])
        try learner.fit(1)
        let lines = text.split(separator: "\n")
        try #require(lines.count == 2)
        #expect(lines[0].contains("odd loss") && lines[0].contains("odd accuracy"))
        #expect(
            lines[1].split(separator: " ").filter { $0.first?.isNumber ?? false }.count >= 6
                && !lines[1].contains(" - "))
    }

    @Test func namedSetsCanBeMonitored() throws {
        let stopping = EarlyStopping(monitor: .metric("odd accuracy"), patience: .epochs(2), minDelta: 2)
        let learner = try learner(callbacks: [stopping])
        #expect(try learner.fit(9).description.hasPrefix("stopped by EarlyStopping: odd accuracy has not improved"))
        #expect(learner.recorder.epochs.count == 3)
        let wrong = EarlyStopping(monitor: .metric("even accuracy"))
        let error = #expect(throws: CallbackError.self) { try learner.fit(1, callbacks: [wrong]) }
        #expect(error.map { "\($0.underlying)" }?.contains("accuracy, odd loss, odd accuracy") ?? false)
    }

    @Test func anEndedPhaseEndsOneSetAlone() throws {
        let learner = try learner()
        var heard: [String] = []
        let listener = Listener { event, learner in
            if event == .beforeValidate, learner.validationSet == nil { learner.request(.endPhase) }
            if event == .afterValidate { heard.append(learner.validationSet ?? "valid") }
        }
        try learner.fit(1, callbacks: [listener])
        #expect(heard == ["valid", "odd"])
        #expect(learner.recorder.epochs.last?.isComplete == false)
    }

    @Test func namesAndSetsThatCannotBeAreErrors() throws {
        let data = try DataLoaders(train: Points.dataset(), valid: Points.dataset(20, seed: 10), batchSize: 8)
        #expect(throws: DataError.name("")) { try data.validating("", on: data.valid) }
        #expect(throws: DataError.name("a")) {
            try data.validating("a", on: data.valid).validating("a", on: data.valid)
        }
        let empty = try DataLoader(Subset(Points.dataset(), []), batchSize: 8)
        #expect(throws: DataError.empty("a")) { try data.validating("a", on: empty) }
        #expect(throws: DataError.empty("valid")) {
            try DataLoaders(train: data.train, valid: empty).validating("a", on: data.valid)
        }
    }

    @Test func aValidationThatEndsBeforeAnyBatchHasNoResult() throws {
        let learner = try Points.learner()
        let ending = Listener { event, learner in if event == .beforeValidate { learner.request(.endPhase) } }
        try learner.fit(1, callbacks: [ending])
        #expect(learner.validation == nil && learner.epochValidation == nil)
        #expect(learner.recorder.epochs.last?.validLoss == nil)
        let alone = Listener(joins: .validate) { event, learner in
            if event == .beforeValidate { learner.request(.endPhase) }
        }
        #expect(throws: LearnerError.nothingMeasured) { try learner.withCallbacks(alone) { try learner.validate() } }
    }

    // MARK: Within epochs

    @Test func validationsWithinEpochsComeWhereTheyAreDue() throws {
        let learner = try learner()
        // 6 steps an epoch; none where the epoch's own follows.
        try learner.fit(2, validateEvery: .steps(2))
        #expect(learner.recorder.validations.map(\.step) == [2, 4, 8, 10])
        #expect(learner.recorder.validations.map(\.epoch) == [0, 0, 1, 1])
        #expect(learner.recorder.validations.allSatisfy { $0["odd accuracy"] != nil && $0["accuracy"] != nil })
        #expect(learner.recorder.epochs.count == 2 && learner.recorder.epochs.allSatisfy { $0.isComplete })
        func steps(_ interval: Interval, _ callbacks: [any Callback] = []) throws -> [Int] {
            let learner = try self.learner()
            try learner.fitOneCycle(2, lrMax: 0.01, callbacks: callbacks + [ValidateEvery(interval)])
            return learner.recorder.validations.map(\.step)
        }
        #expect(try steps(.epochs(0.5)) == [3, 9])
        #expect(try steps(.fraction(0.25)) == [3, 9])
        #expect(try steps(.samples(32)) == [4, 8])
        #expect(try steps(.steps(5)) == [5, 10])
        #expect(try steps(.minutes(1000)) == [])
        // Three steps an epoch.
        #expect(try steps(.steps(1), [GradAccumulation(batches: 2)]) == [1, 2, 4, 5])
    }

    @Test func aValidationWithinAnEpochLeavesNoTrace() throws {
        func trained(_ every: Interval?) throws -> (Learner, [String]) {
            let learner = try learner()
            var seen: [String] = []
            let ear = Listener { event, learner in
                guard !learner.isValidatingWithinEpoch else { return }
                let mode = learner.trainsNow ? "train" : "eval"
                seen.append(
                    "\(moment(event, learner)) \(mode) \(learner.batchLoss) \(learner.epochIsComplete) \(learner.run.batchCount) "
                        + "\(learner.epochValidation?.loss ?? -1) \(learner.progress.microBatch) \(learner.smoothedLoss)"
                )
            }
            try learner.fit(2, validateEvery: every, callbacks: [ear])
            return (learner, seen)
        }
        let (plain, plainSeen) = try trained(nil)
        let (often, oftenSeen) = try trained(.steps(1))
        #expect(often.recorder.validations.count == 10)
        #expect(bits(often) == bits(plain) && oftenSeen == plainSeen)
        #expect(often.recorder.steps == plain.recorder.steps)
        #expect(often.recorder.epochs.map(\.validLoss) == plain.recorder.epochs.map(\.validLoss))
    }

    @Test func whatAValidationWithinAnEpochMeasuresIsTheModelOfThatMoment() throws {
        let learner = try learner()
        try learner.fit(1, validateEvery: .steps(3))
        let found = try #require(learner.recorder.validations.first)
        let other = try self.learner()
        let stop = Listener { event, learner in
            if event == .afterStep, learner.run.step == 3 { learner.request(.stop("there")) }
        }
        try other.fit(1, callbacks: [stop])
        #expect(try other.validate().loss == found.loss)
    }

    @Test func anEndedPhaseEndsTheValidationAndTheTrainingGoesOn() throws {
        let learner = try learner()
        var starts = 0
        let listener = Listener { event, learner in
            guard event == .beforeValidate, learner.isValidatingWithinEpoch else { return }
            starts += 1
            learner.request(.endPhase)
        }
        try learner.fit(1, validateEvery: .steps(3), callbacks: [listener])
        #expect(starts == 2 && learner.recorder.steps.count == 6 && learner.recorder.epochs.last?.isComplete == true)
        #expect(learner.recorder.validations.isEmpty)
    }

    @Test func aStopWithinSuchAValidationEndsTheFit() throws {
        let learner = try learner()
        let listener = Listener { event, learner in
            if event == .afterLoss, learner.isValidatingWithinEpoch { learner.request(.stop("enough")) }
        }
        let outcome = try learner.fit(2, validateEvery: .steps(2), callbacks: [listener])
        #expect(outcome.description == "stopped by Listener: enough" && learner.progress.step == 2)
        #expect(!learner.isValidatingWithinEpoch)
    }

    @Test func intervalsOutOfRangeAreErrors() throws {
        for interval in [Interval.steps(0), .epochs(-1), .minutes(.nan)] {
            #expect(throws: CallbackError.self) { try self.learner().fit(1, validateEvery: interval) }
        }
        let twice = [ValidateEvery(.steps(1)), ValidateEvery(.steps(2))]
        #expect(throws: CallbackError.self) { try self.learner().fit(1, callbacks: twice) }
        #expect(throws: CallbackError.self) { try Line.learner(valid: 0).fit(1, validateEvery: .steps(1)) }
    }

    // MARK: Rehearsals

    @Test func aRehearsalGoesThroughTwoBatchesOfEverythingAndLeavesNoTrace() throws {
        let learner = try learner()
        var heard: [String] = []
        let ear = Listener { event, learner in
            heard.append(event == .beforeBatch ? moment(event, learner) + (learner.validationSet ?? "") : "\(event)")
        }
        let before = bits(learner)
        let outcome = try learner.rehearse(5, callbacks: [ear])
        #expect(outcome.description == "completed" && bits(learner) == before)
        #expect(learner.progress.microBatch == 0 && learner.progress.step == 0 && learner.progress.elapsed == 0)
        #expect(learner.recorder.steps.isEmpty && learner.recorder.epochs.isEmpty && learner.validation == nil)
        #expect(
            heard.filter { $0.hasPrefix("beforeBatch") } == [
                "beforeBatch train 0", "beforeBatch train 1", "beforeBatch valid 0", "beforeBatch valid 1",
                "beforeBatch valid 0odd", "beforeBatch valid 1odd",
            ])
        #expect(heard.count { $0 == "afterEpoch" } == 1 && heard.suffix(2) == ["afterFit", "teardown"])
    }

    @Test func aFitAfterItsRehearsalIsTheSameFit() throws {
        let (plain, rehearsed) = (try learner(), try learner())
        try plain.fitOneCycle(2, lrMax: 0.01)
        try rehearsed.fitOneCycle(2, lrMax: 0.01, rehearsal: true)
        #expect(bits(plain) == bits(rehearsed) && plain.recorder.steps == rehearsed.recorder.steps)
        #expect(rehearsed.recorder.epochs.count == 2)
    }

    @Test func aRehearsalFindsTheMistakeOfAnEpochsEnd() throws {
        let learner = try learner()
        let thrower = Listener { event, _ in if event == .afterEpoch { throw Oops() } }
        #expect(throws: CallbackError.self) { try learner.fit(3, rehearsal: true, callbacks: [thrower]) }
        #expect(learner.progress.step == 0 && learner.recorder.steps.isEmpty)
        // The next fit is a whole one.
        try learner.fit(1)
        #expect(learner.progress.step == 6)
    }

    @Test func schedulesOfARehearsalAreThoseOfTheWholeFit() throws {
        let learner = try learner()
        var rates: [Double] = []
        let ear = Listener { event, learner in if event == .beforeStep { rates.append(learner.optimizer.learningRate) }
        }
        try learner.fitOneCycle(3, lrMax: 0.01, rehearsal: true, callbacks: [ear, Warmup(.epochs(2))])
        #expect(rates.count == 20 && rates[0] == rates[2] && rates[1] == rates[3])
    }

    @Test func whoReportsOrSavesStaysOutOfARehearsal() throws {
        var text = ""
        let reporter = ProgressReporter(isTerminal: false) { text += $0 }
        let keeper = Listener("Keeper", phase: .persist) { _, _ in text += "kept" }
        let learner = try learner(callbacks: [reporter, keeper])
        try learner.rehearse(1)
        #expect(text.isEmpty)
        try learner.fit(1)
        #expect(text.contains("epoch") && text.contains("kept"))
    }
}

extension Learner {
    /// Whether its dropout is in training mode.
    fileprivate var trainsNow: Bool {
        model.modules.contains { ($0.module as? any TrainingModeDependent)?.isTraining ?? false }
    }
}
