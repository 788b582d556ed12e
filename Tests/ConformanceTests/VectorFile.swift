import Foundation
import Hone

/// One file of reference values, in the format of the vectors' README, section 1.
struct VectorFile: Decodable {
    let source: String
    let tolerance: Tolerance
    /// `shared` for the published set; any other is not to be known in advance.
    let set: String?
    let cases: [VectorCase]

    /// Whether it is of the published set, of which every case must pass.
    var isPublished: Bool { self.set == "shared" }

    init(contentsOf url: URL) throws {
        self = try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: url))
    }

    /// The folder of the published set.
    static func publishedFolder() throws -> URL {
        guard let url = Bundle.module.url(forResource: "vectors", withExtension: nil) else {
            throw Unmet("the vectors are not among the test's resources")
        }
        return url
    }

    /// The folder that the environment names, or that of the published set.
    static func folder() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["HONE_VECTORS"] { return URL(fileURLWithPath: path) }
        return try publishedFolder()
    }

    /// The names of the files in a folder.
    static func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted()
    }
}

/// How far a value may be off: |actual − expected| ≤ absolute + relative · |expected|.
struct Tolerance: Decodable, Equatable {
    let relative: Double
    let absolute: Double

    private enum CodingKeys: String, CodingKey {
        case relative = "rtol"
        case absolute = "atol"
    }

    /// Whether a value is near enough; NaN must meet NaN, and infinities must be equal.
    func allows(_ actual: Double, for expected: Double) -> Bool {
        if expected.isNaN || actual.isNaN { return expected.isNaN && actual.isNaN }
        if expected.isInfinite || actual.isInfinite { return expected == actual }
        return abs(actual - expected) <= absolute + relative * abs(expected)
    }
}

/// One case: what to build, what to feed it, and what must come out.
struct VectorCase: Decodable {
    let name: String
    let config: JSONValue
    let inputs: JSONValue
    let expected: JSONValue
    private let tags: [String]?
    private let ownTolerance: Tolerance?

    private enum CodingKeys: String, CodingKey {
        case name, config, inputs, expected, tags
        case ownTolerance = "tolerance"
    }

    /// Whether every implementation must pass it.
    var isCore: Bool { (tags ?? []).allSatisfy { ["boundary", "malformed"].contains($0) } }

    /// Whether it may fail in a set that is not published, as one of an optional feature or of a doubtful behaviour.
    var mayFail: Bool { (tags ?? []).contains { ["extended", "quirk", "spec_only"].contains($0) } }

    /// The case's own tolerance, or the file's.
    func tolerance(in file: VectorFile) -> Tolerance { ownTolerance ?? file.tolerance }
}

/// A tensor as the files have it; its numbers are exact.
struct VectorTensor: Equatable {
    let shape: [Int]
    /// `f32`, `i64` or `bool`.
    let type: String
    let data: [Double]

    /// Reads a tensor object; nil for any other value.
    init?(_ value: JSONValue) {
        guard let shape = value["shape"].ints, let type = value["dtype"].string, let data = value["data"].doubles,
            Shape(shape).problem == nil, data.count == Shape(shape).count
        else { return nil }
        self.shape = shape
        self.type = type
        self.data = data
    }

    init(shape: [Int], type: String, data: [Double]) {
        self.shape = shape
        self.type = type
        self.data = data
    }

    /// Floats, or integers for anything else.
    var tensor: Tensor {
        type == "f32"
            ? Tensor(data.map { Float($0) }, shape: Shape(shape))
            : Tensor(data.map { Int32(clamping: Int(exactly: $0) ?? 0) }, shape: Shape(shape))
    }

    /// The part at a position of the first axis.
    subscript(index: Int) -> VectorTensor {
        let inner = Array(shape.dropFirst())
        let count = inner.reduce(1, *)
        return VectorTensor(shape: inner, type: type, data: Array(data[index * count..<(index + 1) * count]))
    }
}

extension JSONValue {
    /// The members of an object that are tensors, by name.
    var tensors: [String: VectorTensor] { (object ?? [:]).compactMapValues(VectorTensor.init) }
}
