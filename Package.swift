// swift-tools-version: 6.1
import PackageDescription

// MARK: Notebooks

/// The scripts of `Notebooks-as-scripts`, one executable target each. Adding one is one line here.
let notebooks = [
    "01-first-fit", "02-fashion", "03-schedules", "04-optimizers", "05-lr-finder",
    "06-custom-callbacks", "07-batch-size-and-noise",
]

/// The callback packages of `Plugins/Callbacks`. Adding one is one line here.
let callbackPackages = [
    "HoneAveraging", "HoneMixing", "HoneRegularizers",
]

/// A target's name is its file's without the number in front: `01-first-fit.swift` runs as `first-fit`; every later
/// notebook keeps its number.
func targetName(ofNotebook file: String) -> String {
    file == "01-first-fit" ? "first-fit" : file
}

/// The target of one script: its own file, with all others excluded lest SwiftPM warns of unhandled files.
func notebook(_ file: String) -> Target {
    .executableTarget(
        name: targetName(ofNotebook: file),
        dependencies: ["Hone"] + callbackPackages.map { .byName(name: $0) },
        path: "Notebooks-as-scripts",
        exclude: notebooks.filter { $0 != file }.map { "\($0).swift" },
        sources: ["\(file).swift"])
}

// MARK: Callback packages

/// A package of `Plugins/Callbacks`: a library on Hone's public API alone, and its tests.
func callbackPackage(_ name: String) -> [Target] {
    [
        .target(
            name: name, dependencies: ["Hone"], path: "Plugins/Callbacks/\(name)",
            exclude: ["README.md", "Tests"], sources: ["Sources"]),
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name), "HoneTesting"],
            path: "Plugins/Callbacks/\(name)/Tests"),
    ]
}

// MARK: Package

let package = Package(
    name: "hone",
    platforms: [.macOS(.v14)],
    products: [
        .library(name: "Hone", targets: ["Hone"]),
        .library(name: "HoneTesting", targets: ["HoneTesting"]),
    ]
        + callbackPackages.map { .library(name: $0, targets: [$0]) },
    dependencies: [],
    targets: [
        // Each layer knows only what is listed before it.
        .target(name: "HoneKernels"),
        .target(name: "HoneTensor", dependencies: ["HoneKernels"]),
        .target(name: "HoneNN", dependencies: ["HoneTensor", "HoneKernels"]),
        .target(name: "HoneSchedule"),
        .target(name: "HoneOptim", dependencies: ["HoneNN", "HoneTensor", "HoneKernels"]),
        .target(
            name: "HoneData", dependencies: ["HoneTensor", "HoneKernels"],
            resources: [.copy("Resources/digits-8x8.bin")]),
        .target(name: "HonePlot"),
        .target(
            name: "Hone",
            dependencies: [
                "HoneKernels", "HoneTensor", "HoneNN", "HoneSchedule", "HoneOptim", "HoneData", "HonePlot",
            ]),
        .target(name: "HoneTesting", dependencies: ["Hone"]),

        .executableTarget(name: "hone-bench", dependencies: ["Hone", "HoneKernels"], exclude: ["Peers"]),

        .testTarget(name: "HoneKernelsTests", dependencies: ["HoneKernels"]),
        .testTarget(name: "HoneTensorTests", dependencies: ["HoneTensor"]),
        .testTarget(name: "HoneNNTests", dependencies: ["HoneNN"], resources: [.copy("Resources")]),
        .testTarget(name: "HoneScheduleTests", dependencies: ["HoneSchedule"]),
        .testTarget(name: "HoneOptimTests", dependencies: ["HoneOptim"]),
        .testTarget(name: "HoneDataTests", dependencies: ["HoneData"]),
        .testTarget(name: "HonePlotTests", dependencies: ["HonePlot"]),
        .testTarget(name: "HoneTests", dependencies: ["Hone", "HoneTesting"]),
        .testTarget(name: "FirstFitTests", dependencies: ["first-fit", "02-fashion"]),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["Hone", "HoneTensor", "HoneNN", "HoneSchedule", "HoneOptim"],
            resources: [.copy("Resources/vectors")]),
    ]
        + notebooks.map(notebook)
        + callbackPackages.flatMap(callbackPackage),
    swiftLanguageModes: [.v6]
)
