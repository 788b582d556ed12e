import Hone
import Testing

/// What happens when something throws in a run.
@Suite struct FailureTests {
    /// Events of a fit, and those of a prediction.
    static let ofFit = Event.allCases.filter { $0 != .beforePredict && $0 != .afterPredict }

    /// Three callbacks around one that throws; all throw again when they are torn down, if asked to.
    struct Scene {
        let learner: Learner
        let log = Log()

        init(throwsAt event: Event, joins: RunKinds = .fit, alsoInTeardown: Bool = false) throws {
            learner = try Line.learner()
            let log = log
            for name in ["First", "Thrower", "Last"] {
                learner.add(
                    Listener(name, joins: joins) { heard, _ in
                        log.lines.append("\(heard) \(name)")
                        if name == "Thrower", heard == event { throw Oops() }
                        if heard == .teardown, alsoInTeardown { throw Oops() }
                    })
            }
        }
    }

    /// What comes from the first of `event` on.
    static func tail(_ lines: [String], from event: Event) -> [String] {
        Array(lines.drop { $0 != "\(event) First" && !($0.hasPrefix("teardown")) })
    }

    @Test(arguments: ofFit) func aThrowingHookEndsTheRunAndTearsAllDownInReverse(_ event: Event) throws {
        for alsoInTeardown in [false, true] {
            let scene = try Scene(throwsAt: event, alsoInTeardown: alsoInTeardown)
            let error = try #require(throws: CallbackError.self) { try scene.learner.fit(2) }
            let teardown = ["teardown Last", "teardown Thrower", "teardown First"]
            let expected = event == .teardown ? teardown : ["\(event) First", "\(event) Thrower"] + teardown
            #expect(Self.tail(scene.log.lines, from: event) == expected)
            let blamed = event == .teardown && alsoInTeardown ? "Last" : "Thrower"
            #expect(error.callback == blamed && error.event == event && error.underlying is Oops)
        }
    }

    @Test(arguments: ofFit) func theErrorSaysWhere(_ event: Event) throws {
        // It throws when the event comes in the second epoch; by then three steps are behind it, or more.
        let learner = try Line.learner()
        let late: [Event] = [.afterTrain, .beforeValidate, .afterValidate, .afterEpoch]
        let thrower = Listener("Thrower") { heard, learner in
            if heard == event, learner.run.epoch > 0 || event == .beforeFit { throw Oops() }
        }
        let error = try #require(throws: CallbackError.self) {
            try learner.withCallbacks(thrower) { try learner.fit(2) }
        }
        let ended = event == .afterFit || event == .teardown
        let (epoch, step) = event == .beforeFit ? (0, 0) : ended ? (2, 6) : (1, late.contains(event) ? 6 : 3)
        // After the epoch's first step that is counted, too.
        let isAfterStep = event == .afterStep || event == .afterBatch
        #expect(error.epoch == epoch && error.step == (isAfterStep ? 4 : step))
        #expect("\(error)" == "Thrower in \(event.rawValue), epoch \(error.epoch), step \(error.step): oops")
        #expect(error.localizedDescription == error.description)
    }

    @Test(arguments: [Event.beforeValidate, .afterForward, .afterLoss, .afterValidate, .teardown])
    func aThrowingHookEndsAValidation(_ event: Event) throws {
        let scene = try Scene(throwsAt: event, joins: .validate)
        let error = try #require(throws: CallbackError.self) { try scene.learner.validate() }
        #expect(error.event == event)
        #expect(scene.log.lines.suffix(3) == ["teardown Last", "teardown Thrower", "teardown First"])
        #expect(try scene.learner.withoutCallbacks(Listener.self) { try scene.learner.validate().loss.isFinite })
    }

    @Test(arguments: [Event.beforePredict, .beforeBatch, .afterForward, .afterBatch, .afterPredict, .teardown])
    func aThrowingHookEndsAPrediction(_ event: Event) throws {
        let scene = try Scene(throwsAt: event, joins: .predict)
        let error = try #require(throws: CallbackError.self) { try scene.learner.predictions() }
        #expect(error.event == event)
        #expect(scene.log.lines.suffix(3) == ["teardown Last", "teardown Thrower", "teardown First"])
    }

    @Test func teardownIsToldWhyAndAfterFitIsNot() throws {
        let learner = try Line.learner()
        var heard: [Event] = []
        let watcher = Listener("Watcher") { event, _ in
            if event == .afterFit || event == .teardown { heard.append(event) }
        }
        learner.add(watcher, Listener("Thrower") { event, _ in if event == .afterTrain { throw Oops() } })
        _ = try? learner.fit(1)
        #expect(heard == [.teardown])
        guard case .failed(let error as CallbackError) = watcher.outcome else {
            Issue.record("teardown was told \(String(describing: watcher.outcome))")
            return
        }
        #expect(error.callback == "Thrower" && error.underlying is Oops)
    }

    @Test func aTeardownThatThrowsAfterACompletedRunIsTheError() throws {
        let learner = try Line.learner()
        learner.add(Listener("Thrower") { event, _ in if event == .teardown { throw Oops() } })
        let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
        #expect(error.event == .teardown && error.step == 3)
        #expect(!learner.isRunning)
    }

    /// A loss of the tests' own, told apart by its number.
    private struct Numbered: Loss {
        let number: Int
        func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
            MeanSquaredError().evaluate(prediction, target)
        }
    }

    @Test func whatWasReplacedIsPutBack() throws {
        for fails in [false, true] {
            let learner = try Line.learner(loss: Numbered(number: 0))
            var seen: [Int] = []
            learner.add(
                Listener("Changer") { event, learner in
                    if event == .beforeFit { learner.replace(\.lossFunction, with: Numbered(number: 1)) }
                    if event == .beforeTrain { learner.replace(\.lossFunction, with: Numbered(number: 2)) }
                    if event == .afterTrain || event == .teardown {
                        seen.append((learner.lossFunction as? Numbered)?.number ?? -1)
                    }
                    if event == .afterTrain, fails { throw Oops() }
                })
            _ = try? learner.fit(1)
            #expect(seen == [2, 2], "it lasts until the callbacks are torn down")
            #expect((learner.lossFunction as? Numbered)?.number == 0)
        }
    }

    @Test func whatIsReplacedBetweenRunsLastsForTheNext() throws {
        let learner = try Line.learner(loss: Numbered(number: 0))
        learner.replace(\.lossFunction, with: Numbered(number: 1))
        var seen: [Int] = []
        learner.add(
            Listener { event, learner in
                if event == .beforeFit { seen.append((learner.lossFunction as? Numbered)?.number ?? -1) }
            })
        for _ in 0..<2 { try learner.fit(0) }
        #expect(seen == [1, 0])
    }

    @Test(arguments: ofFit) func aFailureLeavesALearnerThatTrainsLikeAFreshOne(_ event: Event) throws {
        let learner = try Points.learner()
        try learner.fit(1)
        var batches = 0
        let thrower = Listener("Thrower") { heard, learner in
            if heard == .afterBatch { batches += 1 }
            if heard == event, batches > 2 || learner.run.batch == 0 { throw Oops() }
        }
        #expect(throws: CallbackError.self) { try learner.withCallbacks(thrower) { try learner.fit(1) } }
        #expect(!learner.isRunning && !learner.isTraining && learner.batch.inputs.isEmpty)
        for (_, parameter) in learner.model.parameters {
            #expect(parameter.gradient.scalars.allSatisfy { $0 == 0 })
        }
        let fresh = try Points.learner()
        try fresh.restore(try learner.snapshot())
        try learner.fit(1)
        try fresh.fit(1)
        #expect(bits(learner) == bits(fresh))
        #expect(learner.progress.step == fresh.progress.step)
    }

    @Test func aShapeMistakeInTheModelNamesTheLayer() throws {
        let learner = try Points.learner(model: Sequential(Linear(6, 64), ReLU(), Linear(128, 10)))
        let words = "Sequential.2 (Linear 128→10): input has 64 features, expected 128"
        let ofFit = try #require(throws: TensorError.self) { try learner.fit(1) }
        let ofValidation = try #require(throws: TensorError.self) { try learner.validate() }
        let ofPrediction = try #require(throws: TensorError.self) { try learner.predictions() }
        #expect([ofFit, ofValidation, ofPrediction].map(\.description) == [words, words, words])
    }

    @Test func anErrorOfTheDataComesAsItIs() throws {
        struct Broken: Dataset {
            let whole: TensorDataset
            var count: Int { whole.count }
            func batch(_ indices: [Int]) throws -> Batch {
                if indices.contains(11) { throw Oops() }
                return try whole.batch(indices)
            }
        }
        let broken = Broken(whole: try Points.dataset())
        let learner = Learner(
            try DataLoaders(train: broken, valid: broken, batchSize: 8), model: Sequential(Linear(6, 3)),
            loss: CrossEntropy(), handlesInterrupt: false)
        var isTornDown = false
        let listener = Listener { event, _ in if event == .teardown { isTornDown = true } }
        learner.removeCallbacks(of: ProgressReporter.self)
        #expect(throws: Oops.self) { try learner.withCallbacks(listener) { try learner.fit(1) } }
        #expect(throws: Oops.self) { try learner.validate() }
        #expect(isTornDown)
    }

    @Test func aTensorMistakeInAHookIsTheCallbacks() throws {
        for event in [Event.afterForward, .beforeBackward, .afterEpoch, .afterFit, .teardown] {
            for throwsToo in [false, true] {
                let learner = try Line.learner()
                learner.add(
                    Listener("Clumsy") { heard, _ in
                        guard heard == event else { return }
                        _ = Tensor.ones([2]).matmul(Tensor.ones([3, 3]))
                        if throwsToo { throw Oops() }
                    })
                let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
                #expect(error.callback == "Clumsy" && error.event == event)
                // The mistake came first, so it is the cause.
                #expect(error.underlying is TensorError)
            }
        }
    }

    @Test func aPlanThatCannotRunTearsNothingDown() throws {
        let learner = try Line.learner()
        var heard: [Event] = []
        learner.add(Listener { event, _ in heard.append(event) })
        learner.add(ParameterScheduler([.learningRate: .constant(1)]), OneCycle(lrMax: 1))
        #expect(throws: CallbackPlanError.self) { try learner.fit(1) }
        #expect(heard.isEmpty && !learner.isRunning)
    }
}
