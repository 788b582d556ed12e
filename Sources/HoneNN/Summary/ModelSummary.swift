import HoneTensor

/// What a model is made of and what it makes of a batch: a row for each layer, with the shapes of its outputs, its
/// parameters and its multiply-adds. Printed, it is a table.
public struct ModelSummary: CustomStringConvertible, Sendable {
    /// A layer: a module without modules inside it, or one that has parameters or products of its own beside them.
    public struct Row: Sendable {
        /// The layer's path in the model; empty for the model itself.
        public let path: String
        /// What it calls itself: `Linear 128→10`.
        public let label: String
        /// The shapes of the outputs of its last call; empty when the forward pass does not call it.
        public let outputs: [Shape]
        /// The number of elements of its own parameters. Those of a tied parameter are counted at its first place.
        public let parameters: Int
        /// How many of them an optimizer may change.
        public let trainable: Int
        /// The multiply-adds of all its calls in one forward pass, those of layers within it apart; see
        /// ``MultiplyAddCounting``.
        public let multiplyAdds: Int
    }

    /// The model's label.
    public let model: String
    /// The shapes of the batch.
    public let inputs: [Shape]
    /// The layers, in order of declaration.
    public let rows: [Row]

    /// The number of elements of all parameters.
    public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
    /// How many of them an optimizer may change.
    public var trainable: Int { rows.reduce(0) { $0 + $1.trainable } }
    /// The multiply-adds of a forward pass over the batch.
    public var multiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

    /// A table, a line a layer, and the totals.
    public var description: String {
        let table = TextTable(
            header: ["layer", "", "output", "parameters", "trainable", "multiply-adds"],
            rows: rows.map { row in
                [
                    row.path.isEmpty ? "(model)" : row.path, row.label,
                    row.outputs.isEmpty ? "not called" : words(row.outputs), grouped(row.parameters),
                    row.parameters == 0
                        ? "" : row.trainable == row.parameters ? "yes" : row.trainable == 0 ? "no" : "part",
                    row.multiplyAdds == 0 ? "" : grouped(row.multiplyAdds),
                ]
            })
        return """
            \(model), input \(words(inputs))
            \(table)
            parameters: \(grouped(parameters)), trainable: \(grouped(trainable)), frozen: \(grouped(parameters - trainable))
            multiply-adds: \(grouped(multiplyAdds))
            """
    }

    private func words(_ shapes: [Shape]) -> String { shapes.map { "\($0)" }.joined(separator: " ") }

    /// `1,234,567`
    private func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

extension Module {
    /// A table of the model's layers, from a forward pass over a batch; see ``ModelSummary``.
    ///
    /// The pass is one of evaluation and leaves no trace: modes, running statistics, random numbers and parameters stay
    /// as they are, and values that were never drawn are still to be drawn.
    /// - Throws: the error of the forward pass, which names the layer's path.
    public func summary(for inputs: Tensor...) throws -> ModelSummary { try summary(for: inputs) }

    /// As the other form, of inputs in an array.
    public func summary(for inputs: [Tensor]) throws -> ModelSummary {
        let walk = ModuleWalk(self)
        var calls: [ObjectIdentifier: (outputs: [Shape], multiplyAdds: Int)] = [:]
        try leavingNoTrace(walk) {
            try catchingTensorErrors {
                observingOutputs { call in
                    let outputs = call.outputs.map(\.shape)
                    let work = (call.module as? any MultiplyAddCounting)?.multiplyAdds(
                        inputs: call.inputs.map(\.shape), outputs: outputs)
                    let before = calls[ObjectIdentifier(call.module)]?.multiplyAdds ?? 0
                    calls[ObjectIdentifier(call.module)] = (outputs, before + (work ?? 0))
                } run: {
                    if let model = self as? any MultiInputModule {
                        _ = model(inputs)
                    } else if inputs.count == 1 {
                        _ = self(inputs[0])
                    } else {
                        _ = failed(label, "\(inputs.count) inputs for a summary, expected one")
                    }
                }
            }
        }
        var counted: Set<ObjectIdentifier> = []
        let rows = walk.modules.compactMap { path, module -> ModelSummary.Row? in
            var visitor = ModuleVisitor()
            module.visitChildren(&visitor)
            var own: [Parameter] = []
            var hasOwn = false
            var hasModules = false
            for (_, child) in visitor.found {
                switch child {
                case .parameter(let parameter):
                    hasOwn = true
                    if counted.insert(ObjectIdentifier(parameter)).inserted { own.append(parameter) }
                case .buffer: break
                case .module: hasModules = true
                }
            }
            let call = calls[ObjectIdentifier(module)]
            guard !hasModules || hasOwn || call?.multiplyAdds ?? 0 > 0 else { return nil }
            return ModelSummary.Row(
                path: path, label: module.label, outputs: call?.outputs ?? [],
                parameters: own.reduce(0) { $0 + $1.shape.count },
                trainable: own.reduce(0) { $0 + ($1.isTrainable ? $1.shape.count : 0) },
                multiplyAdds: call?.multiplyAdds ?? 0)
        }
        return ModelSummary(model: label, inputs: inputs.map(\.shape), rows: rows)
    }

    /// Runs `body` in evaluation mode and without gradients, and puts all that it may change back.
    private func leavingNoTrace(_ walk: ModuleWalk, _ body: () throws -> Void) rethrows {
        let residences = walk.parameters.map { ($0.parameter, $0.parameter.residence) }
        let values = walk.buffers.map { ($0.buffer, $0.buffer.value) }
        let modes = walk.modules.compactMap { $0.module as? any TrainingModeDependent }.map { ($0, $0.isTraining) }
        defer {
            for (parameter, residence) in residences { parameter.residence = residence }
            for (buffer, value) in values { buffer.value = value }
            for (module, isTraining) in modes { module.isTraining = isTraining }
        }
        eval()
        try withoutGradient { try withRandomKey(RandomKey(seed: 0).derived("summary"), body) }
    }
}
