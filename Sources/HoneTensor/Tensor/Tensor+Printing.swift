import Foundation

// Tensors are shown as NumPy shows arrays: rows in brackets, columns aligned, large ones with their middle left out.

extension Tensor: CustomStringConvertible {
    /// The elements in brackets, then the shape.
    ///
    /// ```
    /// Tensor([[ 1.0,  2.5],
    ///         [-3.0,  4.0]], shape: [2, 2])
    /// ```
    public var description: String {
        if isInert { return "Tensor(inert)" }
        let kind = elementType == .int32 ? ", int32" : ""
        let text = withExtendedLifetime(body) { TensorPrinter(self).text(indent: "Tensor(".count) }
        return "Tensor(\(text), shape: \(shape)\(kind))"
    }
}

/// Writes a tensor's elements; those that are left out are never touched.
private struct TensorPrinter {
    /// Tensors of more elements than this are shown by the ends of their axes.
    static let threshold = 1000
    static let edge = 3
    static let precision = 4
    static let lineWidth = 100

    let shape: Shape
    let strides: StridedLayout
    let isShortened: Bool
    private var format: (Int) -> String
    private var width = 0

    init(_ tensor: Tensor) {
        shape = tensor.shape
        strides = StridedLayout(tensor.shape)
        isShortened = tensor.count > TensorPrinter.threshold
        if tensor.elementType == .int32 {
            let integers = tensor.body.integers
            format = { String(integers[$0]) }
        } else {
            let floats = tensor.body.floats
            format = { String(floats[$0]) }
        }
        let places = tensor.count == 0 ? [] : collected()
        if tensor.elementType == .float32 {
            let floats = tensor.body.floats
            let style = FloatStyle(places.map { Double(floats[$0]) }, precision: TensorPrinter.precision)
            format = { style.text(Double(floats[$0])) }
        }
        width = places.map { format($0).count }.max() ?? 0
    }

    /// The places along an axis that are shown; nil stands for those left out.
    private func shown(_ axis: Int) -> [Int?] {
        let (length, edge) = (shape[axis], TensorPrinter.edge)
        guard isShortened, length > 2 * edge else { return Array(0..<length) }
        return Array(0..<edge) + [nil] + Array(length - edge..<length)
    }

    private func collected(axis: Int = 0, offset: Int = 0) -> [Int] {
        if axis == shape.rank { return [offset] }
        return shown(axis).flatMap { place in
            place.map { collected(axis: axis + 1, offset: offset + $0 * strides.stride(axis)) } ?? []
        }
    }

    func text(indent: Int) -> String { text(axis: 0, offset: 0, indent: indent) }

    private func text(axis: Int, offset: Int, indent: Int) -> String {
        if axis == shape.rank { return padded(format(offset)) }
        let isRow = axis == shape.rank - 1
        let parts = shown(axis).map { place in
            place.map { text(axis: axis + 1, offset: offset + $0 * strides.stride(axis), indent: indent + 1) } ?? "…"
        }
        let margin = "\n" + String(repeating: " ", count: indent + 1)
        if !isRow {
            let blankLines = String(repeating: "\n", count: shape.rank - axis - 2)
            return "[" + parts.joined(separator: "," + blankLines + margin) + "]"
        }
        var (row, column) = ("[", indent + 1)
        for (number, part) in parts.enumerated() {
            if number > 0 {
                row += ","
                let isFull = column + part.count + 2 > TensorPrinter.lineWidth
                row += isFull ? margin : " "
                column = isFull ? indent + 1 : column + 2
            }
            row += part
            column += part.count
        }
        return row + "]"
    }

    private func padded(_ text: String) -> String {
        String(repeating: " ", count: Swift.max(0, width - text.count)) + text
    }
}

/// How NumPy writes floats side by side: with as many digits as the one that needs most, or all with exponents when they
/// are very large, very small, or far apart.
private struct FloatStyle {
    private var isScientific = false
    private var digits = 1
    private let precision: Int

    init(_ values: [Double], precision: Int) {
        self.precision = precision
        let sizes = values.filter { $0.isFinite && $0 != 0 }.map(abs)
        if let largest = sizes.max(), let smallest = sizes.min() {
            isScientific = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000 && !sizes.allSatisfy(isWhole)
        }
        digits = values.filter(\.isFinite).map { needed(by: $0) }.max() ?? 1
    }

    private func isWhole(_ value: Double) -> Bool { value == value.rounded() }

    /// The digits behind the point that are not zeros at the end; at least one.
    private func needed(by value: Double) -> Int {
        let mantissa = written(value, precision).prefix { $0 != "e" }
        guard let point = mantissa.firstIndex(of: ".") else { return 1 }
        let fraction = mantissa[mantissa.index(after: point)...]
        return Swift.max(
            1, (fraction.lastIndex { $0 != "0" }).map { fraction.distance(from: fraction.startIndex, to: $0) + 1 } ?? 1)
    }

    private func written(_ value: Double, _ digits: Int) -> String {
        String(format: isScientific ? "%.\(digits)e" : "%.\(digits)f", value)
    }

    func text(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return written(value, digits)
    }
}
