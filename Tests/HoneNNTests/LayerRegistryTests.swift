import Foundation
import HoneNN
import HoneTensor
import Testing

/// Walks every layer: values, gradients, modes, state.
@Suite struct LayerRegistryTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Superclasses of layers, which are not used by themselves.
    private static let bases: Set<String> = ["BatchNorm", "InstanceNorm", "ChannelDropout", "RecurrentLayer"]

    @Test func everyPublicLayerIsInTheRegistry() throws {
        let names = try publicTypes(in: "Sources/HoneNN/Layers", of: "class")
        #expect(names.count > 30)
        let known = Set(LayerEntry.all.map(\.name))
        for name in names where !Self.bases.contains(name) {
            #expect(known.contains(name), "\(name) is not in the registry of layers")
        }
        for name in known { #expect(names.contains(name), "\(name) is no layer") }
    }

    /// Attention has the batch first by default, recurrent layers time: each says so where it is made.
    @Test func whereTheBatchStandsByDefaultIsDocumented() throws {
        let folder = Self.repository.appendingPathComponent("Sources/HoneNN/Layers/Sequence")
        var defaults: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            guard let standard = text.firstMatch(of: /batchFirst: Bool = (true|false)/) else { continue }
            let stated = text.firstMatch(of: /\/\/\/   - batchFirst: [^\n]*; (true|false) by default/)
            #expect(stated?.1 == standard.1, "\(file)")
            defaults[String(file.dropLast(".swift".count))] = String(standard.1)
        }
        let timeFirst = ["RNN", "LSTM", "GRU"]
        #expect(defaults.count == 9 && defaults.filter { $0.value == "false" }.keys.sorted() == timeFirst.sorted())
        #expect(!LSTM(1, 1).batchFirst && MultiheadAttention(2, heads: 1).batchFirst)
    }

    @Test("has the values of its definition", arguments: LayerEntry.all)
    func values(_ entry: LayerEntry) throws {
        for (index, shapes) in entry.shapes.enumerated() {
            let (layer, inputs) = entry.sample(shapes, seed: UInt64(index))
            layer.eval()
            let expected: Tensor
            switch entry.truth {
            case .container:
                #expect(mistake { layer(Tensor([1])) } != nil)
                return
            case .vectors(let kind):
                #expect(try isAmongTheVectors(kind))
                _ = try entry.output(layer, inputs)
                continue
            case .formula(let formula): expected = formula(layer.stateDictionary, inputs)
            case .elements(let function):
                expected = Tensor(inputs[0].scalars.map { Float(function(Double($0))) }, shape: inputs[0].shape)
            }
            let output = entry.call?(layer, inputs)[0] ?? entry.plainOutputs(layer, inputs)[0]
            #expect(distance(output, expected) < 2e-5, "\(shapes)")
        }
    }

    private func isAmongTheVectors(_ kind: String) throws -> Bool {
        let tests = Self.repository.appendingPathComponent("Tests/ConformanceTests")
        let file = tests.appendingPathComponent("Resources/vectors/layers.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        let cases = object?["cases"] as? [[String: Any]] ?? []
        return cases.contains { ($0["config"] as? [String: Any])?["kind"] as? String == kind }
    }

    @Test("has the gradients that central differences have", arguments: LayerEntry.all)
    func gradients(_ entry: LayerEntry) throws {
        if case .container = entry.truth { return }
        for (index, shapes) in entry.shapes.enumerated() {
            for isTraining in entry.differsInTraining ? [true, false] : [true] {
                let (layer, inputs) = entry.sample(shapes, seed: UInt64(index))
                isTraining ? layer.train() : layer.eval()
                if inputs[0].elementType == .float32 {
                    let report = try GradientCheck.report(at: inputs) { inputs in
                        (try? entry.output(layer, inputs)) ?? Tensor(.nan)
                    }
                    #expect(report.worst <= 4e-3, "\(shapes): \(report)")
                }
                try expectParameterGradients(entry, layer, inputs)
            }
        }
    }

    /// Compares each parameter's gradient with central differences. None may be zero throughout.
    private func expectParameterGradients(_ entry: LayerEntry, _ layer: any Module, _ inputs: [Tensor]) throws {
        let arena = ParameterArena.adopt(layer, seed: 0)
        arena.zeroGradients()
        let tape = Tape()
        let weights = try tape.record { () -> Tensor in
            let output = try entry.output(layer, inputs)
            let weights = Tensor.uniform(output.shape, low: 0.5, high: 1.5, key: RandomKey(seed: 9))
            if !layer.parameters.isEmpty { _ = try tape.gradients(of: output, for: [], seed: weights) }
            return weights
        }
        func value() throws -> Double {
            let output = try withoutGradient { try entry.output(layer, inputs) }
            return zip(output.scalars, weights.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        for (name, parameter) in layer.parameters {
            let (values, slopes) = (parameter.value.scalars, parameter.gradient.scalars)
            #expect(slopes.contains { $0 != 0 }, "\(name) gets no gradient")
            for element in values.indices {
                func shifted(by step: Float) throws -> (point: Float, value: Double) {
                    var moved = values
                    moved[element] += step
                    parameter.value = Tensor(moved, shape: parameter.shape)
                    return (moved[element], try value())
                }
                let (up, down) = (try shifted(by: 5e-3), try shifted(by: -5e-3))
                let difference = (up.value - down.value) / Double(up.point - down.point)
                let slope = Double(slopes[element])
                // The padding's vector is a constant, though the output follows it.
                if let padding = (layer as? Embedding)?.paddingIndex, element / parameter.shape[1] == padding {
                    #expect(slope == 0)
                    continue
                }
                let error = abs(slope - difference) / max(1, abs(slope), abs(difference))
                #expect(error <= 4e-3, "\(name)[\(element)]: gradient \(slope), difference \(difference)")
            }
            parameter.value = Tensor(values, shape: parameter.shape)
        }
    }

    @Test("differs between training and evaluation only where it should", arguments: LayerEntry.all)
    func modes(_ entry: LayerEntry) throws {
        if case .container = entry.truth { return }
        let (layer, inputs) = entry.sample(entry.shapes[0], seed: 3)
        #expect((layer as? any TrainingModeDependent)?.isTraining != false)
        layer.eval()
        let before = layer.stateDictionary.sha256
        let evaluated = try entry.output(layer, inputs)
        #expect(try entry.output(layer, inputs).isBitwiseEqual(to: evaluated))
        #expect(layer.stateDictionary.sha256 == before, "evaluation changes the state")
        layer.train()
        let trained = try entry.output(layer, inputs)
        #expect(trained.isBitwiseEqual(to: evaluated) != entry.differsInTraining)
        #expect(trained.shape == evaluated.shape)
    }

    @Test("has PyTorch's names, and a state that comes back bit for bit", arguments: LayerEntry.all)
    func state(_ entry: LayerEntry) throws {
        let (layer, inputs) = entry.sample(entry.shapes[0], seed: 4)
        var isContainer = false
        if case .container = entry.truth { isContainer = true }
        // A step of training, so that buffers have moved.
        if !isContainer { _ = try entry.output(layer, inputs) }
        let state = layer.stateDictionary
        #expect(state.names == entry.state)
        let other = entry.make()
        other.initialise(seed: 99)
        try other.load(state)
        #expect(other.stateDictionary.sha256 == state.sha256)
        for (a, b) in zip(state.entries, other.stateDictionary.entries) {
            #expect(a.name == b.name && a.value.isBitwiseEqual(to: b.value))
        }
        if isContainer { return }
        layer.eval()
        other.eval()
        #expect(try entry.output(layer, inputs).isBitwiseEqual(to: entry.output(other, inputs)))
    }
}

/// The names of the public types of a kind that a folder's files declare, without those within other types.
func publicTypes(in folder: String, of kind: String) throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(folder)
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    var names: Set<String> = []
    while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            guard line.first != " ", let access = words.popFirst(), ["public", "open"].contains(access) else {
                continue
            }
            if words.first == "final" { words.removeFirst() }
            guard words.popFirst() ?? "" == kind, let name = words.first else { continue }
            names.insert(String(name.prefix { $0.isLetter || $0.isNumber }))
        }
    }
    return names
}

extension LayerEntry {
    /// A layer with random parameters, and inputs for it.
    func sample(_ shapes: [[Int]], seed: UInt64) -> (layer: any Module, inputs: [Tensor]) {
        var numbers = TestNumbers(seed: seed)
        let layer = make()
        for (_, parameter) in layer.parameters { parameter.value = numbers.tensor(parameter.shape.array, in: -1...1) }
        let inputs = shapes.map { shape -> Tensor in
            let count = shape.reduce(1, *)
            switch values {
            case .spread: return numbers.tensor(shape)
            case .separated(let distance):
                var places = Array(0..<count)
                for i in places.indices.dropFirst() { places.swapAt(i, Int(numbers.next() % UInt64(i + 1))) }
                let middle = Float(count) / 2 - 0.5 + (count % 2 == 0 ? 0 : 0.5)
                return Tensor(places.map { (Float($0) - middle) * distance }, shape: Shape(shape))
            case .indices(let limit):
                // Every index comes up, so that every row is used.
                return Tensor((0..<count).map { Int32(($0 * 2 + 1) % limit) }, shape: Shape(shape))
            }
        }
        return (layer, inputs)
    }

    /// The outputs of a plain call.
    func plainOutputs(_ layer: any Module, _ inputs: [Tensor]) -> [Tensor] {
        if inputs.count > 1, let layer = layer as? any MultiInputModule { return layer(inputs) }
        return [layer(inputs[0])]
    }

    /// All outputs, as one row if there are several, with the same random numbers at each call.
    func output(_ layer: any Module, _ inputs: [Tensor]) throws -> Tensor {
        let outputs = withRandomKey(RandomKey(seed: 11)) { call?(layer, inputs) ?? plainOutputs(layer, inputs) }
        return outputs.count == 1 ? outputs[0] : .concatenate(outputs.map { $0.flattened() })
    }
}
