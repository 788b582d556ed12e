import Foundation

/// An optimizer's state as a safetensors file has it: what is as large as parameters as tensors, the rest as JSON.
struct StoredOptimizer {
    /// The metadata's name of the JSON.
    static let key = "hone.optimizer"
    /// What the tensors' names begin with.
    static let prefix = "optimizer/"

    private let state: Optimizer.State

    init(_ state: Optimizer.State) { self.state = state }

    /// The states of all parameters, in the order of their names.
    var tensors: [(name: String, value: Tensor)] {
        state.parameters.sorted { $0.key < $1.key }.flatMap { parameter, kept in
            kept.states.sorted { $0.key < $1.key }.map { name, values in
                (name: StoredOptimizer.name(parameter, name), value: Tensor(values))
            }
        }
    }

    /// All but the tensors' values, of which the names remain.
    func json() throws -> String {
        var rest = state
        for (parameter, kept) in state.parameters {
            rest.parameters[parameter]?.states = kept.states.mapValues { _ in [] }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(rest), as: UTF8.self)
    }

    /// The state in a file; nil when it has none.
    ///
    /// - Throws: `OptimizerError.stateMismatch(_:)` when it cannot be read, and `WeightFileError` when a tensor is missing.
    static func read(_ file: SafeTensors) throws -> Optimizer.State? {
        guard let text = file.metadata[key] else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var state: Optimizer.State
        do {
            state = try decoder.decode(Optimizer.State.self, from: Data(text.utf8))
        } catch {
            throw OptimizerError.stateMismatch("that of \(file.path) cannot be read: \(error)")
        }
        for (parameter, kept) in state.parameters {
            for name in kept.states.keys {
                state.parameters[parameter]?.states[name] = try file.tensor(named: self.name(parameter, name)).scalars
            }
        }
        return state
    }

    private static func name(_ parameter: String, _ state: String) -> String { "\(prefix)\(parameter)/\(state)" }
}
