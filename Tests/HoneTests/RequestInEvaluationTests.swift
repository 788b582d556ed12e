import Hone
import Testing

/// Requests in validations and predictions on their own.
@Suite struct RequestInEvaluationTests {
    static let validSites =
        ["beforeValidate 0"] + sites(LoopModel.validPass, "valid") + ["afterValidate 0", "teardown"]
    static let predictPass: [Event] = [.beforeBatch, .afterForward, .afterBatch]
    static let predictSites = ["beforePredict"] + sites(predictPass, "predict") + ["afterPredict", "teardown"]

    static func sites(_ pass: [Event], _ kind: String) -> [String] {
        (0..<2).flatMap { batch in pass.map { "\($0) \(kind) \(batch)" } }
    }

    /// The moments from the clean list that remain when something is asked at one of them.
    static func remaining(_ clean: [String], _ request: Request, at site: String) -> [String] {
        guard let index = clean.firstIndex(of: site), site.contains(" valid ") || site.contains(" predict ")
        else {
            // Around the batches: only before them is there anything to end.
            let ends = site.hasPrefix("before") && request != .skipBatch && request != .skipStep
            return ends ? [site] + clean.suffix(2) : clean
        }
        let batch = site.suffix(1)
        let end = clean[index...].firstIndex { $0.hasPrefix("afterBatch") && $0.hasSuffix(batch) } ?? index
        switch request {
        case .skipStep: return clean
        case .skipBatch: return clean[...index] + (end == index ? [] : [clean[end]]) + clean[(end + 1)...]
        default: return clean[...index] + (end == index ? [] : [clean[end]]) + clean.suffix(2)
        }
    }

    static func moments(_ request: Request, at site: String, _ body: (Learner) throws -> Void) throws -> [String] {
        let learner = try Line.learner()
        var heard: [String] = []
        let asker = Listener("Asker", joins: .all) { event, learner in
            if moment(event, learner) == site { learner.request(request) }
        }
        let ear = Listener("Ear", joins: .all) { event, learner in heard.append(moment(event, learner)) }
        try learner.withCallbacks(asker, ear) { try body(learner) }
        return heard
    }

    @Test(arguments: Request.all) func aValidationActsOnEveryRequest(_ request: Request) throws {
        for site in Self.validSites {
            let heard = try Self.moments(request, at: site) { learner in
                do {
                    _ = try learner.validate()
                } catch LearnerError.nothingMeasured {
                    // It was ended before its first batch was measured.
                }
            }
            #expect(heard == Self.remaining(Self.validSites, request, at: site), "\(request) at \(site)")
        }
    }

    @Test(arguments: Request.all) func aPredictionActsOnEveryRequest(_ request: Request) throws {
        for site in Self.predictSites {
            let heard = try Self.moments(request, at: site) { _ = try $0.predictions() }
            #expect(heard == Self.remaining(Self.predictSites, request, at: site), "\(request) at \(site)")
        }
    }

    @Test func aSkippedBatchIsNotMeasured() throws {
        let learner = try Line.learner()
        let squares = (0..<3).map { index -> Double in
            let difference = Double(Line.start * Line.x[index] - Line.y[index])
            return difference * difference
        }
        #expect(isClose(try learner.validate().loss, squares.reduce(0, +) / 3))
        for event in [Event.beforeBatch, .afterForward, .afterLoss] {
            let asker = Listener(joins: .validate) { heard, learner in
                if heard == event, learner.run.batch == 0 { learner.request(.skipBatch) }
            }
            let result = try learner.withCallbacks(asker) { try learner.validate() }
            #expect(isClose(result.loss, squares[2]))
        }
    }

    @Test func predictionsOfASkippedBatchAreLeftOut() throws {
        let learner = try Line.learner()
        let all = try #require(learner.predictions().first)
        let asker = Listener(joins: .predict) { event, learner in
            if event == .afterForward, learner.run.batch == 0 { learner.request(.skipBatch) }
        }
        let some = try #require(learner.withCallbacks(asker) { try learner.predictions() }.first)
        #expect(all.shape == [3, 1] && some.shape == [1, 1])
        #expect(some.scalars == [all.scalars[2]])
    }

    @Test func aRequestOfOneRunIsForgottenInTheNext() throws {
        let learner = try Line.learner()
        let asker = Listener(joins: .all) { event, learner in
            if event == .teardown || event == .afterFit { learner.request(.stop("late")) }
        }
        learner.add(asker)
        _ = try learner.validate()
        #expect("\(try learner.fit(1))" == "completed")
        #expect("\(try learner.fit(1))" == "completed")
        #expect(learner.progress.epoch == 2)
    }
}
