import Foundation
import Hone
import Testing

/// The harness itself: it must be able to read everything, to fail, and to skip.
@Suite struct HarnessTests {
    private func value(_ json: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }

    private func text(_ json: String, set: String) -> String {
        """
        {"source": "none", "tolerance": {"rtol": 0.1, "atol": 0.5}, "set": "\(set)", "cases": [\(json)]}
        """
    }

    private func file(_ json: String, set: String = "shared") throws -> VectorFile {
        try JSONDecoder().decode(VectorFile.self, from: Data(text(json, set: set).utf8))
    }

    private func outcome(_ name: String, _ json: String, set: String = "shared") throws -> Report.Outcome {
        let contents = try file(json, set: set)
        let runner = try #require(Runner.all.first { $0.file == name })
        return runner.outcome(of: try #require(contents.cases.first), in: contents)
    }

    @Test func everyFileOfThePublishedSetIsRead() throws {
        #expect(try Set(VectorFile.names(in: VectorFile.publishedFolder())) == Set(Runner.all.map(\.file)))
        let nowhere = Runner.runAll(in: URL(fileURLWithPath: "/nowhere"))
        #expect(nowhere.faults.count == 1)
    }

    @Test func everyKindOfValueIsRead() throws {
        let json = try value(
            #"{"a": [1, -2.5e3, "nan", "inf", "-inf"], "b": null, "c": true, "d": {"e": "word"}, "f": 1}"#)
        #expect(json["a"][1].double == -2500 && json["a"][2].double?.isNaN == true)
        #expect(json["a"][3].double == .infinity && json["a"][4].double == -.infinity)
        #expect(json["b"].isNull && json["missing"].isNull && json["a"][9].isNull)
        #expect(json["c"].bool == true && json["c"].double == nil)
        #expect(json["f"].bool == nil && json["f"].int == 1)
        #expect(json["d"]["e"].string == "word" && json["d"]["e"].double == nil)
    }

    @Test func tensorsOfEveryTypeAreRead() throws {
        let floats = VectorTensor(try value(#"{"shape": [2, 2], "dtype": "f32", "data": [1, "nan", 0.1, "-inf"]}"#))
        #expect(floats?.tensor.shape == [2, 2] && floats?.tensor.elementType == .float32)
        #expect(floats?.tensor.scalars[2] == 0.1 && floats?.tensor.scalars[1].isNaN == true)
        #expect(floats?[1].data == [0.1, -.infinity] && floats?[1].shape == [2])
        let integers = VectorTensor(try value(#"{"shape": [2], "dtype": "i64", "data": [-100, 9007199254740991]}"#))
        #expect(integers?.tensor.integers == [-100, .max])
        #expect(VectorTensor(try value(#"{"shape": [], "dtype": "bool", "data": [1]}"#))?.tensor.integers == [1])
        #expect(VectorTensor(try value(#"{"shape": [3, 0], "dtype": "f32", "data": []}"#))?.tensor.shape == [3, 0])
        #expect(VectorTensor(try value(#"{"shape": [2], "dtype": "f32", "data": [1]}"#)) == nil)
        #expect(VectorTensor(try value(#"{"shape": [-1], "dtype": "f32", "data": []}"#)) == nil)
        #expect(VectorTensor(.null) == nil)
    }

    @Test func valuesAreComparedAsTheFormatSays() {
        let tolerance = Tolerance(relative: 0.1, absolute: 0.5)
        #expect(tolerance.allows(11.5, for: 10) && !tolerance.allows(11.6, for: 10))
        #expect(tolerance.allows(-11.5, for: -10) && !tolerance.allows(8.4, for: 10))
        #expect(tolerance.allows(.nan, for: .nan) && !tolerance.allows(0, for: .nan) && !tolerance.allows(.nan, for: 0))
        #expect(tolerance.allows(.infinity, for: .infinity) && !tolerance.allows(-.infinity, for: .infinity))
        #expect(!tolerance.allows(1e300, for: .infinity) && !tolerance.allows(.infinity, for: 1e300))
        let comparison = Comparison(tolerance: tolerance)
        let expected = VectorTensor(shape: [2], type: "i64", data: [1, 2])
        #expect(throws: Never.self) { try comparison.expect(Tensor([Int32(1), 2]), expected, "x") }
        #expect(throws: Unmet.self) { try comparison.expect(Tensor([Int32(1), 3]), expected, "x") }
        #expect(throws: Unmet.self) { try comparison.expect(Tensor([Int32(1), 2], shape: [2, 1]), expected, "x") }
    }

    @Test func whatIsMissingOrSuperfluousIsNotOverlooked() throws {
        let comparison = Comparison(tolerance: Tolerance(relative: 0, absolute: 0))
        #expect(throws: Unmet.self) { try comparison.expect(.object([:]), .object(["a": .number(1)]), "x") }
        #expect(throws: Unmet.self) { try comparison.expect(.array([]), .array([.number(1)]), "x") }
        #expect(throws: Unmet.self) { try comparison.expect(.number(1), .null, "x") }
        #expect(throws: Unmet.self) { try comparison.expect(.null, .number(1), "x") }
        #expect(throws: Unmet.self) { try comparison.expect([:], try value(#"{"output": 3}"#), "x") }
        #expect(throws: Unmet.self) { try comparison.expect(["output": Tensor(0)], .null, "x") }
        #expect(throws: Unmet.self) { try comparison.expect([1, 2], [1, 2, 3], "x") }
    }

    private func opCase(_ config: String, _ expected: String, more: String = "") -> String {
        """
        {"name": "c", "config": \(config), "inputs": {"args": {
            "a": {"shape": [1], "dtype": "f32", "data": [2]}, "b": {"shape": [1], "dtype": "f32", "data": [5]}}},
         "expected": {"outputs": {"output": {"shape": [1], "dtype": "f32", "data": [\(expected)]}}}\(more)}
        """
    }

    @Test func aWrongValueFailsAndARightOnePasses() throws {
        let add = #"{"op": "add", "attrs": {}}"#
        #expect(try outcome("ops.json", opCase(add, "7")) == .passed)
        #expect(try outcome("ops.json", opCase(add, "9")) == .failed("outputs.output[0] is 7.0, expected 9.0"))
        // The case's own tolerance takes the place of the file's.
        let own = #", "tolerance": {"rtol": 0, "atol": 3}"#
        #expect(try outcome("ops.json", opCase(add, "9", more: own)) == .passed)
    }

    @Test func whatIsNotKnownIsSkippedByName() throws {
        let option = #"{"op": "add", "attrs": {"alpha": 2}}"#
        #expect(try outcome("ops.json", opCase(option, "7"), set: "heldout") == .skipped("option alpha: 2"))
        let unread = #"{"op": "add", "attrs": {"alpha": false}}"#
        #expect(try outcome("ops.json", opCase(unread, "7"), set: "heldout") == .skipped("option alpha: false"))
        let off = #"{"op": "add", "attrs": {"alpha": null, "inplace": false}}"#
        #expect(try outcome("ops.json", opCase(off, "7")) == .passed)
        let strange = opCase(#"{"op": "strange", "attrs": {}}"#, "1")
        #expect(try outcome("ops.json", strange, set: "heldout") == .skipped("kind strange"))
    }

    /// In the published set nothing is passed over, neither kinds nor options.
    @Test func whatIsNotKnownFailsInThePublishedSet() throws {
        let option = #"{"op": "add", "attrs": {"alpha": 2}}"#
        #expect(try outcome("ops.json", opCase(option, "7")) == .failed("option alpha: 2 is not answered"))
        let strange = opCase(#"{"op": "strange", "attrs": {}}"#, "1")
        #expect(try outcome("ops.json", strange) == .failed("kind strange is not answered"))
    }

    /// Nor is a failure excused there by a tag, as it is elsewhere.
    @Test(arguments: ["extended", "quirk", "spec_only"])
    func tagsExcuseNothingInThePublishedSet(_ tag: String) throws {
        let wrong = opCase(#"{"op": "add", "attrs": {}}"#, "9", more: #", "tags": ["\#(tag)"]"#)
        for set in ["shared", "heldout"] {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(text(wrong, set: set).utf8).write(to: folder.appendingPathComponent("ops.json"))
            let report = Runner.runAll(in: folder)
            #expect(report.summary.hasPrefix("conformance: 1 cases, 0 passed, 1 failed"))
            #expect(
                report.faults == (set == "shared" ? ["ops.json c: outputs.output[0] is 7.0, expected 9.0"] : []))
        }
    }

    @Test func aCaseWithoutWhatItNeedsFails() throws {
        let empty = #"{"name": "c", "config": {"op": "add", "kind": "MSELoss"}, "inputs": {}, "expected": {}}"#
        for name in ["ops.json", "losses.json"] {
            guard case .failed = try outcome(name, empty) else {
                Issue.record("\(name) passed an empty case")
                continue
            }
        }
        #expect(try outcome("schedules.json", empty) == .failed("nothing is expected"))
        let misfit = opCase(#"{"op": "reshape", "attrs": {"shape": [2]}}"#, "1")
        guard case .failed = try outcome("ops.json", misfit.replacingOccurrences(of: #""a""#, with: #""x""#)) else {
            Issue.record("a tensor of one element was made one of two")
            return
        }
    }

    @Test func theReportCountsEveryCaseOnce() throws {
        var report = Report()
        let tags = ["[]", #"["boundary"]"#, #"["malformed"]"#, #"["extended"]"#, #"["quirk"]"#, #"["spec_only"]"#]
        let cases = try tags.map { tags in
            try #require(
                try file(#"{"name": "c", "config": {}, "inputs": {}, "expected": {}, "tags": \#(tags)}"#).cases.first)
        }
        for test in cases { report.add("f", test, .passed, mayFail: test.mayFail) }
        for test in cases { report.add("f", test, .failed("p"), mayFail: test.mayFail) }
        for test in cases { report.add("f", test, .skipped("kind k"), mayFail: test.mayFail) }
        #expect(report.summary == "conformance: 18 cases, 6 passed, 6 failed, 6 skipped, 3 core passed")
        #expect(report.faults == ["f c: p", "f c: p", "f c: p"])
        #expect(report.details.hasPrefix("skipped f, kind k: c, c, c, c, c, c\nfailed f c: p\n"))
        report.addUnreadable("g", "no such file")
        #expect(report.faults.last == "g: no such file" && report.summary.hasPrefix("conformance: 19 cases"))
    }
}
