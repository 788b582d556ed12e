/// Estimates of how much room text takes, made without a font.
///
/// The widths lie between those of the narrow and the wide sans-serif fonts that `system-ui` may be, nearer to the wide
/// ones, so that margins are rather too large than too small.
package enum TextMetrics {
    /// The width of a line of text in pixels.
    package static func width(_ text: String, size: Double, isBold: Bool = false) -> Double {
        let ems = text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
        return ems * size * (isBold ? 1.08 : 1)
    }

    /// The width of a line of text in a fixed-width font, in pixels.
    package static func fixedWidth(_ text: String, size: Double) -> Double {
        Double(columns(text)) * size * 0.61
    }

    /// How many columns of a terminal text takes.
    package static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// How many columns of a terminal a character takes.
    package static func columns(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        return isWide(scalar) ? 2 : 1
    }

    /// Text on one line: line breaks, tabs and other control characters are spaces.
    package static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isControl ? " " : $0 }))
    }

    private static func width(of scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "'", "|", "!", ".", ",", ":", ";", "I": 0.3
        case "f", "r", "t", "(", ")", "[", "]", "/", "\\", "-", " ", "\"", "`": 0.38
        case "m", "w", "M", "W", "@", "%", "…", "—": 0.92
        case "0"..."9": 0.61
        case "A"..."Z", "+", "=", "<", ">", "~", "#", "&": 0.7
        case _ where isWide(scalar): 1
        case _ where scalar.properties.generalCategory == .nonspacingMark: 0
        default: 0.58
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isControl: Bool {
        switch generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
