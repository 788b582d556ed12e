import Foundation
import Hone

// The benchmark program: `swift run -c release hone-bench SECTION [CASE …] [--threads N] [--reps R] [--table]`.
// One JSON line a measurement.

let sections: [String: (BenchOptions) throws -> Void] = [
    "autograd": benchAutograd,
    "conv": benchConvolution,
    "data": benchData,
    "elementwise": benchElementwise,
    "events": benchEvents,
    "gemm": benchGemm,
    "lrfind": benchFinder,
    "memory": benchMemory,
    "optim": benchOptim,
    "overhead": benchOverhead,
    "train": benchTrain,
]

do {
    let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()), sections: sections.keys.sorted())
    if let number = options.threads { threads = number }
    try sections[options.section]?(options)
} catch {
    FileHandle.standardError.write(Data("hone-bench: \(error)\n".utf8))
    exit(2)
}
