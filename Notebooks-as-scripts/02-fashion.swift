// %% [markdown]
// # Fashion
//
// Trains a convolutional network on a folder of IDX files, the format of MNIST and Fashion-MNIST, by the one-cycle
// policy, and looks at what it confuses:
//
//     swift run -c release 02-fashion --data DIR
//
// `DIR` holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same two with `t10k`, plain or with `.gz`; a
// common prefix such as `fashion-` does not matter. There are as many classes as the labels say.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "02-fashion", about: "Trains a convolutional network on a folder of IDX files, such as Fashion-MNIST.",
    own: [
        .text("data", "", "the folder of the files"),
        .integer("epochs", 5, "passes over the training set", atLeast: 1),
        .text("model", "simple-cnn", "simple-cnn or resnet9"),
    ])

// %% [markdown]
// ## Data
//
// Without data a quick run makes do with the bundled digits, written in the same format.

// %%
func quickFolder() throws -> String {
    let folder = "\(options.out)/digits-as-idx"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let digits = try Digits.load(asImages: true)
    let split = try digits.split(valid: 0.2, seed: 42)
    for (name, part) in [("train", split.train), ("t10k", split.valid)] {
        let batch = try part.batch(Array(0..<part.count))
        let pixels = batch.inputs[0].scalars.map { UInt8(($0 * 255).rounded()) }
        try IDX(shape: [part.count, 8, 8], bytes: pixels).write(to: "\(folder)/\(name)-images-idx3-ubyte")
        let labels = batch.targets[0].integers.map { UInt8($0) }
        try IDX(shape: [part.count], bytes: labels).write(to: "\(folder)/\(name)-labels-idx1-ubyte")
    }
    return folder
}

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("02-fashion: \(message)\n".utf8))
    exit(2)
}

if options.text("data").isEmpty && !options.isQuick {
    fail(
        "needs data: say --data DIR, a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and the same two "
            + "with t10k (plain or .gz, any prefix), or --quick to try it on the bundled digits")
}
let (data, classes, prefix): (DataLoaders, Int, String)
do {
    let folder = options.text("data").isEmpty ? try quickFolder() : options.text("data")
    prefix = try IDXFolder.prefix(in: folder)
    let (train, valid) = try IDXFolder.images(in: folder, prefix: prefix)
    classes = max(train.classes, valid.classes)
    data = try DataLoaders(DataSplit(train: train, valid: valid), batchSize: 128)
} catch {
    fail("\(error)")
}

// %% [markdown]
// ## Model and learner

// %%
let model: any Module
switch options.text("model") {
case "simple-cnn": model = SimpleCNN(classes: classes)
case "resnet9": model = ResNet9(classes: classes, channels: 1)
default: fail("--model is '\(options.text("model"))', expected simple-cnn or resnet9")
}
let learner = Learner(
    data, model: model, loss: CrossEntropy(), optimizer: Adam(), metrics: [Accuracy()], seed: options.seed)

// %% [markdown]
// ## Training
//
// One cycle to a rate of 0.01: with batch normalisation the network bears it, and the annealing at the end does the rest.

// %%
let epochs = options.isQuick && !options.given.contains("epochs") ? 1 : options.integer("epochs")
let start = Date()
try learner.fitOneCycle(epochs, lrMax: 1e-2)
let seconds = Date().timeIntervalSince(start)

// %% [markdown]
// ## What it confuses
//
// Rows are what an image shows, columns what the network says.

// %%
let names = ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
let isFashion = prefix == "fashion-" && classes == names.count
let matrix = try learner.measure(ConfusionMatrix(names: isFashion ? names : []))
print("\n\(matrix)\n")
for (label, answer, count) in matrix.mostConfused().prefix(3) { print("\(label) taken for \(answer): \(count)") }

try matrix.plot().write(to: "\(options.out)/confusion.svg", width: 720, height: 640)
try learner.recorder.plotLoss().write(to: "\(options.out)/loss.svg")
try learner.recorder.plotSchedule().write(to: "\(options.out)/schedule.svg")
print("\npictures: \(options.out)/confusion.svg, loss.svg, schedule.svg\n")
print(
    "02-fashion: accuracy=\(String(format: "%.4f", matrix.value)) seconds=\(String(format: "%.1f", seconds))")
