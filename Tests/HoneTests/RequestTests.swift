import Hone
import Testing

/// Every request at every event, against ``LoopModel``.
@Suite struct RequestTests {
    /// What a run was like in which a callback asked for something at one moment.
    struct Seen {
        var course = Course()
        var learner: Learner
        var outcome = FitOutcome.completed
    }

    static func run(window: Int, epochs: Int = 2, asking asked: [(name: String, request: Request)], at site: Site)
        throws
        -> Seen
    {
        let learner = try Line.learner()
        if window > 1 { learner.add(GradAccumulation(batches: window)) }
        var course = Course()
        for (name, request) in asked {
            learner.add(
                Listener(name) { event, learner in
                    if moment(event, learner) == site.description, learner.run.epoch == 0 { learner.request(request) }
                })
        }
        // It comes after those that ask, so what it hears at the site proves that all hear the event.
        learner.add(
            Listener("Ear") { event, learner in
                course.events.append(moment(event, learner))
                if event == .beforeBatch, learner.isTraining { course.seen += 1 }
                if event == .afterStep { course.didStep.append(learner.didStep) }
                if event == .afterEpoch { course.complete.append(learner.epochIsComplete) }
            })
        let outcome = try learner.fit(epochs)
        return Seen(course: course, learner: learner, outcome: outcome)
    }

    @Test(arguments: Request.all, [1, 2]) func actsAsTheContractSays(_ request: Request, _ window: Int) throws {
        let model = LoopModel(window: window)
        for site in model.sites {
            let expected = model.course(request, at: site)
            let seen = try Self.run(window: window, asking: [("Asker", request)], at: site)
            #expect(seen.course.events == expected.events, "\(request) at \(site)")
            #expect(seen.course.didStep == expected.didStep, "\(request) at \(site)")
            #expect(seen.course.complete == expected.complete, "\(request) at \(site)")
            #expect(seen.course.seen == expected.seen, "\(request) at \(site)")

            let (progress, run) = (seen.learner.progress, seen.learner.run)
            #expect(progress.step == expected.windows.count && run.step == progress.step, "\(request) at \(site)")
            #expect(progress.microBatch == expected.seen && run.microBatch == expected.seen, "\(request) at \(site)")
            #expect(progress.epoch == expected.complete.count, "\(request) at \(site)")
            let (weight, formula) = (Line.weight(of: seen.learner), Line.weight(after: expected.windows))
            #expect(isClose(weight, formula), "\(request) at \(site): \(weight) instead of \(formula)")

            switch seen.outcome {
            case .stopped(let reason, let by):
                #expect(model.isStopped(request, site) && reason == "enough" && by == "Asker", "\(request) at \(site)")
            default:
                #expect(!model.isStopped(request, site) && "\(seen.outcome)" == "completed", "\(request) at \(site)")
            }
        }
    }

    @Test func theModelOfTheLoopTellsTheRequestsApart() {
        // Guards the table above against comparing nothing: the five requests have five courses within a batch.
        let model = LoopModel(window: 1)
        let courses = Request.all.map { model.course($0, at: .train(.afterLoss, 1)).events }
        #expect(Set(courses).count == 5)
        #expect(model.sites.count == 44 && LoopModel(window: 2).sites.count == 41)
    }

    @Test(arguments: Request.all, Request.all)
    func theStrongerOfTwoRequestsWins(_ first: Request, _ second: Request) throws {
        let site = Site.train(.afterLoss, 1)
        let order = Request.all
        let ranks = [first, second].map { order.firstIndex(of: $0) ?? -1 }
        let stronger = ranks[1] > ranks[0] ? second : first
        let both = try Self.run(window: 1, asking: [("A", first), ("B", second)], at: site)
        #expect(both.course.events == LoopModel(window: 1).course(stronger, at: site).events)
        if case .stopped(_, let by) = both.outcome { #expect(by == (ranks[1] > ranks[0] ? "B" : "A")) }
    }

    @Test func ofTwoStopsTheFirstIsTheReason() throws {
        let seen = try Self.run(
            window: 1, asking: [("A", .stop("one")), ("B", .stop("two"))], at: .train(.afterBatch, 0))
        #expect("\(seen.outcome)" == "stopped by A: one")
    }

    @Test func aRequestOutsideOfARunIsIgnored() throws {
        let learner = try Line.learner()
        let model = LoopModel(window: 1)
        for request in Request.all { learner.request(request) }
        #expect(try moments(learner) { try learner.fit(2) } == model.clean().events)
        for request in Request.all { learner.request(request) }
        #expect(try moments(learner) { try learner.fit(2) } == model.clean().events)
    }

    @Test func skippingTheLastBatchStepsTheOpenWindowWithWhatItHas() throws {
        // Batches 0 and 1 make a window, 2 would be in one with nothing else: four batches to a window leave all open.
        let seen = try Self.run(window: 4, epochs: 1, asking: [("A", .skipBatch)], at: .train(.afterLoss, 2))
        #expect(seen.learner.progress.step == 1)
        #expect(isClose(Line.weight(of: seen.learner), Line.weight(after: [[0, 1]])))
    }

    @Test func aSkippedBatchLeavesTheParametersOfARunWithoutIt() throws {
        for window in 1...2 {
            let seen = try Self.run(window: window, epochs: 1, asking: [("A", .skipBatch)], at: .train(.afterLoss, 2))
            // The same first four samples without the fifth.
            let short = try TensorDataset(
                Tensor(Array(Line.x.prefix(4)), shape: [4, 1]), Tensor(Array(Line.y.prefix(4)), shape: [4, 1]))
            let layer = Linear(1, 1, bias: false)
            layer.weight.value = Tensor([Line.start], shape: [1, 1])
            let loaders = try DataLoaders(
                train: DataLoader(short, batchSize: 2), valid: DataLoader(short, batchSize: 2))
            let other = Learner(
                loaders, model: Sequential(layer), loss: MeanSquaredError(), optimizer: SGD(learningRate: Line.rate),
                callbacks: [GradAccumulation(batches: window)], handlesInterrupt: false)
            try other.quietly { try other.fit(1) }
            #expect(bits(seen.learner) == bits(other))
        }
    }

    @Test func aSkippedBatchIsInNoMeanOfLosses() throws {
        let seen = try Self.run(window: 1, epochs: 1, asking: [("A", .skipBatch)], at: .train(.afterLoss, 1))
        let rows = seen.learner.recorder.steps
        #expect(rows.count == 2)
        let counts = [2.0, 1.0]
        let mean = zip(rows, counts).map { $0.loss * $1 }.reduce(0, +) / 3
        #expect(isClose(seen.learner.epochLoss, mean))
    }

    @Test func aDroppedWindowIsNotInTheNextStepsLoss() throws {
        let plain = try Line.learner()
        try plain.fit(1)
        // The first window of two is dropped; the second is the last batch alone, at the first weight.
        let seen = try Self.run(window: 2, epochs: 1, asking: [("A", .skipStep)], at: .train(.afterBackward, 0))
        let row = try #require(seen.learner.recorder.steps.first)
        let difference = Double(Line.start * Line.x[4] - Line.y[4])
        #expect(seen.learner.recorder.steps.count == 1)
        #expect(isClose(row.loss, difference * difference))
    }

    @Test func schedulesDoNotMoveWithASkippedStep() throws {
        let learner = try Line.learner()
        var rates: [Double] = []
        learner.add(
            ParameterScheduler([.learningRate: .linear(from: 1, to: 0)]),
            Listener { event, learner in
                if event == .beforeStep, learner.run.batch == 1 { learner.request(.skipStep) }
                if event == .afterStep { rates.append(learner.optimizer.learningRate) }
            })
        try learner.fit(2)
        // The second batch of an epoch is skipped, so its rate comes again.
        let sixths = [6.0, 5, 5, 4, 3, 3]
        #expect(zip(rates, sixths).allSatisfy { isClose($0, $1 / 6) })
        #expect(learner.run.step == 4)
    }

    @Test func askedByTheModelItselfAStopNamesNoCallback() throws {
        final class Tired: Learner {
            override func forward(_ batch: Batch) throws -> [Tensor] {
                request(.stop("tired"))
                return try super.forward(batch)
            }
        }
        let plain = try Line.learner()
        let learner = Tired(
            plain.data, model: plain.model, loss: MeanSquaredError(), optimizer: SGD(), handlesInterrupt: false)
        let outcome = try learner.quietly { try learner.fit(1) }
        #expect("\(outcome)" == "stopped by the model: tired")
    }
}
