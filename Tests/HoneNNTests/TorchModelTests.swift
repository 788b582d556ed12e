import Foundation
import HoneNN
import HoneTensor
import Testing

/// Networks that torchvision's own classes made (of narrow layers, with random statistics), saved as safetensors with
/// what PyTorch computes of a batch.
@Suite struct TorchVisionTests {
    @Test("loads torchvision's weights unchanged and gives its outputs", arguments: ["basic", "bottleneck"])
    func outputs(_ block: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Resources")
        let model = try ResNet(
            #require(ResNet.Block(rawValue: block)), depths: [1, 1, 1, 1], classes: 3, width: block == "basic" ? 2 : 1)
        try model.load(folder.appendingPathComponent("resnet-\(block).safetensors").path)
        let sample = try SafeTensors.read(folder.appendingPathComponent("resnet-\(block)-sample.safetensors").path)
        model.eval()
        let output = model(try sample.tensor(named: "x"))
        #expect(distance(output, try sample.tensor(named: "y")) < 1e-5)
    }
}
