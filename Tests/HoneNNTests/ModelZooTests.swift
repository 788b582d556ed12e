import Foundation
import HoneNN
import HoneTensor
import Testing

/// A model of the zoo, small enough for a test.
struct ZooEntry: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable () -> any Module
    let inputs: @Sendable () -> [Tensor]
    let output: [Int]
    let groupStarts: [String]

    private static func images(_ side: Int, _ channels: Int = 3) -> @Sendable () -> [Tensor] {
        { [.normal([2, channels, side, side], key: RandomKey(seed: 5))] }
    }

    private static func words(_ shape: Shape, below limit: Int) -> @Sendable () -> [Tensor] {
        { [Tensor((0..<shape.count).map { Int32(($0 * 7 + 2) % limit) }, shape: shape)] }
    }

    static let all: [ZooEntry] = [
        ZooEntry(
            testDescription: "MLP", make: { MLP([6, 5, 4, 3], dropout: 0.1) },
            inputs: { [.normal([2, 6], key: RandomKey(seed: 5))] }, output: [2, 3], groupStarts: ["6"]),
        ZooEntry(
            testDescription: "SimpleCNN", make: { SimpleCNN(classes: 3, widths: [2, 3]) }, inputs: images(6, 1),
            output: [2, 3], groupStarts: ["head"]),
        ZooEntry(
            testDescription: "ResNet9", make: { ResNet9(classes: 3, width: 2) }, inputs: images(32), output: [2, 3],
            groupStarts: ["head"]),
        ZooEntry(
            testDescription: "ResNet basic", make: { ResNet(.basic, depths: [1, 2], classes: 3, width: 2) },
            inputs: images(32), output: [2, 3], groupStarts: ["layer3", "fc"]),
        ZooEntry(
            testDescription: "ResNet bottleneck",
            make: { ResNet(.bottleneck, depths: [1, 1], classes: 3, stem: .small, width: 2) }, inputs: images(8),
            output: [2, 3], groupStarts: ["layer3", "fc"]),
        ZooEntry(
            testDescription: "XResNet basic",
            make: { XResNet(.basic, depths: [2, 1], classes: 3, width: 4, dropout: 0.1) },
            inputs: images(33), output: [2, 3], groupStarts: ["4", "11"]),
        ZooEntry(
            testDescription: "XResNet bottleneck", make: { XResNet(.bottleneck, depths: [1], classes: 3, width: 2) },
            inputs: images(32), output: [2, 3], groupStarts: ["4", "11"]),
        ZooEntry(
            testDescription: "TabularModel",
            make: {
                TabularModel(
                    cardinalities: [3, 4], continuous: 2, outputs: 2, layers: [5, 4], dropout: 0.1,
                    embeddingDropout: 0.1, outputRange: -1...5)
            },
            inputs: {
                [Tensor([0, 1, 2, 3, 1, 0] as [Int32], shape: [3, 2]), .normal([3, 2], key: RandomKey(seed: 5))]
            }, output: [3, 2], groupStarts: []),
        ZooEntry(
            testDescription: "AWDLSTM", make: { AWDLSTM(7, embedding: 4, hidden: 5, layers: 2) },
            inputs: words([2, 3], below: 7), output: [2, 3, 7], groupStarts: ["rnns.0", "rnns.1", "decoder"]),
        ZooEntry(
            testDescription: "GPT", make: { GPT(words: 7, length: 4, features: 8, heads: 2, layers: 2, dropout: 0.1) },
            inputs: words([2, 4], below: 7), output: [2, 4, 7], groupStarts: ["blocks", "norm"]),
        ZooEntry(
            testDescription: "GPT tied",
            make: { GPT(words: 7, length: 4, features: 8, heads: 2, layers: 1, tiesHead: true) },
            inputs: words([2, 4], below: 7), output: [2, 4, 7], groupStarts: ["blocks", "norm"]),
    ]

    func run(_ model: any Module, _ inputs: [Tensor]) -> Tensor {
        withRandomKey(RandomKey(seed: 3)) {
            if inputs.count > 1, let model = model as? any MultiInputModule { return model(inputs)[0] }
            return model(inputs[0])
        }
    }
}

@Suite struct ModelZooTests {
    @Test(
        "has the published number of parameters",
        arguments: [
            // torchvision's.
            ("ResNet-18", 11_689_512), ("ResNet-34", 21_797_672), ("ResNet-50", 25_557_032),
            // Counted by PyTorch over fastai's layers.
            ("XResNet-18", 11_708_744), ("XResNet-34", 21_816_904), ("XResNet-50", 25_576_264),
            // 24 M for three layers of 1150 on the 33,278 words of WikiText-2 in the paper; by hand for fastai's sizes.
            ("AWD-LSTM", 4 * 1152 * (400 + 1152 + 2) + 4 * 1152 * (2 * 1152 + 2) + 1600 * (1152 + 400 + 2) + 401 * 60),
            // As nanoGPT counts a character model of this size, with biases.
            ("GPT", 2 * 65 * 128 + 128 * 128 + 4 * (12 * 128 * 128 + 13 * 128) + 256),
        ])
    func parameterCounts(_ name: String, _ count: Int) {
        let models: [String: () -> any Module] = [
            "ResNet-18": { ResNet.resNet18() }, "ResNet-34": { ResNet.resNet34() }, "ResNet-50": { ResNet.resNet50() },
            "XResNet-18": { XResNet.xResNet18() }, "XResNet-34": { XResNet.xResNet34() },
            "XResNet-50": { XResNet.xResNet50() }, "AWD-LSTM": { AWDLSTM(60) }, "GPT": { GPT(words: 65, length: 128) },
        ]
        let parameters = models[name]?().parameters ?? []
        #expect(parameters.reduce(0) { $0 + $1.parameter.shape.count } == count)
    }

    @Test("trains: shapes, a gradient for every parameter, a smaller loss", arguments: ZooEntry.all)
    func training(_ entry: ZooEntry) throws {
        let (model, inputs) = (entry.make(), entry.inputs())
        let arena = ParameterArena.adopt(model, seed: 1)
        // Where a block begins as the identity, what lies before its last scale gets no gradient in the first step.
        for (name, parameter) in model.parameters where name.contains("convpath") && parameter.initialiser == .zeros {
            parameter.value = .full(parameter.shape, 0.5)
        }
        func loss(_ output: Tensor) -> Tensor { ((output - 0.5) * (output - 0.5)).sum() }
        arena.zeroGradients()
        let tape = Tape()
        let before = try tape.record { () -> Float in
            let output = entry.run(model, inputs)
            #expect(output.shape == Shape(entry.output))
            let value = loss(output)
            try tape.backward(from: value)
            return value.scalars[0]
        }
        var squares: Float = 0
        for (name, parameter) in model.parameters {
            let slopes = parameter.gradient.scalars
            squares += slopes.reduce(0) { $0 + $1 * $1 }
            #expect(slopes.contains { $0 != 0 }, "\(name) gets no gradient")
        }
        // A step that would gain a thousandth of the loss if it were linear.
        let rate = 1e-3 * before / squares
        for (_, parameter) in model.parameters { parameter.value = parameter.value - parameter.gradient * rate }
        let after = withoutGradient { loss(entry.run(model, inputs)).scalars[0] }
        #expect(after < before)
    }

    @Test("comes back from its state bit for bit", arguments: ZooEntry.all)
    func state(_ entry: ZooEntry) throws {
        let (saved, loaded, inputs) = (entry.make(), entry.make(), entry.inputs())
        saved.initialise(seed: 1)
        loaded.initialise(seed: 2)
        _ = entry.run(saved, inputs)
        try loaded.load(saved.stateDictionary)
        #expect(loaded.stateDictionary.sha256 == saved.stateDictionary.sha256)
        saved.eval()
        loaded.eval()
        #expect(entry.run(loaded, inputs).isBitwiseEqual(to: entry.run(saved, inputs)))
    }

    @Test("names the groups that fastai has, each with parameters", arguments: ZooEntry.all)
    func groups(_ entry: ZooEntry) throws {
        let model = try #require(entry.make() as? any LayerGrouped)
        #expect(model.groupStarts == entry.groupStarts)
        let names = model.parameters.map(\.name)
        var last = 0
        for start in model.groupStarts {
            let index = try #require(names.firstIndex { $0.hasPrefix(start + ".") })
            #expect(index > last)
            last = index
        }
    }

    @Test("gets a fresh head on the same body", arguments: ZooEntry.all)
    func heads(_ entry: ZooEntry) throws {
        guard let model = entry.make() as? any HeadReplaceable else {
            #expect(entry.testDescription.hasPrefix("GPT") || entry.testDescription == "AWDLSTM")
            return
        }
        model.initialise(seed: 1)
        let former = model.parameters
        let inputs = entry.inputs()
        let changed = try model.replacingHead(classes: 7)
        #expect(changed !== model)
        ParameterArena.adopt(changed, seed: 2)
        let names = changed.parameters.map(\.name)
        #expect(names == former.map(\.name))
        let fresh = zip(former, changed.parameters).filter { $0.parameter !== $1.parameter }.map(\.0.name)
        #expect(!fresh.isEmpty && names.suffix(fresh.count) == fresh[...])
        for (old, new) in zip(former, changed.parameters) where old.parameter === new.parameter {
            #expect(new.parameter.value.isBitwiseEqual(to: old.parameter.value))
        }
        #expect(entry.run(changed, inputs).shape.array == [entry.output[0], 7])
        #expect(entry.run(model, inputs).shape.array == entry.output)
    }

    @Test func aModelWithoutAHeadSaysSo() {
        #expect(throws: HeadError(model: "Sequential", found: "ReLU")) {
            try Sequential(Linear(2, 2), ReLU()).replacingHead(classes: 3)
        }
        #expect(throws: HeadError(model: "Sequential", found: "missing")) {
            try Sequential([any Module]()).replacingHead(classes: 3)
        }
        #expect(throws: HeadError.self) { try MLP([3]).replacingHead(classes: 3) }
    }

    @Test func badInputsAreErrorsThatNameModelAndPath() {
        let table = TabularModel(cardinalities: [3, 4], continuous: 2, outputs: 1)
        let categories = Tensor([0, 1] as [Int32], shape: [1, 2])
        let cases: [(any Module, [Tensor], String)] = [
            (
                table, [categories, .zeros([1, 3])],
                "TabularModel 2 + 2 columns: inputs are int32 [1, 2] and float32 [1, 3], expected categories int32 "
                    + "[batch, 2] and continuous float32 [batch, 2]"
            ),
            (table, [.zeros([1, 2]), .zeros([1, 2])], "inputs are float32 [1, 2] and float32 [1, 2]"),
            (table, [categories], "inputs are int32 [1, 2], expected"),
            (TabularModel(cardinalities: [], continuous: 0, outputs: 1), [], "it has no columns"),
            (
                TabularModel(cardinalities: [3], widths: [], continuous: 0, outputs: 1), [categories],
                "0 widths for 1 columns"
            ),
            (AWDLSTM(5, embedding: 2, hidden: 2), [.zeros([2, 2])], "AWDLSTM 5 words: input is float32 [2, 2]"),
            (AWDLSTM(5, embedding: 2, layers: 0), [categories], "0 layers, expected at least one"),
            (
                GPT(words: 5, length: 1, features: 4, heads: 2), [categories],
                "GPT.position (LearnedEncoding 1×4): input is [1, 2, 4]"
            ),
            (
                GPT(words: 5, length: 1, features: 4, heads: 2), [.zeros([1, 1])],
                "GPT 5 words, 4 blocks: input is float32"
            ),
            (
                XResNet.xResNet18(classes: 2), [.zeros([1, 1, 8, 8])],
                "XResNet.0.0 (Conv2d 3→32, 3×3): input is [1, 1, 8, 8]"
            ),
        ]
        for (model, inputs, words) in cases {
            let found = mistake {
                if let model = model as? any MultiInputModule { return model(inputs)[0] }
                return model(inputs[0])
            }
            #expect(found?.contains(words) == true, "\(found ?? "no mistake")")
        }
    }

    @Test func widthsFollowFastaisRule() {
        // round(1.6 n^0.56) worked out by hand for these.
        let expected = [(0, 0), (1, 2), (2, 2), (7, 5), (100, 21), (1000, 77), (100_000, 600)]
        for (count, width) in expected { #expect(TabularModel.embeddingWidth(for: count) == width) }
    }

    @Test func outputsOfATableStayWithinTheirRange() {
        let model = TabularModel(cardinalities: [], continuous: 2, outputs: 1, layers: [], outputRange: 2...3)
        model.eval()
        let values = model([Tensor([-1e4, -1e4, 1e4, 1e4], shape: [2, 2])])[0].scalars
        #expect(values.allSatisfy { (2...3).contains($0) })
    }

    @Test func aTextInStretchesIsAsOneWhole() {
        let model = AWDLSTM(7, embedding: 4, hidden: 5, layers: 2)
        model.initialise(seed: 1)
        model.eval()
        let text = Tensor([1, 2, 3, 4, 5, 6, 0, 2] as [Int32], shape: [2, 4])
        let whole = model(text)
        let first = model(text[.all, 0..<2], states: nil)
        let second = model(text[.all, 2..<4], states: first.states.map { $0.detached() })
        #expect(distance(.concatenate([first.output, second.output], axis: 1), whole) < 1e-6)
    }

    @Test func noWordSeesALaterOne() {
        let model = GPT(words: 7, length: 4, features: 8, heads: 2, layers: 2)
        model.initialise(seed: 1)
        let (a, b) = (
            model(Tensor([1, 2, 3, 4] as [Int32], shape: [1, 4])),
            model(Tensor([1, 2, 6, 5] as [Int32], shape: [1, 4]))
        )
        #expect(distance(a[.all, 0..<2], b[.all, 0..<2]) == 0)
        #expect(distance(a[.all, 2..<4], b[.all, 2..<4]) > 0)
    }

    @Test func blocksOfXResNetBeginAsTheIdentity() {
        let model = XResNet(.basic, depths: [1, 1, 1, 1], classes: 2, width: 4)
        model.initialise(seed: 1)
        let scales = model.parameters.filter { $0.name.hasSuffix("convpath.1.1.weight") }
        #expect(scales.count == 4 && scales.allSatisfy { $0.parameter.value.scalars.allSatisfy { $0 == 0 } })
        #expect(model.parameters.map(\.name).contains("5.0.idpath.1.0.weight"))
    }

    @Test func initialValuesOfResNetAreTorchvisions() throws {
        let model = ResNet.resNet18(classes: 10)
        model.initialise(seed: 1)
        let values = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.parameter.value.scalars) })
        func deviation(_ name: String) throws -> Float {
            let numbers = try #require(values[name])
            return (numbers.reduce(0) { $0 + $1 * $1 } / Float(numbers.count)).squareRoot()
        }
        #expect(abs(try deviation("layer2.0.conv1.weight") / (2 / (9 * 128) as Float).squareRoot() - 1) < 0.02)
        #expect(abs(try deviation("fc.weight") / (1 / (3 * 512) as Float).squareRoot() - 1) < 0.05)
    }
}
