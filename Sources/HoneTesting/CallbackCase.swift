import Foundation
import Hone

/// A callback as ``CallbackScenario`` tries it: how it is made, and on what it is trained.
///
/// ```swift
/// static let cases = [CallbackCase("MixUp") { [MixUp()] }]
///
/// @Test(arguments: cases, CallbackScenario.allCases)
/// func aCallbackStands(_ scenario: CallbackScenario, _ callback: CallbackCase) throws { try scenario.check(callback) }
/// ```
public struct CallbackCase: Sendable, CustomStringConvertible {
    /// The class's name.
    public let name: String
    /// Whether it is an error to use it without validation data.
    public var needsValidation = false
    /// Whether its run states depend on the clock.
    public var dependsOnTime = false
    /// Whether it sets the size of batches or windows, or ends phases or runs by itself, so that the steps of a run are its
    /// own matter.
    public var setsRuns = false
    /// The shape of a sample, of 6 numbers.
    public var sampleShape = [6]
    /// Where the model's parameters are cut into groups.
    public var groups = ParameterGrouping.whole
    /// Makes the model, which tells 3 classes apart.
    public var model: @Sendable () -> any Module = {
        Sequential(Linear(6, 8), ReLU(), Dropout(0.25), Linear(8, 3))
    }
    /// Makes the callback, with those that it cannot do without. The path is that of a file that it may write.
    public let make: @Sendable (_ path: String) throws -> [any Callback]

    /// Describes a callback that writes no file.
    public init(_ name: String, make: @escaping @Sendable () throws -> [any Callback]) {
        self.init(name, writing: { _ in try make() })
    }

    /// Describes a callback that may write a file.
    public init(_ name: String, writing make: @escaping @Sendable (_ path: String) throws -> [any Callback]) {
        self.name = name
        self.make = make
    }

    /// The same with some of its properties changed.
    public func with(_ change: (inout CallbackCase) -> Void) -> CallbackCase {
        var changed = self
        change(&changed)
        return changed
    }

    /// The name.
    public var description: String { name }

    /// 48 training samples and some to validate with, in 3 classes, and a model with these callbacks, that prints nothing.
    ///
    /// - Parameters:
    ///   - callbacks: what is tried.
    ///   - seed: where all randomness comes from.
    ///   - batchSize: the samples of a training batch.
    ///   - valid: the samples to validate with.
    public func learner(
        _ callbacks: [any Callback], seed: UInt64 = 42, batchSize: Int = 8, valid: Int = 20
    ) throws -> Learner {
        let learner = Learner(
            try DataLoaders(train: samples(48, key: 1), valid: samples(valid, key: 2), batchSize: batchSize),
            model: model(), loss: CrossEntropy(), optimizer: Adam(learningRate: 0.01), metrics: [Accuracy()],
            groups: groups, seed: seed, handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        for callback in callbacks { learner.add(callback) }
        return learner
    }

    private func samples(_ count: Int, key: UInt64) throws -> TensorDataset {
        let inputs = Tensor.normal(Shape([count] + sampleShape), key: RandomKey(seed: key))
        let rows = inputs.scalars
        let labels = (0..<count).map { row -> Int32 in
            let scores = (0..<3).map { rows[6 * row + $0] + rows[6 * row + 3 + $0] / 2 }
            return Int32(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
        }
        return try TensorDataset(inputs, Tensor(labels))
    }

    /// Runs `body` with a folder for the files of callbacks, which is gone afterwards.
    func withFolder<Result>(_ body: (_ makeOne: @escaping () throws -> [any Callback]) throws -> Result) throws
        -> Result
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var count = 0
        return try body {
            count += 1
            return try make(folder.appendingPathComponent("\(count)").path)
        }
    }
}

/// The callbacks that the Swift files of some folders declare to the public: classes that derive from `LearnerCallback`, at
/// once or by another of the folders, or from ``Callback`` itself. A test compares them with its list of cases.
public func declaredCallbacks(in folders: String...) throws -> Set<String> {
    var parents: [String: [String]] = [:]
    for folder in folders {
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") {
                guard let mark = ["open class ", "public class ", "public final class "].first(where: line.hasPrefix)
                else { continue }
                let words = line.dropFirst(mark.count).split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(
                    String.init)
                if let name = words.first { parents[name] = Array(words.dropFirst()) }
            }
        }
    }
    func isCallback(_ name: String) -> Bool {
        name == "LearnerCallback" || name == "Callback" || parents[name]?.contains(where: isCallback) == true
    }
    return Set(parents.keys.filter { $0 != "LearnerCallback" && isCallback($0) })
}
