import HoneNN
import HoneTensor
import Testing

/// A layer as the registry's tests walk it. A public layer that is not among ``all`` makes them red.
struct LayerEntry: Sendable, CustomTestStringConvertible {
    /// How inputs are drawn.
    enum Values: Sendable {
        /// Floats of −2...2.
        case spread
        /// Floats that are apart from each other and from the kinks of functions, in random order around 0.
        case separated(by: Float)
        /// Integers below a limit.
        case indices(below: Int)
    }

    /// What the output in evaluation mode must be.
    enum Truth: Sendable {
        /// Reference values of this kind in `layers.json`, which `ConformanceTests` runs.
        case vectors(String)
        /// A closed form of the state and the inputs.
        case formula(@Sendable (StateDictionary, [Tensor]) -> Tensor)
        /// A function of each element.
        case elements(@Sendable (Double) -> Double)
        /// There is no output: a container that only holds layers.
        case container
    }

    /// The type's name.
    let name: String
    /// What sets this entry apart from others of the same type.
    var variant = ""
    /// The names of parameters and buffers, PyTorch's.
    var state: [String] = []
    /// Shapes of the inputs, several times.
    var shapes: [[[Int]]] = [[[2, 3, 4]], [[1, 5]], [[7]], [[2, 1, 3, 2]]]
    var values = Values.spread
    /// Whether training gives another output than evaluation.
    var differsInTraining = false
    /// How the layer is called, where it is not by `module(x)` or `module([a, b])`.
    var call: (@Sendable (any Module, [Tensor]) -> [Tensor])?
    let truth: Truth
    let make: @Sendable () -> any Module

    var testDescription: String { variant.isEmpty ? name : "\(name) (\(variant))" }

    static let all: [LayerEntry] = [
        dense, convolutions, pools, norms, dropouts, activations, shapeLayers, containers, sequences,
    ].flatMap { $0 }
}

// MARK: With parameters

extension LayerEntry {
    private static let dense: [LayerEntry] = [
        LayerEntry(
            name: "Linear", state: ["weight", "bias"], shapes: [[[2, 4]], [[4]], [[2, 3, 4]]],
            truth: .vectors("Linear")
        ) { Linear(4, 3) },
        LayerEntry(
            name: "Bilinear", state: ["weight", "bias"],
            shapes: [[[2, 3], [2, 4]], [[3], [4]], [[2, 2, 3], [2, 2, 4]]],
            truth: .formula { state, inputs in
                let (w, bias) = (state["weight"]?.scalars ?? [], state["bias"]?.scalars ?? [])
                let (a, b) = (inputs[0].scalars, inputs[1].scalars)
                var values: [Float] = []
                for row in 0..<a.count / 3 {
                    for k in 0..<2 {
                        var sum = bias[k]
                        for i in 0..<3 {
                            for j in 0..<4 { sum += a[row * 3 + i] * w[(k * 3 + i) * 4 + j] * b[row * 4 + j] }
                        }
                        values.append(sum)
                    }
                }
                return Tensor(values, shape: Shape(inputs[0].shape.array.dropLast() + [2]))
            }
        ) { Bilinear(3, 4, 2) },
        LayerEntry(
            name: "Embedding", state: ["weight"], shapes: [[[3]], [[2, 4]], [[2, 2, 3]]], values: .indices(below: 5),
            truth: .vectors("Embedding")
        ) { Embedding(5, 3) },
        LayerEntry(
            name: "Embedding", variant: "padding", state: ["weight"], shapes: [[[6]], [[2, 5]]],
            values: .indices(below: 3), truth: .vectors("Embedding")
        ) { Embedding(3, 2, paddingIndex: 1) },
    ]

    private static let convolutions: [LayerEntry] = [
        LayerEntry(
            name: "Conv1d", state: ["weight", "bias"], shapes: [[[2, 2, 6]], [[1, 2, 3]]],
            truth: .formula { state, x in
                let (w, bias) = (state["weight"]?.scalars ?? [], state["bias"]?.scalars ?? [])
                let (batch, length, scalars) = (x[0].shape[0], x[0].shape[2], x[0].scalars)
                var values: [Float] = []
                for sample in 0..<batch {
                    for output in 0..<3 {
                        for place in 0..<length {
                            var sum = bias[output]
                            for input in 0..<2 {
                                for tap in 0..<3 where (0..<length).contains(place + tap - 1) {
                                    sum +=
                                        w[(output * 2 + input) * 3 + tap]
                                        * scalars[(sample * 2 + input) * length + place + tap - 1]
                                }
                            }
                            values.append(sum)
                        }
                    }
                }
                return Tensor(values, shape: [batch, 3, length])
            }
        ) { Conv1d(2, 3, kernel: 3, padding: 1) },
        LayerEntry(
            name: "Conv2d", state: ["weight", "bias"], shapes: [[[2, 2, 4, 5]], [[1, 2, 3, 3]]],
            truth: .vectors("Conv2d")
        ) { Conv2d(2, 3, kernel: 3, stride: 2, padding: 1) },
        LayerEntry(
            name: "ConvTranspose2d", state: ["weight", "bias"], shapes: [[[2, 2, 3, 2]], [[1, 2, 1, 1]]],
            truth: .vectors("ConvTranspose2d")
        ) { ConvTranspose2d(2, 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1) },
    ]

    private static let running = ["running_mean", "running_var", "num_batches_tracked"]

    private static let norms: [LayerEntry] = [
        LayerEntry(
            name: "BatchNorm1d", state: ["weight", "bias"] + running, shapes: [[[5, 3]], [[2, 3, 4]]],
            differsInTraining: true, truth: .vectors("BatchNorm1d")
        ) { BatchNorm1d(3) },
        LayerEntry(
            name: "BatchNorm2d", state: ["weight", "bias"] + running, shapes: [[[2, 3, 2, 3]], [[4, 3, 1, 1]]],
            differsInTraining: true, truth: .vectors("BatchNorm2d")
        ) { BatchNorm2d(3) },
        LayerEntry(
            name: "InstanceNorm1d", state: ["weight", "bias"], shapes: [[[2, 3, 4]], [[1, 3, 5]]],
            truth: .formula(instanceNorm)
        ) { InstanceNorm1d(3, affine: true) },
        LayerEntry(
            name: "InstanceNorm2d", shapes: [[[2, 3, 2, 3]], [[1, 3, 4, 1]]], truth: .formula(instanceNorm)
        ) { InstanceNorm2d(3) },
        LayerEntry(
            name: "InstanceNorm2d", variant: "tracking", state: ["weight", "bias"] + running,
            shapes: [[[2, 3, 2, 3]], [[1, 3, 4, 1]]], differsInTraining: true, truth: .formula(instanceNorm)
        ) { InstanceNorm2d(3, affine: true, tracksStatistics: true) },
        LayerEntry(
            name: "LayerNorm", state: ["weight", "bias"], shapes: [[[2, 4]], [[4]], [[2, 3, 4]]],
            truth: .vectors("LayerNorm")
        ) { LayerNorm(4) },
        LayerEntry(
            name: "GroupNorm", state: ["weight", "bias"], shapes: [[[2, 4, 3]], [[1, 4, 2, 2]], [[3, 4]]],
            truth: .vectors("GroupNorm")
        ) { GroupNorm(2, 4) },
        LayerEntry(
            name: "RMSNorm", state: ["weight"], shapes: [[[2, 4]], [[4]], [[2, 3, 4]]], truth: .vectors("RMSNorm")
        ) { RMSNorm([4]) },
    ]

    /// Each channel of a sample by its own mean and variance, or by the running ones if there are such.
    @Sendable private static func instanceNorm(_ state: StateDictionary, _ inputs: [Tensor]) -> Tensor {
        let x = inputs[0]
        let (channels, length) = (x.shape[1], x.count / (x.shape[0] * x.shape[1]))
        var values = x.scalars.map(Double.init)
        for plane in 0..<x.shape[0] * channels {
            let (channel, range) = (plane % channels, plane * length..<(plane + 1) * length)
            var mean = values[range].reduce(0, +) / Double(length)
            var variance = values[range].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
            if let running = state["running_mean"], let spread = state["running_var"] {
                (mean, variance) = (Double(running.scalars[channel]), Double(spread.scalars[channel]))
            }
            let scale = Double(state["weight"]?.scalars[channel] ?? 1) / (variance + 1e-5).squareRoot()
            let shift = Double(state["bias"]?.scalars[channel] ?? 0)
            for i in range { values[i] = (values[i] - mean) * scale + shift }
        }
        return Tensor(values.map { Float($0) }, shape: x.shape)
    }
}

// MARK: Pooling

extension LayerEntry {
    private static let pools: [LayerEntry] =
        [
            LayerEntry(
                name: "MaxPool1d", shapes: lines, values: .separated(by: 0.07),
                truth: .formula { _, x in pool(x[0], 3, 2, 1) { $0.max() ?? 0 } }
            ) { MaxPool1d(3, stride: 2, padding: 1) },
            LayerEntry(
                name: "AvgPool1d", shapes: lines,
                truth: .formula { _, x in pool(x[0], 3, 2, 1) { $0.reduce(0, +) / 3 } }
            ) { AvgPool1d(3, stride: 2, padding: 1) },
            LayerEntry(
                name: "AdaptiveAvgPool1d", shapes: lines, truth: .formula { _, x in adaptive(x[0], 3, mean) }
            ) { AdaptiveAvgPool1d(3) },
            LayerEntry(
                name: "AdaptiveMaxPool1d", shapes: lines, values: .separated(by: 0.07),
                truth: .formula { _, x in adaptive(x[0], 3) { $0.max() ?? 0 } }
            ) { AdaptiveMaxPool1d(3) },
            LayerEntry(
                name: "AdaptiveConcatPool1d", shapes: [[[2, 3, 7]], [[1, 1, 4]]], values: .separated(by: 0.07),
                truth: .formula { _, x in
                    .concatenate([adaptive(x[0], 2) { $0.max() ?? 0 }, adaptive(x[0], 2, mean)], axis: 1)
                }
            ) { AdaptiveConcatPool1d(2) },
        ] + [
            LayerEntry(
                name: "MaxPool2d", shapes: images, values: .separated(by: 0.07), truth: .vectors("MaxPool2d")
            ) { MaxPool2d(2) },
            LayerEntry(name: "AvgPool2d", shapes: images, truth: .vectors("AvgPool2d")) { AvgPool2d(2) },
            LayerEntry(name: "AdaptiveAvgPool2d", shapes: images, truth: .vectors("AdaptiveAvgPool2d")) {
                AdaptiveAvgPool2d(Extent(2, 1))
            },
            LayerEntry(
                name: "AdaptiveMaxPool2d", shapes: [[[2, 3, 4, 5]], [[3, 2, 6]]], values: .separated(by: 0.07),
                truth: .formula { _, x in whole(x[0]) { $0.max() ?? 0 } }
            ) { AdaptiveMaxPool2d(1) },
            LayerEntry(
                name: "AdaptiveConcatPool2d", shapes: [[[2, 3, 4, 5]], [[1, 1, 2, 2]]], values: .separated(by: 0.07),
                truth: .formula { _, x in .concatenate([whole(x[0]) { $0.max() ?? 0 }, whole(x[0], mean)], axis: 1) }
            ) { AdaptiveConcatPool2d() },
        ]

    private static let lines = [[[2, 3, 7]], [[1, 5]], [[6]]]
    private static let images = [[[2, 2, 4, 5]], [[1, 3, 3]]]

    @Sendable private static func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }

    /// The rows of the last axis, each cut into parts, of which each gives a number.
    private static func cut(_ x: Tensor, _ parts: [Range<Int>], _ value: ([Float]) -> Float) -> Tensor {
        let (length, scalars) = (x.shape[-1], x.scalars)
        let values = (0..<x.count / length).flatMap { row in
            parts.map { value(Array(scalars[row * length + $0.lowerBound..<row * length + $0.upperBound])) }
        }
        return Tensor(values, shape: Shape(x.shape.array.dropLast() + [parts.count]))
    }

    @Sendable private static func pool(
        _ x: Tensor, _ kernel: Int, _ stride: Int, _ padding: Int, _ value: ([Float]) -> Float
    ) -> Tensor {
        let length = x.shape[-1]
        let count = (length + 2 * padding - kernel) / stride + 1
        let parts = (0..<count).map { max(0, $0 * stride - padding)..<min(length, $0 * stride - padding + kernel) }
        return cut(x, parts, value)
    }

    @Sendable private static func adaptive(_ x: Tensor, _ count: Int, _ value: ([Float]) -> Float) -> Tensor {
        let length = x.shape[-1]
        return cut(x, (0..<count).map { $0 * length / count..<(($0 + 1) * length + count - 1) / count }, value)
    }

    @Sendable private static func whole(_ x: Tensor, _ value: ([Float]) -> Float) -> Tensor {
        let outer = x.shape.array.dropLast(2)
        let planes = x.reshaped(Shape(outer + [x.shape[-2] * x.shape[-1]]))
        return cut(planes, [0..<planes.shape[-1]], value).reshaped(Shape(outer + [1, 1]))
    }
}

// MARK: Dropout, shapes, containers

extension LayerEntry {
    private static let dropouts: [LayerEntry] = [
        LayerEntry(name: "Dropout", differsInTraining: true, truth: .elements { $0 }) { Dropout(0.5) },
        LayerEntry(
            name: "Dropout1d", shapes: [[[3, 4, 2]], [[2, 5, 3]]], differsInTraining: true, truth: .elements { $0 }
        ) { Dropout1d(0.5) },
        LayerEntry(
            name: "Dropout2d", shapes: [[[3, 4, 2, 2]], [[2, 5, 1, 3]]], differsInTraining: true,
            truth: .elements { $0 }
        ) { Dropout2d(0.5) },
        LayerEntry(
            name: "DropPath", shapes: [[[6, 2]], [[5, 2, 3]]], differsInTraining: true, truth: .elements { $0 }
        ) { DropPath(0.5) },
    ]

    private static let shapeLayers: [LayerEntry] = [
        LayerEntry(
            name: "Flatten",
            truth: .formula { _, x in
                Tensor(x[0].scalars, shape: x[0].rank < 2 ? x[0].shape : [x[0].shape[0], x[0].count / x[0].shape[0]])
            }
        ) { Flatten() },
        LayerEntry(
            name: "Unflatten", shapes: [[[2, 6]], [[1, 6, 2]]],
            truth: .formula { _, x in
                Tensor(x[0].scalars, shape: Shape([x[0].shape[0], 2, 3] + x[0].shape.array.dropFirst(2)))
            }
        ) { Unflatten(1, [2, -1]) },
        LayerEntry(name: "Identity", truth: .elements { $0 }) { Identity() },
        LayerEntry(name: "Lambda", truth: .elements { 2 * $0 + 1 }) { Lambda("twice and one") { $0 * 2 + 1 } },
    ]

    private static let containers: [LayerEntry] = [
        LayerEntry(
            name: "Residual", state: ["body.weight", "body.bias"], shapes: [[[2, 3]], [[4, 2, 3]]],
            truth: .formula { state, x in
                let w = state["body.weight"] ?? Tensor(0)
                return x[0] + x[0].matmul(w.transposed()) + (state["body.bias"] ?? Tensor(0))
            }
        ) { Residual(Linear(3, 3)) },
        LayerEntry(
            name: "Residual", variant: "shortcut", state: ["body.0.weight", "shortcut.weight"], shapes: [[[2, 3]]],
            truth: .formula { state, x in
                let (a, b) = (state["body.0.weight"] ?? Tensor(0), state["shortcut.weight"] ?? Tensor(0))
                return x[0].matmul(a.transposed()).tanh() + x[0].matmul(b.transposed())
            }
        ) { Residual(Sequential(Linear(3, 2, bias: false), Tanh()), shortcut: Linear(3, 2, bias: false)) },
        LayerEntry(
            name: "Sequential", state: ["0.weight", "2.weight"], shapes: [[[2, 3]]],
            truth: .formula { state, x in
                let (a, b) = (state["0.weight"] ?? Tensor(0), state["2.weight"] ?? Tensor(0))
                return x[0].matmul(a.transposed()).tanh().matmul(b.transposed())
            }
        ) { Sequential(Linear(3, 2, bias: false), Tanh(), Linear(2, 2, bias: false)) },
        LayerEntry(
            name: "Sequential", variant: "named", state: ["first.weight", "last.weight"], shapes: [[[2, 3]]],
            truth: .formula { state, x in
                let (a, b) = (state["first.weight"] ?? Tensor(0), state["last.weight"] ?? Tensor(0))
                return x[0].matmul(a.transposed()).matmul(b.transposed())
            }
        ) { Sequential([("first", Linear(3, 2, bias: false)), ("last", Linear(2, 2, bias: false))]) },
        LayerEntry(name: "ModuleList", state: ["0.weight", "1.weight", "1.bias"], truth: .container) {
            ModuleList(Linear(2, 3, bias: false), LayerNorm(3))
        },
        LayerEntry(name: "ModuleDictionary", state: ["up.weight", "down.weight", "down.bias"], truth: .container) {
            ModuleDictionary([("up", Linear(2, 3, bias: false)), ("down", LayerNorm(3))])
        },
    ]
}
