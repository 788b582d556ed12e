import Hone
import Testing

/// Mistakes of a user: each is an error that says what came and what was expected, before anything has changed.
@Suite struct BadInputTests {
    @Test func epochsBelowZeroAreRefused() throws {
        let learner = try Line.learner()
        #expect(throws: LearnerError.epochs(-1)) { try learner.fit(-1) }
        #expect(throws: LearnerError.epochs(-2)) { try learner.fit(-2, lr: 9) }
        #expect(throws: LearnerError.epochs(.min)) { try learner.fitOneCycle(.min, lrMax: 0.1) }
        #expect("\(LearnerError.epochs(-1))" == "epochs is -1, expected 0 or more")
        #expect(learner.optimizer.learningRate == Line.rate)
    }

    @Test(arguments: [0, -0.1, .nan, .infinity]) func aRateMustBeFiniteAndAboveZero(_ rate: Double) throws {
        let learner = try Line.learner()
        let error = try #require(throws: ScheduleError.self) { try learner.fit(1, lr: rate) }
        #expect("\(error)".contains("learning rate of group 0"))
        #expect(throws: ScheduleError.self) { try learner.fit(1, lr: [0.1, 0.1]) }
        #expect(throws: ScheduleError.self) { try learner.fitOneCycle(1, lrMax: rate) }
        #expect(learner.optimizer.learningRate == Line.rate && learner.progress.microBatch == 0)
    }

    @Test(arguments: [0, -5]) func aBatchSizeMustBePositive(_ size: Int) throws {
        let data = try Points.dataset()
        #expect(throws: DataError.batchSize(size)) { try DataLoader(data, batchSize: size) }
        #expect(throws: DataError.batchSize(size)) { try DataLoaders(train: data, valid: data, batchSize: size) }
        #expect(throws: DataError.batchSize(size)) {
            try DataLoaders(train: data, valid: data, batchSize: 4, validBatchSize: size)
        }
        #expect("\(DataError.batchSize(size))" == "batchSize is \(size), expected at least 1")
    }

    @Test func thereMustBeSomethingToTrainOn() throws {
        let (some, none) = (try Points.dataset(), try Points.dataset(0))
        #expect(throws: DataError.empty("train")) { try DataLoaders(train: none, valid: some, batchSize: 4) }
        // Everything is in a last batch that is left out.
        #expect(throws: DataError.empty("train")) {
            try DataLoaders(train: some, valid: some, batchSize: 64, dropsLast: true)
        }
        #expect("\(DataError.empty("train"))" == "train: the data set is empty, expected at least one sample")
    }

    @Test func thereMustBeSomethingToValidateWith() throws {
        let learner = try Line.learner(valid: 0)
        #expect(throws: DataError.empty("valid")) { try learner.validate() }
        #expect(try learner.predictions().isEmpty)
        #expect(try learner.validate(on: learner.data.train).loss.isFinite)
    }

    @Test func aLabelOutsideTheClassesIsNamedWithItsSample() throws {
        let inputs = try Points.dataset().inputs
        for (bad, sample) in [(Int32(3), 29), (-1, 0), (.max, 47)] {
            var labels = Array(repeating: Int32(1), count: 48)
            labels[sample] = bad
            let spoilt = try TensorDataset(inputs, Tensor(labels))
            let loaders = try DataLoaders(train: spoilt, valid: spoilt, batchSize: 8)
            let learner = Learner(
                loaders, model: Sequential(Linear(6, 3)), loss: CrossEntropy(), handlesInterrupt: false)
            learner.removeCallbacks(of: ProgressReporter.self)
            let expected = DataError.label(Int(bad), sample: sample, classes: 3)
            // Shuffled in training, in order in the validation.
            #expect(throws: expected) { try learner.fit(1) }
            #expect(throws: expected) { try learner.validate() }
            #expect("\(expected)" == "label \(bad) of sample \(sample) is outside the classes 0..<3")
        }
    }

    @Test func aSampleOfManyLabelsIsNamedForABadOne() throws {
        var labels = [Int32](repeating: 1, count: 10 * 4)
        labels[7 * 4 + 2] = -3
        let spoilt = try TensorDataset(.zeros([10, 2, 4]), Tensor(labels, shape: [10, 4]))
        let loaders = try DataLoaders(train: spoilt, valid: spoilt, batchSize: 4)
        let learner = Learner(
            loaders, model: Sequential(Conv1d(2, 3, kernel: 1)), loss: CrossEntropy(), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        #expect(throws: DataError.label(-3, sample: 7, classes: 3)) { try learner.fit(1) }
        labels[7 * 4 + 2] = -100
        let ignored = try TensorDataset(.zeros([10, 2, 4]), Tensor(labels, shape: [10, 4]))
        #expect(try learner.validate(on: DataLoader(ignored, batchSize: 4)).loss.isFinite)
    }

    /// 48 samples of which one number is not finite.
    private func learner(spoiling value: Float, sample: Int, element: Int) throws -> Learner {
        let whole = try Points.dataset()
        var values = whole.inputs.scalars
        values[6 * sample + element] = value
        let spoilt = try TensorDataset(Tensor(values, shape: [48, 6]), whole.targets)
        let learner = Learner(
            try DataLoaders(train: spoilt, valid: spoilt, batchSize: 8), model: Sequential(Linear(6, 3)),
            loss: CrossEntropy(), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    @Test(arguments: [(Float.infinity, 31, 5), (-.infinity, 0, 0), (.infinity, 47, 3)])
    func anInputThatIsNotFiniteIsNamedWithItsSample(_ value: Float, _ sample: Int, _ element: Int) throws {
        let learner = try learner(spoiling: value, sample: sample, element: element)
        let expected = DataError.notFinite(value, sample: sample, element: element, part: "input")
        #expect(throws: expected) { try learner.fit(1) }
        #expect(throws: expected) { try learner.validate() }
        #expect("\(expected)" == "input of sample \(sample): element \(element) is \(value), expected a finite number")
    }

    @Test func aNaNAmongTheInputsIsNamedToo() throws {
        let error = try #require(throws: DataError.self) {
            try learner(spoiling: .nan, sample: 12, element: 2).fit(1)
        }
        #expect("\(error)" == "input of sample 12: element 2 is nan, expected a finite number")
    }

    @Test func aTargetThatIsNotFiniteIsNamed() throws {
        let targets = Tensor([0, 1, .infinity, 3, 4], shape: [5, 1])
        let data = try TensorDataset(Tensor(Line.x, shape: [5, 1]), targets)
        let learner = Learner(
            try DataLoaders(train: data, valid: data, batchSize: 2), model: Sequential(Linear(1, 1)),
            loss: MeanSquaredError(), handlesInterrupt: false)
        let expected = DataError.notFinite(.infinity, sample: 2, element: 0, part: "target")
        #expect(throws: expected) { try learner.quietly { try learner.fit(1) } }
    }

    /// Batches without numbers of samples.
    private struct Unnumbered: Dataset {
        let whole: TensorDataset
        var count: Int { whole.count }
        func batch(_ indices: [Int]) throws -> Batch {
            let batch = try whole.batch(indices)
            return Batch(inputs: batch.inputs, targets: batch.targets, indices: [])
        }
    }

    @Test func withoutNumbersOfSamplesTheRowIsNamed() throws {
        func learner(_ inputs: [Float], _ labels: [Int32]) throws -> Learner {
            let data = Unnumbered(whole: try TensorDataset(Tensor(inputs, shape: [3, 2]), Tensor(labels)))
            return Learner(
                try DataLoaders(train: DataLoader(data, batchSize: 3), valid: DataLoader(data, batchSize: 3)),
                model: Sequential(Linear(2, 2)), loss: CrossEntropy(), handlesInterrupt: false)
        }
        let mislabelled = try learner([0, 0, 0, 0, 0, 0], [0, 1, 2])
        #expect(throws: DataError.label(2, sample: 2, classes: 2)) { try mislabelled.validate() }
        let infinite = try learner([0, 0, 0, .infinity, 0, 0], [0, 1, 1])
        #expect(throws: DataError.notFinite(.infinity, sample: 1, element: 1, part: "input")) {
            try infinite.validate()
        }
    }

    @Test func aMissingTargetIsAnErrorOfTrainingAndValidationOnly() throws {
        let data = try TensorDataset(Points.dataset().inputs)
        let learner = Learner(
            try DataLoaders(train: data, valid: data, batchSize: 8), model: Sequential(Linear(6, 3)),
            loss: CrossEntropy(), handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        #expect(throws: LearnerError.missingTarget) { try learner.fit(1) }
        #expect(throws: LearnerError.missingTarget) { try learner.validate() }
        #expect(try learner.predictions().first?.shape == [48, 3])
    }

    @Test func aMissingInputIsAnError() throws {
        struct Hollow: Dataset {
            let count = 4
            func batch(_ indices: [Int]) throws -> Batch { Batch(inputs: [], targets: [], indices: indices) }
        }
        let learner = Learner(
            try DataLoaders(train: Hollow(), valid: Hollow(), batchSize: 2), model: Sequential(Linear(6, 3)),
            loss: CrossEntropy(), handlesInterrupt: false)
        let error = try #require(throws: LearnerError.self) { try learner.predictions() }
        #expect("\(error)" == "batch.inputs is empty, expected at least one tensor")
        #expect(throws: error) { try learner.quietly { try learner.fit(1) } }
    }

    @Test func inputsAndTargetsOfDifferentNumbersAreRefused() throws {
        #expect(throws: DataError.countMismatch(inputs: 5, targets: 4)) {
            try TensorDataset(Tensor.zeros([5, 2]), Tensor.zeros([4]))
        }
    }

    @Test func aModelWithoutParametersCannotBeTrained() throws {
        let learner = try Points.learner(model: Sequential(ReLU()))
        #expect(throws: LearnerError.noParameters(model: "Sequential")) { try learner.fit(1) }
        #expect(throws: LearnerError.noParameters(model: "Sequential")) { try learner.lrFind() }
        #expect(try learner.predictions().first?.shape == [20, 6])
        let frozen = try Points.learner()
        for (_, parameter) in frozen.model.parameters { parameter.isTrainable = false }
        #expect(throws: LearnerError.noParameters(model: "Sequential")) { try frozen.fit(1) }
        #expect(try frozen.validate().loss.isFinite)
    }

    /// Keeps a layer where reflection does not see it.
    private final class Hiding: Module {
        let seen = Linear(6, 5)
        let hidden: (Tensor) -> Tensor
        init() {
            let layer = Linear(5, 3)
            hidden = { layer($0) }
        }
        func forward(_ x: Tensor) -> Tensor { hidden(seen(x)) }
    }

    @Test func aParameterThatTheWalkCannotSeeIsAnErrorWithItsShape() throws {
        let learner = try Points.learner(model: Hiding())
        let error = try #require(throws: TensorError.self) { try learner.fit(1) }
        #expect("\(error)".contains("a parameter of shape [3, 5] is used here"))
        #expect("\(error)".contains("Hiding") && "\(error)".contains("visitChildren"))
        #expect(learner.progress.step == 0)
    }

    @Test func groupsMustFitTheModel() throws {
        for groups in [ParameterGrouping.startingAt(["head"]), .startingAt(["3", "0"]), .startingAt(["3", "3"])] {
            let learner = try Points.learner(groups: groups)
            for _ in 0..<2 {
                #expect(throws: OptimizerError.self) { try learner.fit(1) }
                #expect(throws: OptimizerError.self) { try learner.lrFind() }
            }
        }
        let error = try #require(throws: OptimizerError.self) {
            try Points.learner(groups: .startingAt(["head"])).fit(1)
        }
        #expect("\(error)".hasPrefix("parameter groups: no parameter's name begins with 'head'; there are: "))
    }

    @Test func aRunWithinARunIsRefused() throws {
        let (nesting, plain) = (try Points.learner(), try Points.learner())
        var errors: [any Error] = []
        nesting.add(
            Listener { event, learner in
                let attempts: [() throws -> Void] = [
                    { try learner.fit(1) }, { try learner.fit(1, lr: 9) }, { try learner.fitOneCycle(1, lrMax: 9) },
                    { _ = try learner.validate() }, { _ = try learner.predictions() }, { _ = try learner.lrFind() },
                ]
                for attempt in attempts {
                    do { try attempt() } catch { errors.append(error) }
                }
            })
        try nesting.fit(1)
        try plain.fit(1)
        #expect(errors.count > 100 && errors.allSatisfy { $0 as? LearnerError == .alreadyRunning("fit") })
        #expect(
            "\(LearnerError.alreadyRunning("fit"))" == "a fit run is going on; start the next one when it has ended")
        #expect(bits(nesting) == bits(plain) && nesting.recorder.steps == plain.recorder.steps)
    }

    @Test func aLossThatCountsNonsenseIsRefused() throws {
        for count in [-1.0, .nan, .infinity] {
            let learner = try Line.learner(
                loss: FunctionLoss { prediction, _ in LossValue(sum: prediction.sum(), count: count) })
            let error = try #require(throws: LearnerError.self) { try learner.fit(1) }
            #expect("\(error)" == "the loss counts \(count) elements, expected a finite number of 0 or more")
        }
    }
}
