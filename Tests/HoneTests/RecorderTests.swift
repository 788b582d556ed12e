import Foundation
import Hone
import Testing

@Suite struct RecorderTests {
    @Test func aHistoryOfWhatIsNoNumberCanBeEncoded() throws {
        let values = [Double.nan, .infinity]
        let learner = try Line.learner(valid: 2, optimizer: SGD(learningRate: 1e38), metrics: [Scripted(values)])
        let skipper = Listener { event, learner in
            if event == .beforeEpoch, learner.run.epoch == 3 { learner.request(.endEpoch) }
        }
        try learner.fit(4, validateEvery: .steps(2), callbacks: [skipper])
        let history = learner.recorder.history
        #expect(history.steps.contains { !$0.loss.isFinite } && history.epochs.last?.trainLoss.isNaN == true)
        let data = try JSONEncoder().encode(history)
        let again = try JSONDecoder().decode(Recorder.History.self, from: data)
        #expect("\(again)" == "\(history)" && again.epochs.count == 4)
        let finite = try Line.learner()
        try finite.fit(1)
        let plain = try JSONEncoder().encode(finite.recorder.history)
        #expect(try JSONDecoder().decode(Recorder.History.self, from: plain) == finite.recorder.history)
        #expect(throws: DecodingError.self) {
            let text = String(decoding: plain, as: UTF8.self).replacingOccurrences(
                of: #""trainLoss":[0-9.e-]+"#, with: #""trainLoss":"low""#, options: .regularExpression)
            _ = try JSONDecoder().decode(Recorder.History.self, from: Data(text.utf8))
        }
    }

    @Test func aRowIsWrittenForEveryStepAndEveryEpoch() throws {
        let learner = try Line.learner()
        try learner.fit(2)
        let steps = learner.recorder.steps
        #expect(steps.map(\.step) == [1, 2, 3, 4, 5, 6] && steps.map(\.runStep) == [1, 2, 3, 4, 5, 6])
        #expect(steps.map(\.epoch) == [0, 0, 0, 1, 1, 1] && steps.allSatisfy { $0.fit == 0 })
        #expect(steps.allSatisfy { $0.learningRate == Line.rate && $0.momentum == 0 })
        let epochs = learner.recorder.epochs
        #expect(epochs.map(\.epoch) == [0, 1] && epochs.map(\.step) == [3, 6] && epochs.allSatisfy(\.isComplete))
        #expect(epochs.allSatisfy { $0.seconds >= 0 })
    }

    @Test func lossesAreThoseOfTheFormula() throws {
        let learner = try Line.learner()
        try learner.fit(1)
        var windows: [[Int]] = []
        var (smoothed, weight) = (0.0, 0.0)
        var (sum, count) = (0.0, 0.0)
        for (row, batch) in zip(learner.recorder.steps, 0..<3) {
            let slope = Line.weight(after: windows)
            let squares = Line.batches[batch].map { index -> Double in
                let difference = slope * Double(Line.x[index]) - Double(Line.y[index])
                return difference * difference
            }
            let loss = squares.reduce(0, +) / Double(squares.count)
            (smoothed, weight) = (0.98 * smoothed + 0.02 * loss, 0.98 * weight + 0.02)
            sum += squares.reduce(0, +)
            count += Double(squares.count)
            #expect(isClose(row.loss, loss) && isClose(row.smoothedLoss, smoothed / weight))
            windows.append([batch])
        }
        let epoch = try #require(learner.recorder.epochs.first)
        // The short last batch weighs half: the mean is over samples.
        #expect(isClose(epoch.trainLoss, sum / count) && epoch.trainLoss == learner.epochLoss)
        let slope = Line.weight(after: [[0], [1], [2]])
        let held = (0..<3).map { slope * Double(Line.x[$0]) - Double(Line.y[$0]) }
        #expect(isClose(try #require(epoch.validLoss), held.map { $0 * $0 }.reduce(0, +) / 3))
        #expect(epoch.validLoss == learner.validation?.loss)
    }

    @Test func rowsOfEarlierFitsAreKeptAndMarked() throws {
        let learner = try Line.learner(callbacks: [GradAccumulation(batches: 2)])
        try learner.fit(2)
        try learner.fit(0)
        _ = try learner.validate()
        try learner.fit(1, lr: 0.25)
        let steps = learner.recorder.steps
        #expect(steps.map(\.fit) == [0, 0, 0, 0, 2, 2] && steps.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(steps.map(\.runStep) == [1, 2, 3, 4, 1, 2] && steps.map(\.epoch) == [0, 0, 1, 1, 2, 2])
        #expect(steps.map(\.learningRate) == [0.125, 0.125, 0.125, 0.125, 0.25, 0.25])
        #expect(learner.recorder.epochs.map(\.fit) == [0, 0, 2] && learner.recorder.epochs.map(\.epoch) == [0, 1, 2])
        #expect(learner.recorder.history.fits == 3)
    }

    @Test func validationsAmidEpochsAreDrawn() throws {
        let learner = try Points.learner(callbacks: [ValidateEvery(.steps(2))])
        try learner.fit(2)
        let (amid, ends) = (learner.recorder.validations, learner.recorder.epochs)
        #expect(amid.count == 4 && ends.count == 2)
        let valid = try #require(learner.recorder.plotLoss().series.last)
        #expect(valid.x == [2, 4, 6, 8, 10, 12])
        #expect(
            valid.y == [amid[0].loss, amid[1].loss, ends[0].validLoss, amid[2].loss, amid[3].loss, ends[1].validLoss])
        let accuracy = try #require(learner.recorder.plotMetrics().charts.first?.series.first)
        #expect(accuracy.x == valid.x && accuracy.y[1] == amid[1]["accuracy"] && accuracy.y[5] == ends[1]["accuracy"])
    }

    @Test func anUnfinishedEpochIsMarked() throws {
        for (event, request) in [
            (Event.afterBatch, Request.endPhase), (.afterTrain, .endEpoch), (.beforeEpoch, .stop("")),
        ] {
            let learner = try Line.learner()
            learner.add(Listener { heard, learner in if heard == event { learner.request(request) } })
            try learner.fit(1)
            let row = try #require(learner.recorder.epochs.first)
            #expect(!row.isComplete)
            #expect((row.validLoss == nil) == (request != .endPhase))
        }
    }

    @Test func metricsAreMeasuredOverAllSamplesOfTheValidation() throws {
        let learner = try Points.learner()
        try learner.fit(1)
        let row = try #require(learner.recorder.epochs.first)
        let outputs = try #require(learner.predictions().first)
        let labels = try Points.dataset(20, seed: 10).targets?.integers ?? []
        // 20 samples in batches of 16 and 4: a mean of the batches' means would weigh them alike.
        let right = zip(outputs.argmax(axis: -1).integers, labels).filter { $0 == $1 }.count
        #expect(row["accuracy"] == Double(right) / 20 && row["precision"] == nil)
        #expect(row.metrics.map(\.name) == ["accuracy"] && row.metrics.map(\.direction) == [.higherIsBetter])
    }

    @Test func theLossOfTheLastEpochOutlivesAValidation() throws {
        let learner = try Line.learner()
        try learner.fit(1)
        let (epoch, smoothed) = (learner.epochLoss, learner.smoothedLoss)
        let validation = try learner.validate()
        #expect(learner.epochLoss == epoch && learner.smoothedLoss == smoothed)
        #expect(learner.validation == validation)
    }

    @Test func theThreeLossesAreThreeThings() throws {
        let learner = try Line.learner()
        #expect(learner.batchLoss.isNaN && learner.smoothedLoss.isNaN && learner.epochLoss.isNaN)
        var losses: [[Double]] = []
        learner.add(
            Listener { event, learner in
                guard event == .afterStep else { return }
                losses.append([learner.batchLoss, learner.smoothedLoss, learner.epochLoss])
            })
        try learner.fit(1)
        #expect(losses[0].allSatisfy { isClose($0, losses[0][0], 1e-12) }, "after one batch they are one")
        for values in losses.dropFirst() { #expect(Set(values).count == 3, "\(values)") }
    }

    @Test func everyMetricHasAChartWithItsBest() throws {
        let learner = try Line.learner(
            valid: 2, metrics: [Scripted([3, 1, .nan, 2], .lowerIsBetter)])
        #expect(learner.recorder.plotMetrics().charts.isEmpty)
        try learner.fit(4)
        let chart = try #require(learner.recorder.plotMetrics().charts.first)
        #expect(chart.title == "scripted" && chart.series[0].x == [3, 6, 9, 12])
        #expect(chart.series[2].label == "best 1.0000" && chart.series[2].x == [6])
    }

    @Test func theChartsShowWhatWasRecorded() throws {
        let learner = try Line.learner(optimizer: SGD(learningRate: 0.1, momentum: 0.9))
        #expect(learner.recorder.plotLoss().svg().hasPrefix("<svg"))
        try learner.fitOneCycle(2, lrMax: 0.1)
        let loss = learner.recorder.plotLoss().svg()
        #expect(loss.contains("train, smoothed") && loss.contains("valid"))
        let schedule = learner.recorder.plotSchedule().svg()
        #expect(schedule.contains("Learning rate") && schedule.contains("Momentum"))
    }
}
