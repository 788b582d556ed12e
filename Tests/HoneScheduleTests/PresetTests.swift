import Foundation
import HoneSchedule
import Testing

/// Hugging Face's schedules against the formulas of its `optimization.py`, as multipliers of the peak.
@Suite struct PresetTests {
    static let (warmup, total) = (7, 50)

    /// What Hugging Face multiplies the peak by at a step, with `body` as the multiplier after the warm-up.
    func check(_ schedule: Schedule, _ location: SourceLocation = #_sourceLocation, body: (Double) -> Double) {
        let (warmup, total) = (Self.warmup, Self.total)
        for step in 0..<total {
            let progress = Double(step - warmup) / Double(total - warmup)
            let expected = step < warmup ? Double(step) / Double(warmup) : body(progress)
            let actual = schedule.value(at: step, of: total)
            #expect(abs(actual - 0.02 * expected) < 1e-16, "step \(step)", sourceLocation: location)
        }
    }

    let length = Interval.steps(warmup)

    @Test func constantAndLinear() {
        check(.constantWithWarmup(0.02, warmup: length)) { _ in 1 }
        check(.linearWithWarmup(0.02, warmup: length)) { 1 - $0 }
    }

    @Test func cosineWithAnyNumberOfWavesAndAFloor() {
        check(.cosineWithWarmup(0.02, warmup: length)) { (1 + cos(.pi * $0)) / 2 }
        check(.cosineWithWarmup(0.02, warmup: length, cycles: 1.25)) { (1 + cos(2.5 * .pi * $0)) / 2 }
        check(.cosineWithWarmup(0.02, warmup: length, floor: 0.002)) { (1 + cos(.pi * $0)) / 2 * 0.9 + 0.1 }
    }

    @Test func cosineWithHardRestarts() {
        check(.cosineWithHardRestarts(0.02, warmup: length, cycles: 3)) {
            (1 + cos(.pi * ($0 * 3).truncatingRemainder(dividingBy: 1))) / 2
        }
    }

    @Test func polynomialEndsAtItsEnd() {
        let schedule = Schedule.polynomialWithWarmup(0.02, warmup: length, end: 0.001, power: 2)
        check(schedule) { (0.019 * (1 - $0) * (1 - $0) + 0.001) / 0.02 }
        #expect(schedule.value(at: 50, of: 50) == 0.001)
    }

    @Test func inverseSquareRootWithATimescale() {
        check(.inverseSquareRootWithWarmup(0.02, warmup: length, timescale: .steps(20))) {
            1 / (1 + $0 * 43 / 20).squareRoot()
        }
        let unwarmed = Schedule.inverseSquareRootWithWarmup(1, warmup: .steps(0))
        #expect(abs(unwarmed.value(at: 10_000, of: 20_000) - 0.5.squareRoot()) < 1e-15)
    }

    @Test func everyPresetIsValid() throws {
        let presets: [Schedule] = [
            .constantWithWarmup(1, warmup: length), .linearWithWarmup(1, warmup: length),
            .cosineWithWarmup(1, warmup: length, cycles: 2), .cosineWithHardRestarts(1, warmup: length, cycles: 2),
            .polynomialWithWarmup(1, warmup: length), .inverseSquareRootWithWarmup(1, warmup: length),
            .warmupStableDecay(1, warmup: length), .flatCosine(1), .cosineRestarts(from: 1, first: length),
            .superConvergence(), .smithOneCycle(max: 1), .smithOneCycleMomentum(), .cyclicalMomentum(up: length),
        ]
        for preset in presets {
            try preset.validate(in: Timeline(totalSteps: 10))
            for total in 0...30 {
                let sum = preset.samples(total: total).reduce(0, +)
                #expect(sum.isFinite, "\(preset) of \(total)")
            }
        }
    }
}
