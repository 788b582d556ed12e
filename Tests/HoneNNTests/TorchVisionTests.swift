import Foundation
import HoneNN
import HoneTensor
import Testing

/// Networks of torchvision's own classes: the names and shapes of the real ones, and networks of the same depths with
/// narrow layers and random statistics, saved as safetensors with what PyTorch computes of a batch.
@Suite struct TorchVisionTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Resources")

    private func lines(_ file: String) throws -> [String] {
        try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    @Test("has torchvision's names and shapes", arguments: [18, 50])
    func names(_ depth: Int) throws {
        let model = depth == 18 ? ResNet.resNet18() : .resNet50()
        let parameters = model.parameters.map { "\($0.name) F32 \($0.parameter.shape)" }
        // Whole numbers are stored with 64 bits, as PyTorch has them.
        let buffers = model.buffers.map { name, buffer in
            "\(name) \(buffer.value.elementType == .float32 ? "F32" : "I64") \(buffer.value.shape)"
        }
        let expected = try lines("torchvision-resnet\(depth).txt")
        #expect(expected.count == (depth == 18 ? 122 : 320))
        #expect((parameters + buffers).sorted() == expected.sorted())
        // Each kind is in torchvision's order.
        #expect(parameters == expected.filter { !$0.contains(".running_") && !$0.contains(".num_batches_tracked") })
        #expect(buffers == expected.filter { $0.contains(".running_") || $0.contains(".num_batches_tracked") })
    }

    @Test("loads torchvision's weights unchanged and gives its outputs", arguments: [18, 50])
    func outputs(_ depth: Int) throws {
        let model =
            depth == 18
            ? ResNet(.basic, depths: [2, 2, 2, 2], classes: 3, width: 1)
            : ResNet(.bottleneck, depths: [3, 4, 6, 3], classes: 3, width: 1)
        let file = folder.appendingPathComponent("resnet\(depth)-narrow.safetensors").path
        // The names are those of the real network, all of them.
        #expect(
            try SafeTensors.read(file).names.sorted()
                == lines("torchvision-resnet\(depth).txt").map { $0.prefix { $0 != " " } }.map(String.init).sorted())
        try model.load(file)
        let sample = try SafeTensors.read(
            folder.appendingPathComponent("resnet\(depth)-narrow-sample.safetensors").path)
        model.eval()
        let (output, expected) = (model(try sample.tensor(named: "x")), try sample.tensor(named: "y"))
        // PyTorch's own single precision is 8e-6 away from its double precision, of outputs up to 5.
        #expect(distance(output, expected) < 3e-5)
    }
}
