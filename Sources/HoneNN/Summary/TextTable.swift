import Foundation

/// Rows of text in aligned columns: the first to the left, the others to the right.
struct TextTable: CustomStringConvertible {
    let header: [String]
    let rows: [[String]]

    /// The width of each column.
    var widths: [Int] {
        header.indices.map { column in ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    }

    /// One line of cells in columns of the given widths.
    static func line(_ cells: [String], widths: [Int]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            let pad = String(repeating: " ", count: max(0, (column < widths.count ? widths[column] : 0) - cell.count))
            text += (column == 0 ? "" : "  ") + (column == 0 ? cell + pad : pad + cell)
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The table, a line a row.
    var description: String {
        ([header] + rows).map { TextTable.line($0, widths: widths) }.joined(separator: "\n")
    }
}

/// A number with a fixed number of decimals, the same in every locale.
func format(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
}

/// A rate in few characters: `3.0e-03`.
func formatRate(_ value: Double) -> String { String(format: "%.1e", value) }
