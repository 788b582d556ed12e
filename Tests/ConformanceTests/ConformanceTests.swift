import Foundation
import Testing

/// Hone against values of PyTorch, fastai, scikit-learn and published formulas.
@Suite struct ConformanceTests {
    @Test func everyImplementedKindMeetsTheReferenceValues() throws {
        let report = try Runner.runAll(in: VectorFile.folder())
        print(report.details)
        print(report.summary)
        for fault in report.faults { Issue.record("\(fault)") }
    }
}
