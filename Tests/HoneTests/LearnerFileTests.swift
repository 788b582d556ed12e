import Foundation
import Hone
import Testing

/// Weights in files, with and without the optimizer, and exported models.
@Suite struct LearnerFileTests {
    /// A path that is gone after `body`, with its folder.
    private func withFile(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-learner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("model.safetensors").path)
    }

    private static let rules: [any UpdateRule] = [
        SGD(learningRate: 0.05, momentum: 0.9), Adam(learningRate: 0.01), ScheduleFreeAdamW(learningRate: 0.01),
        Adafactor(), Muon(),
    ]

    @Test(arguments: 0..<5) func anotherLearnerGoesOnWhereOneWasSaved(_ number: Int) throws {
        // Without shuffling and dropout, the weights and the optimizer are all that matters.
        func learner(seed: UInt64) throws -> Learner {
            let data = try DataLoaders(
                train: DataLoader(Points.dataset(), batchSize: 8),
                valid: DataLoader(Points.dataset(20, seed: 10), batchSize: 8))
            let learner = Learner(
                data, model: Sequential(Linear(6, 8), ReLU(), Linear(8, 3)), loss: CrossEntropy(),
                optimizer: Self.rules[number], seed: seed, handlesInterrupt: false)
            learner.removeCallbacks(of: ProgressReporter.self)
            return learner
        }
        let one = try learner(seed: 1)
        try one.fit(2, lr: 0.02)
        try withFile { path in
            try one.save(path)
            let other = try learner(seed: 2)
            #expect(try other.load(path).isEmpty)
            #expect(bits(other) == bits(one) && other.optimizer.state == one.optimizer.state)
            try one.fit(1)
            try other.fit(1)
            #expect(bits(other) == bits(one))
        }
    }

    /// Of a model with eight equal parameters, saving takes the memory of one.
    @Test(arguments: [Adam(), ScheduleFreeSGD()] as [any UpdateRule])
    func parametersAreCopiedOneAtATimeAsTheyAreWritten(_ rule: any UpdateRule) throws {
        let layers = (0..<8).map { _ in Linear(64, 64, bias: false) as any Module }
        let learner = try Points.learner(
            optimizer: rule, model: Sequential([Linear(6, 64)] + layers + [Linear(64, 3)]))
        try learner.fit(1)
        let pool = StoragePool()
        try withFile { path in
            try withStoragePool(pool) { try learner.save(path, withOptimizer: false) }
            let largest = 64 * 64 * 4
            #expect(pool.statistics.peakBytes >= largest && pool.statistics.peakBytes < 2 * largest)
            let before = bits(learner)
            try learner.load(path)
            #expect(bits(learner) == before)
        }
    }

    @Test func aFileWithoutTheOptimizerIsAPlainOne() throws {
        let learner = try Points.learner()
        try learner.fit(1)
        try withFile { path in
            try learner.save(path, withOptimizer: false)
            #expect(try SafeTensors.read(path).names.sorted() == learner.model.stateDictionary.names.sorted())
            let other = try Points.learner(seed: 7)
            try other.fit(1)
            let state = other.optimizer.state
            try other.load(path)
            #expect(bits(other) == bits(learner) && other.optimizer.state == state)
            let error = #expect(throws: OptimizerError.self) { try other.load(path, withOptimizer: true) }
            #expect(error.map { "\($0)" }?.contains("was saved without one") ?? false)
            let model = Sequential(Linear(6, 8), ReLU(), Dropout(0.25), Linear(8, 3))
            try model.load(path)
            #expect(model.stateDictionary.sha256 == learner.model.stateDictionary.sha256)
        }
    }

    @Test func theOptimizerOfAFileCanBeLeftAlone() throws {
        let learner = try Points.learner()
        try learner.fit(1)
        try withFile { path in
            try learner.save(path)
            let other = try Points.learner(seed: 7, optimizer: SGD())
            let before = bits(other)
            #expect(throws: OptimizerError.self) { try other.load(path) }
            #expect(bits(other) == before)
            try other.load(path, withOptimizer: false)
            #expect(bits(other) == bits(learner) && other.optimizer.state.parameters["0.weight"]?.updates == 0)
        }
    }

    @Test func aFileOfAnotherModelIsRefusedAndNothingChanges() throws {
        let learner = try Points.learner()
        try learner.fit(1)
        try withFile { path in
            try learner.save(path, withOptimizer: false)
            let other = try Points.learner(
                model: Sequential(Linear(6, 4), ReLU(), Dropout(0.25), Linear(4, 3), Linear(3, 3)))
            let before = bits(other)
            #expect(throws: StateMismatch.self) { try other.load(path) }
            #expect(bits(other) == before)
            let report = try other.load(path, strict: false)
            #expect(report.missing == ["4.weight", "4.bias"] && report.mismatched.count == 3)
            #expect(throws: WeightFileError.self) { try other.load(path + ".gone") }
        }
    }

    @Test func whatASchedulefreeOptimizerSavesInAValidationAreTheWeightsToTrainWith() throws {
        try withFile { path in
            let saving = Listener { event, learner in if event == .afterValidate { try learner.save(path) } }
            let learner = try Points.learner(optimizer: ScheduleFreeAdamW(learningRate: 0.05), callbacks: [saving])
            try learner.fit(1)
            let other = try Points.learner(seed: 3, optimizer: ScheduleFreeAdamW(learningRate: 0.05))
            try other.load(path)
            #expect(bits(other) == bits(learner))
        }
    }

    // MARK: Exported models

    private func exported(
        _ optimizer: any UpdateRule = Adam(learningRate: 0.01), _ body: (Learner, String) throws -> Void
    )
        throws
    {
        let learner = try Points.learner(
            optimizer: optimizer, model: Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Dropout(0.5), Linear(8, 3)))
        try learner.fit(2)
        try withFile { path in
            try learner.export(to: path)
            try body(learner, path)
        }
    }

    @Test func anExportedModelAnswersAsTheLearner() throws {
        for optimizer in [Adam(learningRate: 0.01), ScheduleFreeAdamW(learningRate: 0.05)] as [any UpdateRule] {
            try exported(optimizer) { learner, path in
                let model = Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Dropout(0.5), Linear(8, 3))
                try Learner.load(exported: path, into: model)
                let outputs = model(try Points.dataset(20, seed: 10).inputs)
                #expect(outputs.allClose(to: try learner.predictions()[0]))
            }
        }
    }

    private final class Wrapped: Module {
        let inner = Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Dropout(0.5), Linear(8, 3))
        func visitChildren(_ visitor: inout ModuleVisitor) { inner.visitChildren(&visitor) }
        func forward(_ x: Tensor) -> Tensor { inner(x) }
    }

    @Test func anyOtherModelIsRefusedAndStaysAsItWas() throws {
        try exported { learner, path in
            func problem(_ model: any Module) throws -> String {
                model.initialise(seed: 5)
                let before = model.stateDictionary.sha256
                let error = #expect(throws: LearnerError.self) { try Learner.load(exported: path, into: model) }
                #expect(model.stateDictionary.sha256 == before)
                return "\(error.map { "\($0)" } ?? "")".replacingOccurrences(of: path, with: "FILE")
            }
            // The same names and shapes, of another type; and another activation, which no weight tells.
            #expect(try problem(Wrapped()) == "export: FILE is of a Sequential, expected a Wrapped")
            #expect(
                try problem(Sequential(Linear(6, 8), BatchNorm1d(8), Tanh(), Dropout(0.5), Linear(8, 3)))
                    == "export: FILE has '2: ReLU', the model has '2: Tanh'")
            #expect(
                try problem(Sequential(Linear(6, 8), BatchNorm1d(8), ReLU(), Dropout(0.5), Linear(8, 3), ReLU()))
                    == "export: FILE is of 6 modules, the model has 7")
            try learner.save(path)
            #expect(
                try problem(Sequential(Linear(6, 8)))
                    == "export: FILE holds weights, but was not written by export(to:)")
        }
    }
}
