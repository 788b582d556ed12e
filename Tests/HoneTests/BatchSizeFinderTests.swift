import Hone
import Testing

/// The search for a batch size.
@Suite struct BatchSizeFinderTests {
    @Test func itDoublesUntilTheMemoryWouldBePassed() throws {
        let learner = try Points.learner(batchSize: 8)
        let all = try learner.findBatchSize(memory: 1 << 30, from: 2)
        // 48 points.
        #expect(all.trials.map(\.batchSize) == [2, 4, 8, 16, 32] && all.largest == 32 && all.suggestion == 32)
        #expect(zip(all.trials, all.trials.dropFirst()).allSatisfy { $0.peakBytes < $1.peakBytes })
        // Memory grows by a constant amount a sample, up to the rounding of single blocks.
        let slopes = zip(all.trials, all.trials.dropFirst()).map {
            Double($1.peakBytes - $0.peakBytes) / Double($1.batchSize - $0.batchSize)
        }
        #expect(slopes.allSatisfy { $0 > 32 && $0 < 2000 }, "\(slopes)")
        let budget = all.trials[3].peakBytes * 5 / 4
        let bounded = try learner.findBatchSize(memory: budget, from: 2)
        #expect(budget < all.trials[4].peakBytes && bounded.largest == 16)
        #expect(bounded.trials.map(\.peakBytes) == all.trials.prefix(4).map(\.peakBytes))
        #expect(try learner.findBatchSize(memory: 1 << 30, from: 2, upTo: 7).largest == 4)
        #expect("\(all)".contains("MiB") && all.noise == nil)
    }

    @Test func itLeavesNoTrace() throws {
        let learner = try Points.learner(batchSize: 8)
        let plain = try Points.learner(batchSize: 8)
        for learner in [learner, plain] { try learner.fit(1) }
        let (progress, steps) = (learner.progress, learner.recorder.steps)
        _ = try learner.findBatchSize(memory: 1 << 30, noiseSteps: 4)
        #expect(learner.progress == progress && learner.recorder.steps == steps && bits(learner) == bits(plain))
        for learner in [learner, plain] { try learner.fit(1) }
        #expect(bits(learner) == bits(plain))
    }

    @Test func theNoiseScaleBoundsTheSuggestion() throws {
        let learner = try Points.learner(dropout: 0, batchSize: 24)
        let search = try learner.findBatchSize(memory: 1 << 30, from: 2, noiseSteps: 30)
        let noise = try #require(search.noise)
        let scale = try #require(noise.value)
        #expect(search.suggestion == [2, 4, 8, 16, 32].last { Double($0) <= max(2, scale) })
        #expect("\(search)".contains("noise scale: "))
    }

    @Test func badArgumentsAreRefused() throws {
        let learner = try Points.learner()
        #expect(throws: LearnerError.self) { try learner.findBatchSize(memory: 0) }
        #expect(throws: LearnerError.self) { try learner.findBatchSize(memory: 1 << 30, from: 0) }
        #expect(throws: LearnerError.self) { try learner.findBatchSize(memory: 1 << 30, from: 100) }
        #expect(throws: LearnerError.self) { try learner.findBatchSize(memory: 1 << 30, noiseSteps: -1) }
        let error = try #require(throws: LearnerError.self) { try learner.findBatchSize(memory: 64) }
        #expect("\(error)" == "findBatchSize memory is 64 bytes, expected enough for batches of 8")
    }

    @Test func aFinderMayBeDerivedFrom() throws {
        final class Mine: BatchSizeFinder {
            var calls = 0
            override func afterBatch(_ learner: Learner) throws {
                calls += 1
                try super.afterBatch(learner)
            }
        }
        // It joins any trial, and ends it after two steps.
        let finder = Mine(batchSize: 4)
        let learner = try Points.learner(batchSize: 8)
        let sweep = try learner.withCallbacks(finder) { try learner.lrFind(steps: 6) }
        #expect(finder.calls == 2 && sweep.losses.count == 2 && finder.peakBytes > 0)
    }
}
