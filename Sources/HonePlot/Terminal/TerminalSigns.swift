/// The characters by which the series of a chart are told apart in a terminal, and the lines that explain them.
struct TerminalSigns {
    /// The sign of a series: a character, or `nil` for braille dots.
    private(set) var glyphs: [Character?] = []
    /// The number of a series' colour, or `nil` where colours are not wanted.
    private(set) var colors: [Int?] = []
    /// The entries of the legend.
    private(set) var legend: [String] = []
    /// What the letters on markers and rules stand for.
    private(set) var key: [String] = []

    private static let lineGlyphs: [Character] = ["•", "+", "×", "o", "*", "#", "%", "@"]
    private static let barGlyphs: [Character] = ["█", "▒", "▓", "░"]
    private static let bandGlyphs: [Character] = ["░", "▒"]
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    init(_ resolved: ResolvedChart, color: Bool) {
        var hasBraille = false
        var (glyph, bar, band, letter) = (0, 0, 0, 0)
        func next(_ list: [Character], _ index: inout Int) -> Character {
            index += 1
            return list[(index - 1) % list.count]
        }
        for item in resolved.items {
            colors.append(color ? item.color.terminalInk(opacity: item.style.opacity) : nil)
            switch item.series.content {
            case .line where color || !hasBraille:
                hasBraille = true
                glyphs.append(nil)
            case .line: glyphs.append(next(Self.lineGlyphs, &glyph))
            case .points: glyphs.append(color ? "●" : next(Self.lineGlyphs, &glyph))
            case .bars: glyphs.append(color ? "█" : next(Self.barGlyphs, &bar))
            case .band: glyphs.append(color ? "░" : next(Self.bandGlyphs, &band))
            case .heatMap, .contour: glyphs.append(nil)
            case .marker, .verticalLine, .horizontalLine:
                let label = TextMetrics.oneLine(item.series.label)
                let isNamed = !label.isEmpty && letter < Self.letters.count
                let sign: Character? = isNamed ? Self.letters[letter] : nil
                if let sign {
                    key.append(TerminalText.colored(String(sign), colors[colors.count - 1]) + " " + label)
                    letter += 1
                }
                glyphs.append(sign)
            }
        }
        for entry in resolved.legend {
            var signs: [String] = []
            for (index, item) in resolved.items.enumerated() where item.series.name == entry.name {
                let sign = TerminalText.colored(glyphs[index].map { String($0) } ?? "⠒⠒", colors[index])
                if !signs.contains(sign) { signs.append(sign) }
            }
            legend.append(signs.joined() + " " + TerminalText.fitted(entry.name, width: 40))
        }
    }
}
