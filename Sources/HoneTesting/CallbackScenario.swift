import Foundation
import Hone

/// What every callback must stand; see ``CallbackCase``.
public enum CallbackScenario: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Two fits in a row: the second is that of a callback which is used for the first time.
    case twoFits
    /// A fit that throws, at several events: all is put back, and the next one is that of a fresh callback.
    case failure
    /// A fit that is asked to stop, at several events: it stops there, and the next one is that of a fresh callback.
    case stop
    /// No validation data: no trouble, or an error that says so.
    case emptyValidation
    /// A fit of no epochs is completed, and changes no weight.
    case noEpochs
    /// Epochs of one batch.
    case oneBatch
    /// A snapshot within a fit, and one after it: the run states come back.
    case snapshot

    /// In words.
    public var description: String { rawValue }

    /// Tries a callback.
    ///
    /// - Throws: ``CallbackViolation`` for what it does not stand, and what it throws.
    public func check(_ callback: CallbackCase) throws {
        try callback.withFolder { makeOne in
            let trial = CallbackTrial(scenario: self, callback: callback, makeOne: makeOne)
            switch self {
            case .twoFits: try trial.twoFits()
            case .failure: try trial.failure()
            case .stop: try trial.stop()
            case .emptyValidation: try trial.emptyValidation()
            case .noEpochs: try trial.noEpochs()
            case .oneBatch: try trial.oneBatch()
            case .snapshot: try trial.snapshots()
            }
        }
    }
}

/// What a callback does not stand.
public struct CallbackViolation: Error, Equatable, CustomStringConvertible, LocalizedError {
    /// The callback's name.
    public let callback: String
    /// In which scenario.
    public let scenario: CallbackScenario
    /// What was expected and was not so.
    public let problem: String

    /// All of it, in words.
    public var description: String { "\(callback) in \(scenario): \(problem)" }

    /// The description, for `localizedDescription`.
    public var errorDescription: String? { description }
}
