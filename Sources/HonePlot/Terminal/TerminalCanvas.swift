/// A rectangle of characters on which braille dots can be set, 2×4 of them in a character.
struct TerminalCanvas {
    /// A character with the numbers of its colours.
    struct Cell: Equatable {
        var character: Character = " "
        var color: Int?
        var ground: ChartColor?
        /// The braille dots, as the bits of the Unicode block.
        var dots: UInt8 = 0
    }

    let columns: Int
    let rows: Int
    private var cells: [Cell]

    /// The size in dots.
    var dotColumns: Int { columns * 2 }
    var dotRows: Int { rows * 4 }

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = [Cell](repeating: Cell(), count: columns * rows)
    }

    /// Puts a character over what is there; a ground that was set before stays.
    mutating func put(_ character: Character, row: Int, column: Int, color: Int?) {
        guard contains(row, column) else { return }
        let index = row * columns + column
        cells[index].character = character
        cells[index].color = color
        cells[index].dots = 0
    }

    /// Colours the ground of a character.
    mutating func fill(row: Int, column: Int, ground: ChartColor) {
        guard contains(row, column) else { return }
        cells[row * columns + column].ground = ground
    }

    /// Whether nothing but perhaps a ground is there.
    func isBlank(row: Int, column: Int) -> Bool {
        guard contains(row, column) else { return false }
        let cell = cells[row * columns + column]
        return cell.character == " " && cell.dots == 0
    }

    /// Sets a dot; it takes the place of a character that is there.
    mutating func dot(_ x: Int, _ y: Int, color: Int?) {
        guard x >= 0, y >= 0, x < dotColumns, y < dotRows else { return }
        // The bits of the block run down the left column, down the right one, and then along the fourth row.
        let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        let index = (y / 4) * columns + x / 2
        cells[index].character = " "
        cells[index].dots |= bits[y % 4][x % 2]
        cells[index].color = color
    }

    /// Calls a function for each dot of a line.
    static func trace(from start: PlotPoint, to end: PlotPoint, _ body: (Int, Int) -> Void) {
        let steps = min(20_000, max(1, Int(max(abs(end.x - start.x), abs(end.y - start.y)).rounded(.up))))
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            body(
                Int((start.x + (end.x - start.x) * share).rounded(.down)),
                Int((start.y + (end.y - start.y) * share).rounded(.down)))
        }
    }

    /// A row as text, with the codes of its colours if there are any.
    func text(row: Int) -> String {
        var text = ""
        var active: (color: Int?, ground: Int?) = (nil, nil)
        for cell in cells[row * columns..<(row + 1) * columns] {
            let ground = cell.ground?.terminalCode
            var color = cell.color
            if cell.character == " ", cell.dots == 0 {
                color = active.color
            } else if color == nil, let behind = cell.ground {
                color = behind.brightness < 0.55 ? 231 : 16
            }
            if color != active.color || ground != active.ground {
                text += "\u{1B}[0"
                if let color { text += ";38;5;\(color)" }
                if let ground { text += ";48;5;\(ground)" }
                text += "m"
                active = (color, ground)
            }
            text.append(cell.dots == 0 ? cell.character : Self.braille(cell.dots))
        }
        return active == (nil, nil) ? text : text + TerminalText.reset
    }

    private static func braille(_ dots: UInt8) -> Character {
        Unicode.Scalar(0x2800 + UInt32(dots)).map(Character.init) ?? " "
    }

    private func contains(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && column >= 0 && row < rows && column < columns
    }
}
