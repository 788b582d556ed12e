/// What has become of all cases.
struct Report {
    enum Outcome: Equatable {
        case passed
        case failed(String)
        case skipped(String)
    }

    /// Cases that failed and must not, by file and name.
    private(set) var faults: [String] = []

    private var failed: [String] = []
    /// Names of skipped cases by file and reason, in the order of their first.
    private var skipped: [(reason: String, names: [String])] = []
    private(set) var passedCount = 0
    private var failedCount = 0
    private var skippedCount = 0
    private var coreCount = 0

    mutating func add(_ file: String, _ test: VectorCase, _ outcome: Outcome, mayFail: Bool) {
        switch outcome {
        case .passed:
            passedCount += 1
            if test.isCore { coreCount += 1 }
        case .failed(let problem):
            failedCount += 1
            failed.append("failed \(file) \(test.name): \(problem)")
            if !mayFail { faults.append("\(file) \(test.name): \(problem)") }
        case .skipped(let reason):
            skippedCount += 1
            let key = "\(file), \(reason)"
            if let index = skipped.firstIndex(where: { $0.reason == key }) {
                skipped[index].names.append(test.name)
            } else {
                skipped.append((key, [test.name]))
            }
        }
    }

    /// A file that is missing or malformed counts as one failed case.
    mutating func addUnreadable(_ file: String, _ problem: String) {
        failedCount += 1
        failed.append("failed \(file): \(problem)")
        faults.append("\(file): \(problem)")
    }

    /// All cases.
    var count: Int { passedCount + failedCount + skippedCount }

    /// One line of figures.
    var summary: String {
        "conformance: \(count) cases, \(passedCount) passed, \(failedCount) failed, "
            + "\(skippedCount) skipped, \(coreCount) core passed"
    }

    /// Every case that was skipped or failed, by name.
    var details: String {
        (skipped.map { "skipped \($0.reason): \($0.names.joined(separator: ", "))" } + failed).joined(separator: "\n")
    }
}
