/// A column of numbers in which a missing value (NaN) equals a missing value.
///
/// Two charts of the same run must be equal also where the loss was not a number.
package struct Samples: Sendable, Equatable {
    package var values: [Double]

    package init(_ values: [Double]) {
        self.values = values
    }

    package static func == (left: Samples, right: Samples) -> Bool {
        guard left.values.count == right.values.count else { return false }
        return zip(left.values, right.values).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
    }
}
