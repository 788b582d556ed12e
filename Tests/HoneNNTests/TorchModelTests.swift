import Foundation
import HoneNN
import HoneTensor
import Testing

/// Networks made by PyTorch, of narrow layers and with random statistics, saved as safetensors with what it computes of a
/// batch: ResNet by torchvision's own classes, XResNet from PyTorch's layers with fastai's nesting.
@Suite struct TorchModelTests {
    @Test(
        "loads PyTorch's weights unchanged and gives its outputs",
        arguments: ["resnet-basic", "resnet-bottleneck", "xresnet-basic", "xresnet-bottleneck"])
    func outputs(_ name: String) throws {
        let models: [String: any Module] = [
            "resnet-basic": ResNet(.basic, depths: [1, 1, 1, 1], classes: 3, width: 2),
            "resnet-bottleneck": ResNet(.bottleneck, depths: [1, 1, 1, 1], classes: 3, width: 1),
            "xresnet-basic": XResNet(.basic, depths: [2, 1, 1, 1], classes: 3, width: 2),
            "xresnet-bottleneck": XResNet(.bottleneck, depths: [1, 1, 1, 1], classes: 3, width: 2),
        ]
        let model = try #require(models[name])
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Resources")
        try model.load(folder.appendingPathComponent("\(name).safetensors").path)
        let sample = try SafeTensors.read(folder.appendingPathComponent("\(name)-sample.safetensors").path)
        model.eval()
        let output = model(try sample.tensor(named: "x"))
        #expect(distance(output, try sample.tensor(named: "y")) < 1e-5)
    }
}
