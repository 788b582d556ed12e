import Foundation
import Hone

/// Runs a case of weights.json: a file's tensors, or what a model makes of them.
func runWeightCase(_ kind: String, _ test: VectorCase, _ comparison: Comparison) throws {
    guard let name = test.config["file"].string else { throw Unmet("the case names no file") }
    let path = try VectorFile.folder().appendingPathComponent(name).path
    if test.expected["error"].bool == true {
        do {
            let file = try SafeTensors.read(path)
            for name in file.names { _ = try file.tensor(named: name) }
        } catch is WeightFileError {
            return
        }
        throw Unmet("the file was read, expected an error: \(test.expected["reason"].short)")
    }
    switch kind {
    case "load": try runLoadCase(path, test)
    case "forward": try runForwardCase(path, test, comparison)
    default: throw Skip.unknownKind(kind)
    }
}

private func runLoadCase(_ path: String, _ test: VectorCase) throws {
    let file = try SafeTensors.read(path)
    let exact = Comparison(tolerance: Tolerance(relative: 0, absolute: 0))
    try expectMetadata(file, test)
    let tensors = test.expected["tensors"].object ?? [:]
    guard Set(file.names) == Set(tensors.keys) else { throw Unmet("names are \(file.names)") }
    for (name, expected) in tensors.sorted(by: { $0.key < $1.key }) {
        guard let entry = file[name], let data = expected["data"].doubles else { throw Unmet("\(name) is missing") }
        guard entry.type.rawValue == expected["dtype"].string, entry.shape == expected["shape"].ints else {
            throw Unmet("\(name) is \(entry.type.rawValue) \(entry.shape)")
        }
        // Floats in the vectors are shortest decimals of singles, but for those of double precision.
        let rounds = entry.type.isFloat && entry.type != .float64
        try exact.expect(file.doubles(named: name), rounds ? data.map { Double(Float($0)) } : data, name)
        let fits = data.allSatisfy { entry.type.isFloat || Int32(exactly: $0) != nil }
        if fits {
            let tensor = try file.tensor(named: name)
            guard tensor.elementType == entry.type.elementType else { throw Unmet("\(name): \(tensor.elementType)") }
            let values =
                tensor.elementType == .float32 ? tensor.scalars.map(Double.init) : tensor.integers.map(Double.init)
            try exact.expect(values, entry.type.isFloat ? data.map { Double(Float($0)) } : data, name)
        } else if (try? file.tensor(named: name)) != nil {
            throw Unmet("\(name) holds more than int32 does, and became a tensor")
        }
    }
}

private func expectMetadata(_ file: SafeTensors, _ test: VectorCase) throws {
    let expected = (test.expected["metadata"].object ?? [:]).compactMapValues(\.string)
    guard file.metadata == expected else { throw Unmet("metadata is \(file.metadata), expected \(expected)") }
}

/// Layers one after the other, each of which has its name.
private final class NamedChain: Module {
    let layers: [(name: String, layer: any Module)]
    init(_ layers: [(name: String, layer: any Module)]) { self.layers = layers }
    func forward(_ x: Tensor) -> Tensor { layers.reduce(x) { $1.layer($0) } }
    func visitChildren(_ visitor: inout ModuleVisitor) {
        for (name, layer) in layers { visitor.visit(name, layer) }
    }
}

private func runForwardCase(_ path: String, _ test: VectorCase, _ comparison: Comparison) throws {
    let file = try SafeTensors.read(path)
    try expectMetadata(file, test)
    guard file.names.count == test.expected["tensor_count"].int else { throw Unmet("\(file.names.count) tensors") }
    let layers = try (test.config["model"].array ?? []).map { layer in
        let kind = layer["kind"].string ?? ""
        do {
            return (
                layer["name"].string ?? "", try makeLayer(kind, layer["options"], isTraining: false, rank: 0)
            )
        } catch Skip.unknownKind(let kind) {
            throw Skip.option("layer \(kind)")
        }
    }
    let model = NamedChain(layers)
    try model.load(path)
    model.eval()
    guard let input = VectorTensor(test.inputs["input"]) else { throw Unmet("the case has no input") }
    let output = model(input.tensor)
    try throwPendingTensorError()
    try comparison.expect(["output": output], .object(["output": test.expected["output"]]), "expected")
}
