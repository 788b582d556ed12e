/// Where an accumulation window stands in its run when it begins.
public struct WindowPlace: Equatable, Sendable {
    /// Optimizer steps taken in the run.
    public let step: Int
    /// Training batches seen in the run.
    public let microBatch: Int
    /// Training samples seen in the run.
    public let samples: Int
    /// Passes over the training set, with the part of the present one: 1.5 is in the middle of the second.
    public let epochs: Double
    /// The share of the run's samples that were seen, 0...1.
    public let fraction: Double

    /// Whether an interval, measured from the start of the run, has passed; minutes by `seconds`.
    func hasPassed(_ interval: Interval, seconds: Double) -> Bool {
        switch interval {
        case .steps(let count): step >= count
        case .samples(let count): samples >= count
        // A share of samples may miss a whole epoch by rounding.
        case .epochs(let count): epochs >= count - 1e-9
        case .fraction(let share): fraction >= share - 1e-9
        case .minutes(let count): seconds >= 60 * count
        }
    }
}

extension Learner {
    /// Where the window that begins now stands.
    var windowPlace: WindowPlace {
        place(
            step: run.step, microBatch: run.microBatch, samples: run.samples, epoch: run.epoch,
            inEpoch: run.samples - samplesBeforeEpoch)
    }

    /// The training samples that an epoch goes through.
    var samplesPerEpoch: Int {
        let batches = stages.batches(of: data.train.batchCount, isTraining: true)
        return min(data.train.sampleCount, batches * data.train.batchSize)
    }

    private func place(step: Int, microBatch: Int, samples: Int, epoch: Int, inEpoch: Int) -> WindowPlace {
        let epochs = Double(epoch) + min(1, Double(inEpoch) / Double(max(1, samplesPerEpoch)))
        return WindowPlace(
            step: step, microBatch: microBatch, samples: samples, epochs: epochs,
            fraction: run.totalEpochs == 0 ? 1 : min(1, epochs / Double(run.totalEpochs)))
    }

    /// Sets the batch size and the accumulation of the window that begins, where a callback plans them.
    func planWindow(_ batches: inout DataLoader.Batches) throws {
        if let plan = stages.accumulationPlan { stages.accumulation = plan(windowPlace) }
        if let size = stages.batchSize?(windowPlace), size != batches.batchSize {
            try batches.resize(to: size, from: run.batch)
            (run.batchSize, run.batchCount) = (size, rehearsed(batches.count))
        }
        guard !stages.windowsAreForeseen else { return }
        let window = (size: batches.batchSize, accumulation: stages.accumulation)
        if let countedWindow, countedWindow != window { adaptScheduleSteps(batchCount: rehearsed(batches.count)) }
        countedWindow = window
    }

    /// Makes schedules end with the run, from where they stand, if the windows stay as they are now.
    private func adaptScheduleSteps(batchCount: Int) {
        func windows(_ batches: Int) -> Int {
            stages.accumulation.windowCount(batches: batches, batchSize: run.batchSize) * max(1, updatesPerBatch)
        }
        let loader = data.train
        let count = loader.dataset.count
        let inEpoch = loader.dropsLast ? count / run.batchSize : (count + run.batchSize - 1) / run.batchSize
        let (rest, isEndless) = windows(stages.batches(of: inEpoch, isTraining: true)).multipliedReportingOverflow(
            by: run.totalEpochs - run.epoch - 1)
        let (left, overflows) = rest.addingReportingOverflow(windows(batchCount - run.batch))
        // A run that is meant to be ended from outside comes to no end.
        guard !isEndless, !overflows, left > 0, left < Int.max - run.step else { return }
        run.stepLength = (Double(run.timeline.totalSteps) - run.scheduleStep) / Double(left)
        run.totalSteps = run.step + left
    }

    /// The steps of a run in which callbacks plan the windows: every window is gone through, as the loop would.
    func plannedSteps(epochs: Int) throws -> Int {
        var (step, microBatch, samples) = (0, 0, 0)
        let count = data.train.dataset.count
        for epoch in 0..<epochs {
            var (inEpoch, batches, size) = (0, 0, data.train.batchSize)
            var end = Int.max
            let stepsBefore = step
            while batches < end, inEpoch < count, !data.train.dropsLast || count - inEpoch >= size {
                let place = place(step: step, microBatch: microBatch, samples: samples, epoch: epoch, inEpoch: inEpoch)
                let window = stages.accumulationPlan?(place) ?? stages.accumulation
                size = stages.batchSize?(place) ?? size
                guard size > 0 else { throw DataError.batchSize(size) }
                let left = count - inEpoch
                let all = batches + (data.train.dropsLast ? left / size : (left + size - 1) / size)
                end = stages.batches(of: all, isTraining: true)
                if batches >= end { break }
                var filled = GradientWindow()
                repeat {
                    let batch = min(size, count - inEpoch)
                    if batch < size && data.train.dropsLast {
                        inEpoch = count
                        break
                    }
                    inEpoch += batch
                    samples += batch
                    microBatch += 1
                    batches += 1
                    filled.microBatches += 1
                    filled.samples += batch
                } while !window.isFull(filled) && inEpoch < count && batches < end
                if filled.microBatches > 0 { step += max(1, updatesPerBatch) }
            }
            // A run that is meant to be ended from outside may have any number of epochs: the rest are taken as alike.
            if step > 1 << 22 {
                let rest = (epochs - epoch - 1).multipliedReportingOverflow(by: step - stepsBefore)
                let (total, isEndless) = step.addingReportingOverflow(rest.partialValue)
                return rest.overflow || isEndless ? Int.max : total
            }
        }
        return step
    }
}
