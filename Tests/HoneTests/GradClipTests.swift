import Hone
import Testing

/// The loop's clip stage and its handle.
@Suite struct GradClipTests {
    /// The gradients at an event of the first step.
    private func gradients(_ learner: Learner, at place: Event = .beforeStep) throws -> [Double] {
        var found: [Double] = []
        let listener = Listener { event, learner in
            if event == place, learner.run.step == 0 { found = learner.arena.gradients.map(Double.init) }
        }
        try learner.withCallbacks(listener) { try learner.fit(1) }
        return found
    }

    private func norm(_ values: some Sequence<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    @Test(arguments: [0.01, 0.3, 100]) func theWholeGradientIsScaledToTheNorm(_ limit: Double) throws {
        let clip = GradClip(maxNorm: limit)
        let free = try gradients(AccumulationTests.learner(batchSize: 9))
        let clipped = try gradients(AccumulationTests.learner(batchSize: 9, callbacks: [clip]))
        let length = norm(free)
        let factor = min(1, limit / length)
        #expect(zip(free, clipped).allSatisfy { isClose($0 * factor, $1) })
        #expect(isClose(try #require(clip.norm), length))
        #expect(clip.clippedSteps == (limit < length ? 1 : 0))
    }

    @Test func everyElementIsMovedIntoTheInterval() throws {
        let free = try gradients(AccumulationTests.learner(batchSize: 9))
        let clipped = try gradients(AccumulationTests.learner(batchSize: 9, callbacks: [GradClip(value: 0.05)]))
        #expect(free.contains { abs($0) > 0.05 } && free.contains { $0 != 0 && abs($0) < 0.05 })
        #expect(zip(free, clipped).allSatisfy { Double(Float(max(-0.05, min(0.05, $0)))) == $1 })
    }

    @Test func adaptiveClippingIsByUnit() throws {
        func learner(_ callbacks: [any Callback]) throws -> Learner {
            try AccumulationTests.learner(batchSize: 9, callbacks: callbacks)
        }
        let ratio = 0.1
        let free = try gradients(learner([]))
        let clipped = try gradients(learner([GradClip(adaptive: ratio, excluding: ["2.bias"])]))
        let reference = try learner([])
        var (limited, untouched) = (0, 0)
        for entry in reference.arena.entries {
            let shape = entry.parameter.shape
            let units = shape.rank > 1 ? shape[0] : 1
            let values = entry.parameter.value.scalars.map(Double.init)
            let length = values.count / units
            for unit in 0..<units {
                let range = entry.range.lowerBound + unit * length..<entry.range.lowerBound + (unit + 1) * length
                let (size, weight) = (norm(free[range]), norm(values[unit * length..<(unit + 1) * length]))
                let limit = ratio * max(weight, 1e-3)
                let factor = entry.name == "2.bias" || size <= limit ? 1 : limit / size
                if factor < 1 { limited += 1 } else { untouched += 1 }
                #expect(zip(free[range], clipped[range]).allSatisfy { isClose($0 * factor, $1) }, "\(entry.name)")
            }
        }
        #expect(limited > 0 && untouched > 0)
    }

    // The last window of an epoch is short for 2 × 2 and 2 × 4, with a short batch in it.
    @Test(arguments: [(3, 3), (2, 2), (2, 4)]) func aWindowIsClippedAsOneLargeBatch(_ batch: Int, _ count: Int) throws {
        for makeClip in [{ GradClip(maxNorm: 0.1) }, { GradClip(value: 0.02) }, { GradClip(adaptive: 0.02) }] {
            let many = try AccumulationTests.learner(
                batchSize: batch, callbacks: [GradAccumulation(batches: count), makeClip()])
            let one = try AccumulationTests.learner(batchSize: batch * count, callbacks: [makeClip()])
            let free = try AccumulationTests.learner(batchSize: batch * count)
            for learner in [many, one, free] { try learner.fit(3) }
            AccumulationTests.expectSame(many, one, "\(count) × \(batch)")
            #expect(bits(one) != bits(free))
        }
    }

    @Test func gradientsReadySeesTheGradientBeforeItIsClipped() throws {
        let free = try gradients(AccumulationTests.learner(batchSize: 9), at: .gradientsReady)
        let seen = try gradients(
            AccumulationTests.learner(batchSize: 9, callbacks: [GradClip(maxNorm: 0.01)]), at: .gradientsReady)
        #expect(free == seen)
    }

    @Test func twoClippersAreRefused() throws {
        let learner = try AccumulationTests.learner(batchSize: 9, callbacks: [GradClip(), GradClip(value: 1)])
        let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
        #expect("\(error.underlying)" == "GradClip and GradClip#2 both set the loop's clipping; remove one")
        learner.remove(learner.callbacks[1])
        #expect("\(try learner.fit(1))" == "completed")
    }

    @Test func badLimitsAreRefused() throws {
        let bad = [
            GradClip(maxNorm: 0), GradClip(maxNorm: .nan), GradClip(value: -1), GradClip(adaptive: 0),
            GradClip(adaptive: 1, epsilon: 0), GradClip(adaptive: 1, excluding: ["nothing"]),
        ]
        for clip in bad {
            let learner = try AccumulationTests.learner(batchSize: 9, callbacks: [clip])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("GradClip "))
        }
    }

    @Test func aGradientThatIsNotFiniteIsLeftAsItIs() throws {
        let learner = try AccumulationTests.learner(batchSize: 9, callbacks: [GradClip()])
        learner.add(
            Listener { event, learner in
                if event == .gradientsReady { learner.arena.gradients[0] = .infinity }
                if event == .beforeStep {
                    #expect(learner.gradientNorm == .infinity && learner.arena.gradients[0] == .infinity)
                    #expect(learner.arena.gradients[1].isFinite)
                    learner.request(.skipStep)
                }
            })
        try learner.fit(1)
        withExtendedLifetime(learner) {
            #expect(learner.arena.values.allSatisfy { $0.isFinite })
        }
    }
}
