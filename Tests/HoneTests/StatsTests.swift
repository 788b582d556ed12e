import Foundation
import Hone
import Testing

@Suite struct ActivationStatsTests {
    /// A layer that gives known numbers, whatever comes in.
    private final class Known: Module {
        static let values: [Float] = [-3, -0.05, 0.04, 0, 1.5, 2.5, 25, 9.99]
        func forward(_ x: Tensor) -> Tensor {
            Tensor(Known.values, shape: [2, 4]) + x.sum() * 0
        }
    }

    private func learner(_ stats: ActivationStats) throws -> Learner {
        let x = Tensor.ones([4, 2])
        let data = try TensorDataset(x, .zeros([4, 3]))
        let learner = Learner(
            try DataLoaders(train: data, valid: data, batchSize: 2, validBatchSize: 2),
            model: Sequential(Known(), Linear(4, 3), ReLU()),
            loss: MeanSquaredError(), optimizer: SGD(), callbacks: [stats])
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    @Test func figuresAreThoseOfTheOutputs() throws {
        let stats = ActivationStats(bins: 5)
        try learner(stats).fit(1, lr: 0.1)
        let row = try #require(stats.rows.first { $0.layer == "0" })
        let values = Known.values.map(Double.init)
        let mean = values.reduce(0, +) / 8
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8
        #expect(isClose(row.mean, mean) && isClose(row.deviation, variance.squareRoot()))
        #expect(row.nearZero == 3.0 / 8)
        // Magnitudes in twos: 0.05, 0.04, 0, 1.5; 3, 2.5; none; none; 9.99 and 25, which is beyond.
        #expect(row.histogram == [4, 2, 0, 0, 2])
    }

    @Test func everyInnermostLayerIsSeenAtItsCadenceInTrainingAlone() throws {
        let stats = ActivationStats(every: .steps(2))
        try learner(stats).fit(3, lr: 0.1)
        #expect(stats.rows.map(\.layer) == ["0", "1", "2", "0", "1", "2", "0", "1", "2"])
        #expect(stats.rows.map(\.step) == [0, 0, 0, 2, 2, 2, 4, 4, 4])
        let chosen = ActivationStats { path, _ in path == "2" }
        try learner(chosen).fit(1, lr: 0.1)
        #expect(chosen.rows.map(\.layer) == ["2", "2"] && chosen.seenLayers == ["2"])
    }

    @Test func lookingChangesNothing() throws {
        let (seen, unseen) = (try Points.learner(callbacks: [ActivationStats()]), try Points.learner())
        try seen.fit(2)
        try unseen.fit(2)
        withExtendedLifetime((seen, unseen)) {
            #expect(zip(seen.arena.values, unseen.arena.values).allSatisfy { isClose(Double($0), Double($1)) })
        }
    }

    @Test func theChartsShowTheRows() throws {
        let stats = ActivationStats(bins: 5)
        try learner(stats).fit(2, lr: 0.1)
        let grid = stats.plot()
        #expect(grid.charts.map(\.title) == ["Mean", "Deviation", "Share near zero"])
        #expect(
            grid.charts[0].series.count == 3
                && grid.charts[0].series[1].y == stats.rows.filter { $0.layer == "1" }.map(\.mean))
        let map = stats.plotHistograms(of: "0")
        #expect(map.series.count == 1 && map.series[0].x == [0, 1, 2, 3] && map.series[0].y == [1, 3, 5, 7, 9])
        #expect(map.svg().contains("magnitude") && stats.plotHistograms(of: "none").series.isEmpty)
    }

    @Test func badArgumentsAreErrorsAtTheStart() throws {
        for bad in [
            ActivationStats(every: .steps(-1)), ActivationStats(bins: 0), ActivationStats(reach: 0),
            ActivationStats(nearZero: -1), ActivationStats { _, _ in false },
        ] {
            let learner = try learner(bad)
            #expect(throws: CallbackError.self) { try learner.fit(1) }
            #expect(learner.progress.microBatch == 0)
        }
    }
}

@Suite struct GradientStatsTests {
    @Test func normsAndUpdatesAreThoseOfTheFormula() throws {
        let stats = GradientStats(every: .steps(1))
        let learner = try Line.learner(callbacks: [stats])
        try learner.fit(1)
        var windows: [[Int]] = []
        for (batch, row) in stats.rows.enumerated() {
            let before = Line.weight(after: windows)
            windows.append([batch])
            let change = Line.weight(after: windows) - before
            #expect(row.step == batch + 1 && row.name == "0.weight")
            #expect(isClose(row.gradientNorm, abs(change) / Line.rate) && isClose(row.weightNorm, abs(before)))
            #expect(isClose(row.updateRatio, abs(change / before), 1e-5))
        }
        #expect(stats.rows.count == 3)
    }

    @Test func groupsAndCadenceAreHeeded() throws {
        let stats = GradientStats(.groups, every: .steps(3))
        let parameters = GradientStats(.parameters, every: .steps(3))
        let learner = try Points.learner(callbacks: [stats, parameters], groups: .startingAt(["3"]))
        try learner.fit(1)
        #expect(stats.rows.map(\.name) == ["group 0", "group 1", "group 0", "group 1"])
        #expect(stats.rows.map(\.step) == [1, 1, 4, 4])
        // The squares of a group are those of its parameters.
        let first = parameters.rows.filter { $0.step == 1 }
        #expect(first.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"])
        let squares = first.prefix(2).reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
        #expect(isClose(stats.rows[0].gradientNorm, squares.squareRoot()))
        #expect(stats.plotGradientNorms().series.count == 2 && stats.plotUpdateRatios().series.count == 3)
    }

    @Test func frozenParametersAndSkippedStepsHaveNoRows() throws {
        let stats = GradientStats(every: .steps(1))
        let learner = try Points.learner(callbacks: [stats])
        learner.arena.entries[0].parameter.isTrainable = false
        learner.add(
            Listener { event, learner in
                if event == .beforeStep, learner.run.microBatch == 1 { learner.request(.skipStep) }
            })
        try learner.fit(1)
        #expect(!stats.rows.contains { $0.name == "0.weight" })
        // The skipped step has taken its turn with it.
        #expect(Set(stats.rows.map(\.step)) == [1, 3, 4, 5])
    }
}

@Suite struct ThroughputTests {
    @Test func samplesAndTimeAreCountedInTrainingAlone() throws {
        let throughput = Throughput()
        let learner = try Points.learner(callbacks: [throughput])
        learner.add(
            Listener { event, learner in
                if event == .beforeValidate { Thread.sleep(forTimeInterval: 0.3) }
            })
        try learner.fit(2)
        #expect(throughput.samples == 96 && throughput.epochs.count == 2)
        #expect(throughput.seconds > 0 && throughput.seconds < learner.elapsedInRun - 0.6)
        #expect(throughput.samplesPerSecond > 0 && throughput.epochs.allSatisfy { $0 > 0 })
        #expect(throughput.secondsLeft == 0 && throughput.shareOfPeak == nil && throughput.peak == nil)
    }

    @Test func aValidationAmidAnEpochIsNoTraining() throws {
        let throughput = Throughput()
        let learner = try Points.learner(callbacks: [throughput, ValidateEvery(.steps(2))])
        var pauses = 0
        learner.add(
            Listener { event, learner in
                guard event == .beforeValidate else { return }
                pauses += 1
                Thread.sleep(forTimeInterval: 0.3)
            })
        try learner.fit(1)
        #expect(pauses == 3 && throughput.samples == 48)
        #expect(throughput.seconds > 0 && throughput.seconds < learner.elapsedInRun - 0.9)
    }

    @Test func theTimeLeftFollowsTheShareThatIsDone() throws {
        let throughput = Throughput()
        let learner = try Points.learner(callbacks: [throughput])
        var left: [(estimate: Double, elapsed: Double)] = []
        learner.add(
            Listener(phase: .persist) { event, learner in
                guard event == .afterEpoch, let seconds = throughput.secondsLeft else { return }
                left.append((seconds, learner.elapsedInRun))
            })
        try learner.fit(4)
        // A quarter done: three times as long again, as of a moment before the hook.
        #expect(left.count == 4 && left[0].estimate > 0 && left[0].estimate <= 3 * left[0].elapsed)
        #expect(left[3].estimate == 0)
    }

    @Test func theShareOfThePeakIsThatOfThreePasses() throws {
        let throughput = Throughput(multiplyAdds: 100, peak: 1e6)
        try Points.learner(callbacks: [throughput]).fit(1)
        let share = try #require(throughput.shareOfPeak)
        #expect(isClose(share, 6 * 100 * throughput.samplesPerSecond / 1e6))
        let measured = Throughput(multiplyAdds: 100)
        try Points.learner(callbacks: [measured]).fit(1)
        #expect(measured.peak ?? 0 > 1e6 && measured.shareOfPeak ?? 0 > 0)
        for bad in [Throughput(multiplyAdds: 0), Throughput(multiplyAdds: 1, peak: .infinity)] {
            let learner = try Points.learner(callbacks: [bad])
            #expect(throws: CallbackError.self) { try learner.fit(1) }
        }
    }
}

@Suite struct PlainStateTests {
    private final class Holder: LearnerCallback {
        @RunState var floats: [Float] = []
        @RunState var doubles: [Double] = []
        @RunState var bytes = Data()
        @RunState var text = ""
        func append(_ value: Float) { _floats.modify { $0.append(value) } }
    }

    @Test func rowsOfNumbersComeBackBitForBit() throws {
        let holder = Holder()
        let learner = try Line.learner(callbacks: [holder])
        holder.floats = [1, -0.0, .infinity, Float(bitPattern: 0x7FC0_1234), .leastNonzeroMagnitude]
        holder.doubles = [.nan, Double.leastNonzeroMagnitude, -.infinity, 0.1]
        holder.bytes = Data([0, 255, 91])
        holder.text = "[1]"
        let (floats, doubles) = (holder.floats.map(\.bitPattern), holder.doubles.map(\.bitPattern))
        let snapshot = try learner.snapshot()
        (holder.floats, holder.doubles, holder.bytes, holder.text) = ([], [], Data(), "")
        try learner.restore(snapshot)
        #expect(holder.floats.map(\.bitPattern) == floats && holder.doubles.map(\.bitPattern) == doubles)
        #expect(holder.bytes == Data([0, 255, 91]) && holder.text == "[1]")
        (holder.floats, holder.doubles, holder.bytes) = ([], [], Data())
        let empty = try learner.snapshot()
        holder.floats = [1]
        try learner.restore(empty)
        #expect(holder.floats.isEmpty && holder.doubles.isEmpty && holder.bytes.isEmpty)
    }

    @Test func aStateIsChangedInPlace() throws {
        let holder = Holder()
        let learner = try Line.learner(callbacks: [holder])
        holder.floats = [1, 2, 3]
        _ = try learner.snapshot()
        holder.append(4)
        #expect(holder.floats == [1, 2, 3, 4])
    }
}

@Suite struct ObservingForwardTests {
    @Test func anObserverSeesOneBatchAlone() throws {
        let learner = try Points.learner()
        var seen: [String] = []
        learner.add(
            Listener { event, learner in
                guard event == .beforeBatch, learner.isTraining, learner.run.batch % 2 == 0 else { return }
                let batch = learner.run.batch
                if batch == 2 { learner.request(.skipBatch) }
                learner.observeForward { seen.append("\(batch) \($0.path ?? "?")") }
            })
        try learner.fit(1)
        let layers = ["0", "1", "2", "3", ""]
        #expect(seen == layers.map { "0 \($0)" } + layers.map { "4 \($0)" })
    }

    @Test func validationsAndPredictionsAreSeenToo() throws {
        let learner = try Points.learner()
        var calls = 0
        learner.add(
            Listener(joins: .all) { event, learner in
                if event == .beforeBatch { learner.observeForward { _ in calls += 1 } }
            })
        _ = try learner.validate()
        #expect(calls == 2 * 5)
        _ = try learner.predictions()
        #expect(calls == 4 * 5)
        learner.observeForward { _ in calls += 1000 }
        learner.removeCallbacks(of: Listener.self)
        _ = try learner.validate()
        #expect(calls == 4 * 5, "outside of a run there is nothing to see")
    }
}
