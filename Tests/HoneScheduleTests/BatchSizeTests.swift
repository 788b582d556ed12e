import Foundation
import HoneSchedule
import Testing

@Suite struct BatchSizeTests {
    /// Smith et al. 2017, figure 5: rate 0.1, batch 128, divided by 5 three times, on CIFAR-10.
    let decay = Schedule.multiStep(from: 0.1, gamma: 0.2, milestones: [.fraction(0.3), .fraction(0.6), .fraction(0.8)])

    @Test func theThreeFormulas() {
        #expect(abs(NoiseScale.exact(rate: 0.1, dataset: 1000, batch: 50) - 1.9) < 1e-15)
        #expect(abs(NoiseScale.largeDataset(rate: 0.1, dataset: 1000, batch: 50) - 2) < 1e-15)
        #expect(abs(NoiseScale.withMomentum(rate: 0.1, dataset: 1000, batch: 50, momentum: 0.9) - 20) < 1e-12)
        #expect(NoiseScale.exact(rate: 0.1, dataset: 1000, batch: 1000) == 0)
        #expect(NoiseScale.exact(rate: 0.1, dataset: 1000, batch: 0).isNaN)
        #expect(NoiseScale.withMomentum(rate: 0.1, dataset: 1000, batch: 50, momentum: 1).isNaN)
    }

    @Test(arguments: [
        Schedule.cosine(from: 0.1, to: 1e-4), .multiStep(from: 0.1, gamma: 0.2, milestones: [.fraction(0.5)]),
        .cyclical(base: 0.01, peak: 0.1, up: .steps(50), envelope: .halving), .oneCycle(max: 0.1),
        .linear(from: 0.1, to: 0),
    ])
    func theNoiseScaleIsKept(_ schedule: Schedule) {
        let twin = schedule.asBatchSize(base: 128, dataset: 50_000, max: 5_000)
        for step in 0...400 {
            let setting = twin.at(step: step, of: 400)
            let wanted = schedule.value(at: step, of: 400) * (50_000 / 128.0 - 1)
            let got = setting.rate * (50_000 / setting.exactBatchSize - 1)
            #expect(abs(got - wanted) <= 1e-9 * max(1, wanted))
            #expect(abs(Double(setting.batchSize) - setting.exactBatchSize) <= 0.5)
            #expect((128...5_000).contains(setting.batchSize))
        }
    }

    @Test func theBatchGrowsFirstAndTheRateTakesOverAtTheCap() {
        let twin = decay.asBatchSize(base: 128, dataset: 50_000, max: 5_000)
        let settings = [0, 30, 60, 80].map { twin.at(step: $0, of: 100) }
        // N/(1 + (N/128 − 1)/5^k): 128, 633.5, 3,015.1, then the cap.
        #expect(settings.map(\.batchSize) == [128, 634, 3015, 5000])
        #expect(settings.prefix(3).allSatisfy { $0.rate == 0.1 })
        let last = 0.1 / 125 * (50_000 / 128.0 - 1) / 9
        #expect(abs(settings[3].rate - last) < 1e-15)
    }

    @Test func aGrowingBatchSavesUpdates() {
        // 100 epochs of 50,000: 39,063 updates at a batch of 128.
        let twin = decay.asBatchSize(base: 128, dataset: 50_000, max: 5_000)
        let updates = twin.updates(samples: 5_000_000)
        #expect(updates.first?.batchSize == 128)
        #expect((13_000...15_000).contains(updates.count))
        let samples = updates.reduce(0) { $0 + $1.batchSize }
        #expect((5_000_000..<5_005_000).contains(samples))
    }

    @Test func samplesAndOriginalStepsAgree() {
        let schedule = Schedule.cosine(from: 0.1, to: 0.01).over(.epochs(3))
        let twin = schedule.asBatchSize(base: 100, dataset: 1_000)
        let timeline = Timeline(totalSteps: 50, stepsPerEpoch: 10, samplesPerStep: 100)
        for step in 0...50 {
            #expect(twin.at(samples: step * 100, of: 5_000) == twin.at(step: step, in: timeline))
        }
    }

    @Test func aCyclicRateWithShrinkingPeaksGivesACyclicBatchSize() {
        let cycles = Schedule.cyclical(base: 0.01, peak: 0.1, up: .steps(10), envelope: .halving)
        let sizes = cycles.asBatchSize(base: 100, dataset: 100_000).batchSizes.samples(total: 61)
        // Smallest where the rate is highest, larger at each later peak, equal at the troughs.
        #expect(sizes[10] == 100)
        #expect(sizes[10] < sizes[30] && sizes[30] < sizes[50])
        #expect(sizes[20] == sizes[40] && sizes[20] > sizes[50])
        // The way to the first peak is a warm-up.
        #expect(sizes.prefix(10).allSatisfy { $0 == 100 })
    }

    @Test(arguments: [
        Schedule.cosine(from: 0.1, to: 0).warmup(over: .steps(20)), .oneCycle(max: 0.1),
        .constant(0.1).warmup(over: .fraction(0.2)), .custom("ramp") { 0.1 * min(1, 5 * $0, 2 - 2 * $0) },
    ])
    func aWarmupOfTheRateStaysOne(_ schedule: Schedule) {
        let twin = schedule.asBatchSize(base: 64, dataset: 10_000, rate: 0.1)
        let rates = schedule.samples(total: 100)
        let peak = rates.firstIndex { $0 > 0.1 - 1e-12 } ?? 0
        #expect(peak >= 19)
        for step in 0..<peak {
            let setting = twin.at(step: step, of: 100)
            #expect(setting.batchSize == 64 && abs(setting.rate - rates[step]) < 1e-15)
        }
        for step in peak..<100 {
            #expect(twin.at(step: step, of: 100).rate == 0.1)
        }
        // In another order, and for another run.
        #expect(twin.at(step: 10, of: 100).batchSize == 64 && twin.at(step: 999, of: 1000).rate == 0.1)
        #expect(twin.at(step: 10, of: 1000).batchSize == 64)
    }

    @Test func aWarmupToALowerRateThanTheHeldOneHasTheBatchOfItsPeak() {
        let twin = Schedule.cosine(from: 0.1, to: 0).warmup(over: .steps(20)).asBatchSize(
            base: 64, dataset: 10_000, rate: 0.2)
        let (first, peak) = (twin.at(step: 10, of: 100), twin.at(step: 20, of: 100))
        #expect(first.batchSize == 127 && peak.batchSize == 127)
        #expect(abs(first.rate - 0.1) < 1e-12 && peak.rate == 0.2)
    }

    @Test func aLongRunFindsItsPeak() {
        let schedule = Schedule.cosine(from: 0.1, to: 0).warmup(over: .fraction(0.5))
        let twin = schedule.asBatchSize(base: 64, dataset: 10_000)
        let total = 1 << 24
        #expect(twin.at(step: total / 4, of: total).batchSize == 64)
        #expect(twin.at(step: 3 * (total / 4), of: total).batchSize > 100)
    }

    @Test func theInverseComesBackToTheRate() {
        let schedule = Schedule.cosine(from: 0.1, to: 0.005)
        let twin = schedule.asBatchSize(base: 500, dataset: 1_000_000)
        let back = twin.batchSizes.asLearningRate(rate: 0.1, base: 500, dataset: 1_000_000)
        for step in 0...100 {
            let rate = schedule.value(at: step, of: 100)
            // The batch was rounded to a whole number: half a sample in 500.
            #expect(abs(back.value(at: step, of: 100) - rate) < rate * 1.1e-3)
        }
    }

    @Test func aBatchThatDoublesIsARateThatHalvesExactlyInNoise() {
        let sizes = Schedule.stepDecay(from: 100, gamma: 2, every: .steps(10))
        let rates = sizes.asLearningRate(rate: 0.8, base: 100, dataset: 10_000)
        for (step, batch) in [(0, 100), (10, 200), (20, 400)] {
            let noise = NoiseScale.exact(rate: 0.8, dataset: 10_000, batch: batch)
            let twin = NoiseScale.exact(rate: rates.value(at: step, of: 30), dataset: 10_000, batch: 100)
            #expect(abs(noise - twin) < 1e-12)
        }
    }

    @Test func theHeldRateCanBeChosenAndThenTheBatchMayShrink() {
        let twin = Schedule.linear(from: 0.1, to: 0.4).asBatchSize(base: 100, dataset: 10_000, rate: 0.1)
        #expect(twin.at(step: 0, of: 10).batchSize == 100)
        #expect(twin.at(step: 10, of: 10).batchSize == 25)
        #expect(twin.at(step: 10, of: 10).rate == 0.1)
    }

    @Test func theTwinComesBackEqualFromJSONAndRefusesMistakes() throws {
        let twin = decay.asBatchSize(base: 128, dataset: 50_000, max: 5_000)
        #expect(try JSONDecoder().decode(BatchSizeTwin.self, from: JSONEncoder().encode(twin)) == twin)
        try twin.validate()
        let mistake = decay.asBatchSize(base: 128, dataset: 100)
        #expect(throws: ScheduleError.self) { try mistake.validate() }
        let unknown = Schedule.custom("x") { $0 }.asBatchSize(base: 1, dataset: 10)
        #expect(throws: ScheduleError.self) { try unknown.validate() }
        #expect(unknown.at(step: 3, of: 10).rate.isNaN)
    }
}
