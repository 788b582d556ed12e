/// Rows of text in aligned columns: the first to the left, the others to the right.
package struct TextTable: CustomStringConvertible {
    package let header: [String]
    package let rows: [[String]]

    package init(header: [String], rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    /// The width of each column.
    package var widths: [Int] {
        header.indices.map { column in ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    }

    /// One line of cells in columns of the given widths.
    package static func line(_ cells: [String], widths: [Int]) -> String {
        var text = ""
        for (column, cell) in cells.enumerated() {
            let pad = String(repeating: " ", count: max(0, (column < widths.count ? widths[column] : 0) - cell.count))
            text += (column == 0 ? "" : "  ") + (column == 0 ? cell + pad : pad + cell)
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The table, a line a row.
    package var description: String {
        ([header] + rows).map { TextTable.line($0, widths: widths) }.joined(separator: "\n")
    }
}
