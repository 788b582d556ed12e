import Foundation
import Testing

/// Hone against values of PyTorch, fastai, scikit-learn and published formulas.
@Suite struct ConformanceTests {
    @Test func everyCaseMeetsTheReferenceValues() throws {
        let folder = try VectorFile.folder()
        let report = Runner.runAll(in: folder)
        print(report.details)
        print(report.summary)
        for fault in report.faults { Issue.record("\(fault)") }
        // By their number, lest a file lose cases.
        if folder == (try VectorFile.publishedFolder()) { #expect(report.count == 369 && report.passedCount == 369) }
    }
}
