import Hone
import Testing

/// The noise of gradients, measured in fits.
@Suite struct NoiseScaleMonitorTests {
    /// The squared norms of the gradients of single batches at the start values, and of their mean, by plain passes.
    private func truth(_ batches: [Range<Int>], entries: Range<Int>? = nil) throws -> NoiseEstimate {
        let learner = try AccumulationTests.learner(batchSize: 9)
        let data = try Points.dataset(9)
        let arena = learner.arena
        func gradient(_ rows: Range<Int>) throws -> [Double] {
            let batch = try data.batch(Array(rows))
            let tape = Tape()
            arena.zeroGradients()
            try tape.record {
                let loss = try learner.computeLoss(learner.forward(batch), batch)
                try tape.backward(from: loss.sum, scale: Float(1 / loss.count))
            }
            arena.completeGradients()
            return arena.entries[entries ?? arena.entries.indices].flatMap { entry in
                entry.range.map { Double(arena.gradients[$0]) }
            }
        }
        func squaredNorm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
        let rows = batches[0].lowerBound..<batches[batches.count - 1].upperBound
        return try #require(
            NoiseEstimate(
                microBatches: batches.map { ($0.count, squaredNorm(try gradient($0))) },
                whole: squaredNorm(try gradient(rows))))
    }

    private func expectClose(_ a: NoiseEstimate?, _ b: NoiseEstimate) throws {
        let a = try #require(a)
        #expect(isClose(a.squaredGradient, b.squaredGradient, 1e-4), "\(a) \(b)")
        #expect(isClose(a.trace, b.trace, 1e-4), "\(a) \(b)")
    }

    @Test func theBatchesOfAWindowAreMeasured() throws {
        // Nine samples in batches of 4, 4 and 1.
        for scaler in [[], [LossScaler(fixed: 8)]] as [[any Callback]] {
            let monitor = NoiseScaleMonitor()
            let learner = try AccumulationTests.learner(
                batchSize: 4, callbacks: scaler + [GradAccumulation(batches: 3), GradClip(maxNorm: 1e-3), monitor])
            try learner.fit(1)
            try expectClose(monitor.estimator.average, truth([0..<4, 4..<8, 8..<9]))
            #expect(monitor.rows.count == 1 && monitor.rows[0].samples == 9)
        }
    }

    @Test func theGradientIsThatOfTheBatchesWhateverCallbacksMakeOfIt() throws {
        let (batches, single) = (try truth([0..<4, 4..<8, 8..<9]), try truth((0..<9).map { $0..<$0 + 1 }))
        for perExample in [false, true] {
            let monitor = NoiseScaleMonitor(perExample: perExample)
            // As sharpness-aware minimization puts the gradient of another place there.
            let other = Listener("Other", phase: .prepare) { event, learner in
                if event == .gradientsReady { learner.arena.scaleGradients(by: 3) }
            }
            let learner = try AccumulationTests.learner(
                batchSize: 4, callbacks: [other, GradAccumulation(batches: 3), LossScaler(fixed: 8), monitor])
            try learner.fit(1)
            try expectClose(monitor.estimator.average, perExample ? single : batches)
        }
    }

    @Test func everyWindowBeginsAnew() throws {
        let monitor = NoiseScaleMonitor()
        let learner = try AccumulationTests.learner(
            batchSize: 2, callbacks: [GradAccumulation(batches: 2), monitor])
        // At a rate of next to nothing the gradients are the same in every epoch. The last batch of nine is alone.
        try learner.fit(3, lr: 1e-30)
        let halves = [try truth([0..<2, 2..<4]), try truth([4..<6, 6..<8])]
        var expected = NoiseScaleEstimator()
        for _ in 0..<3 { for half in halves { expected.add(half) } }
        try expectClose(monitor.estimator.average, try #require(expected.average))
        #expect(monitor.estimator.windows == 6)
    }

    @Test func whatIsTakenDownIsAppendedInPlace() throws {
        let monitor = NoiseScaleMonitor(splittingInto: 2)
        var (moves, places): ([Int], [UnsafeRawPointer?]) = ([0, 0, 0], [nil, nil, nil])
        let listener = Listener(phase: .persist) { event, _ in
            guard event == .afterStep else { return }
            func place<Row>(_ rows: [Row]) -> UnsafeRawPointer? {
                rows.withUnsafeBytes { $0.baseAddress }
            }
            let now = [place(monitor.rows), place(monitor.noiseRows), place(monitor.byGroup)]
            for index in now.indices where now[index] != places[index] { moves[index] += 1 }
            places = now
        }
        let learner = try Points.learner(callbacks: [monitor, listener])
        try learner.fit(8)
        // An array that grows moves each time that its room is used up, which doubles.
        #expect(monitor.rows.count == 48 && moves[0] <= 8 && moves[1] <= 8 && moves[2] == 1, "\(moves)")
    }

    @Test func smithAndLesNoiseIsTakenDownAtEveryStep() throws {
        let monitor = NoiseScaleMonitor(every: 100)
        let learner = try AccumulationTests.learner(
            batchSize: 4, optimizer: SGD(learningRate: 0.2), callbacks: [monitor])
        learner.add(
            Listener { event, learner in
                if event == .beforeStep, learner.run.microBatch == 3 { learner.request(.skipStep) }
            })
        try learner.fit(2)
        // Batches of 4, 4 and 1; the fourth is not stepped.
        #expect(monitor.noiseRows.map(\.step) == [0, 1, 2, 3, 4] && monitor.rows.isEmpty)
        #expect(monitor.noiseRows.map(\.samples) == [4, 4, 1, 4, 1])
        let expected = monitor.noiseRows.map { 0.2 * (9 / Double($0.samples) - 1) }
        #expect(zip(monitor.noiseRows, expected).allSatisfy { isClose($0.noise, $1) })
        #expect(monitor.plotNoise().series[0].y == monitor.noiseRows.map(\.noise))
    }

    @Test func aBatchIsCutIntoParts() throws {
        let monitor = NoiseScaleMonitor(splittingInto: 3)
        let learner = try AccumulationTests.learner(batchSize: 9, callbacks: [monitor])
        try learner.fit(1)
        try expectClose(monitor.estimator.average, truth([0..<3, 3..<6, 6..<9]))
    }

    @Test func everyGroupHasItsOwn() throws {
        let monitor = NoiseScaleMonitor()
        let data = try Points.dataset(9)
        let learner = Learner(
            try DataLoaders(train: DataLoader(data, batchSize: 3), valid: DataLoader(data, batchSize: 9)),
            model: Sequential(Linear(6, 5), ReLU(), Linear(5, 3)), loss: CrossEntropy(), optimizer: SGD(),
            callbacks: [GradAccumulation(batches: 3), monitor], groups: .startingAt(["2"]), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.fit(1)
        #expect(monitor.byGroup.count == 2)
        try expectClose(monitor.byGroup[0].average, truth([0..<3, 3..<6, 6..<9], entries: 0..<2))
        try expectClose(monitor.byGroup[1].average, truth([0..<3, 3..<6, 6..<9], entries: 2..<4))
    }

    @Test func trainingStaysAsItWas() throws {
        func values(_ callbacks: [any Callback]) throws -> [UInt32] {
            let learner = try Points.learner(callbacks: callbacks)
            try learner.fit(2)
            return bits(learner) + learner.recorder.steps.map { UInt32(truncatingIfNeeded: $0.loss.bitPattern) }
        }
        #expect(try values([]) == values([NoiseScaleMonitor(every: 2, splittingInto: 2)]))
        let accumulation = { GradAccumulation(batches: 3) }
        #expect(try values([accumulation()]) == values([accumulation(), NoiseScaleMonitor()]))
    }

    @Test func batchNormsKeepTheirStatistics() throws {
        func statistics(_ callbacks: [any Callback]) throws -> [Float] {
            let learner = try Points.learner(
                callbacks: callbacks, model: Sequential(Linear(6, 8), BatchNorm1d(8), Linear(8, 3)))
            try learner.fit(1)
            return learner.model.buffers.flatMap { $0.buffer.value.scalars }
        }
        #expect(try statistics([]) == statistics([NoiseScaleMonitor(splittingInto: 2)]))
    }

    @Test func itMeasuresAtItsCadence() throws {
        let monitor = NoiseScaleMonitor(every: 4, splittingInto: 2)
        // Six steps an epoch.
        try Points.learner(callbacks: [monitor]).fit(2)
        #expect(monitor.rows.map(\.step) == [0, 4, 8])
    }

    @Test func aWindowThatIsNotFiniteIsDropped() throws {
        let monitor = NoiseScaleMonitor()
        let learner = try AccumulationTests.learner(
            batchSize: 1,
            callbacks: [
                GradAccumulation(batches: 3),
                Listener("Spoiler", phase: .prepare) { event, learner in
                    guard event == .afterBackward, learner.run.batch == 1 else { return }
                    learner.arena.gradients[0] = .nan
                    learner.request(.skipStep)
                },
                Listener("Spoiler of all", phase: .prepare) { event, learner in
                    if event == .afterBackward, learner.run.batch == 4 { learner.arena.gradients[0] = .infinity }
                    if event == .beforeStep, learner.run.batch == 5 { learner.request(.skipStep) }
                }, monitor,
            ])
        try learner.fit(1)
        #expect(monitor.estimator.windows == 1 && monitor.estimator.dropped == 1)
        #expect(monitor.estimator.average?.trace.isFinite == true)
    }

    @Test func withoutPartsThereIsNotEnoughData() throws {
        let monitor = NoiseScaleMonitor()
        try AccumulationTests.learner(batchSize: 3, callbacks: [monitor]).fit(2)
        #expect("\(monitor.reading)".hasPrefix("not enough data yet: no window had two batches"))
        #expect(monitor.rows.isEmpty)
    }

    @Test func smithAndLesNoiseIsThatOfTheStep() throws {
        let monitor = NoiseScaleMonitor()
        let plain = try AccumulationTests.learner(batchSize: 4, optimizer: SGD(learningRate: 0.2), callbacks: [monitor])
        try plain.fit(1)
        // The last batch has one of nine samples.
        #expect(isClose(try #require(monitor.noise), 0.2 * 8))
        let heavy = try AccumulationTests.learner(
            batchSize: 3, optimizer: SGD(learningRate: 0.2, momentum: 0.75), callbacks: [monitor])
        try heavy.fit(1)
        #expect(isClose(try #require(monitor.noise), 0.2 * 9 / 3 / 0.25))
    }

    @Test func theStateComesBackWithASnapshotAndBeginsAnewWithAFit() throws {
        let monitor = NoiseScaleMonitor(splittingInto: 2)
        let learner = try Points.learner(callbacks: [monitor])
        try learner.fit(1)
        let snapshot = try learner.snapshot()
        let (estimator, rows, groups) = (monitor.estimator, monitor.rows, monitor.byGroup)
        #expect(estimator.windows == 6)
        try learner.fit(2)
        #expect(monitor.estimator.windows == 12)
        try learner.restore(snapshot)
        #expect(monitor.estimator == estimator && monitor.rows == rows && monitor.byGroup == groups)
    }

    @Test func badArgumentsAreRefused() throws {
        let bad = [
            NoiseScaleMonitor(every: 0), NoiseScaleMonitor(splittingInto: 1), NoiseScaleMonitor(beta: 0.9),
        ]
        for monitor in bad {
            let learner = try Line.learner(callbacks: [monitor])
            let error = try #require(throws: CallbackError.self) { try learner.fit(1) }
            #expect("\(error.underlying)".hasPrefix("NoiseScaleMonitor "))
        }
    }

    @Test func examplesOfADenseLayerNeedNoGradient() throws {
        let data = try Points.dataset(7)
        let layer = Linear(6, 3)
        let target = try #require(data.targets)
        var (expected, deltas): ([Double], [[Float]]) = ([], [])
        for row in 0..<7 {
            let (x, y) = (data.inputs.rows([Int32(row)]), target.rows([Int32(row)]))
            let tape = Tape()
            let slope = try tape.record {
                let output = tape.watch(layer(x).detached())
                return try tape.gradients(of: CrossEntropy().evaluate(output, y).sum, for: [output])[0].scalars
            }
            deltas.append(slope)
            // The outer product of what went in and what came back, and the bias's own gradient.
            let inputs = x.scalars.map(Double.init) + [1]
            expected.append(
                slope.reduce(0) { sum, delta in
                    sum + inputs.reduce(0) { $0 + $1 * $1 * Double(delta) * Double(delta) }
                })
        }
        let delta = Tensor(deltas.flatMap { $0 }, shape: [7, 3])
        let found = try perExampleSquaredNorms(inputs: data.inputs, deltas: delta)
        #expect(zip(found, expected).allSatisfy { isClose($0, $1) } && found.count == 7)
        let without = try perExampleSquaredNorms(inputs: data.inputs, deltas: delta, bias: false)
        #expect(zip(without, found).allSatisfy { $0 < $1 })
        #expect(throws: LearnerError.self) { try perExampleSquaredNorms(inputs: data.inputs, deltas: Tensor([1, 2])) }
    }

    @Test func everyExampleIsMeasuredWithinTheTrainingPasses() throws {
        let single = try truth((0..<9).map { $0..<$0 + 1 })
        for callbacks in [[], [GradAccumulation(batches: 3), LossScaler(fixed: 8)]] as [[any Callback]] {
            let monitor = NoiseScaleMonitor(perExample: true)
            let learner = try AccumulationTests.learner(
                batchSize: callbacks.isEmpty ? 9 : 4, callbacks: callbacks + [monitor])
            try learner.fit(1)
            try expectClose(monitor.estimator.average, single)
            #expect(monitor.rows.count == 1)
        }
    }

    @Test func examplesLeaveTrainingAsItWas() throws {
        func values(_ callbacks: [any Callback]) throws -> [UInt32] {
            let learner = try Points.learner(callbacks: callbacks)
            try learner.fit(2)
            return bits(learner)
        }
        let monitor = NoiseScaleMonitor(every: 4, perExample: true)
        #expect(try values([]) == values([monitor]))
        #expect(monitor.rows.map(\.step) == [0, 4, 8])
    }

    @Test func frozenLayersAreNoPartOfAnExample() throws {
        let monitor = NoiseScaleMonitor(perExample: true)
        let data = try Points.dataset(9)
        let learner = Learner(
            try DataLoaders(train: DataLoader(data, batchSize: 9), valid: DataLoader(data, batchSize: 9)),
            model: Sequential(Linear(6, 5), ReLU(), Linear(5, 3)), loss: CrossEntropy(), optimizer: SGD(),
            callbacks: [monitor], groups: .startingAt(["2"]), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        try learner.freeze()
        try learner.fit(1)
        try expectClose(monitor.byGroup[1].average, truth((0..<9).map { $0..<$0 + 1 }, entries: 2..<4))
        #expect(monitor.byGroup[0].average?.trace == 0)
    }

    @Test func examplesNeedDenseLayers() throws {
        let data = try Points.dataset(9)
        func problem(_ model: any Module, _ loss: CrossEntropy = CrossEntropy()) throws -> String {
            let learner = Learner(
                try DataLoaders(train: DataLoader(data, batchSize: 9), valid: DataLoader(data, batchSize: 9)),
                model: model, loss: loss, optimizer: SGD(), callbacks: [NoiseScaleMonitor(perExample: true)],
                handlesInterrupt: false)
            learner.removeCallbacks(of: ProgressReporter.self)
            return "\(try #require(throws: CallbackError.self) { try learner.fit(1) })"
        }
        #expect(try problem(Sequential(Linear(6, 5), BatchNorm1d(5), Linear(5, 3))).contains("'1.weight' is trained"))
        let layer = Linear(6, 6)
        #expect(try problem(Sequential(layer, ReLU(), layer, Linear(6, 3))).contains("are one, expected"))
        #expect(
            try problem(Sequential(Linear(6, 3)), CrossEntropy(weights: [1, 2, 3])).contains("a loss that counts"))
        let both = NoiseScaleMonitor(splittingInto: 2, perExample: true)
        #expect(throws: CallbackError.self) { try Points.learner(callbacks: [both]).fit(1) }
    }

    @Test func itIsDrawn() throws {
        let monitor = NoiseScaleMonitor(splittingInto: 2)
        try Points.learner(callbacks: [monitor]).fit(2)
        #expect(monitor.plot().svg().contains("Gradient noise scale"))
    }
}
