/// A colour of a chart, as red, green and blue from 0 to 255.
///
/// The named colours are those of Okabe and Ito (2008), which readers with any of the common forms of colour blindness
/// can tell apart.
public struct ChartColor: Sendable, Equatable, Hashable {
    /// The amount of red, from 0 to 255.
    public var red: UInt8
    /// The amount of green, from 0 to 255.
    public var green: UInt8
    /// The amount of blue, from 0 to 255.
    public var blue: UInt8

    /// Creates a colour from its three amounts, each from 0 to 255.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A strong blue.
    public static let blue = ChartColor(red: 0, green: 114, blue: 178)
    /// A red with some orange in it.
    public static let vermillion = ChartColor(red: 213, green: 94, blue: 0)
    /// A green with some blue in it.
    public static let green = ChartColor(red: 0, green: 158, blue: 115)
    /// A pinkish purple.
    public static let purple = ChartColor(red: 204, green: 121, blue: 167)
    /// A warm orange.
    public static let orange = ChartColor(red: 230, green: 159, blue: 0)
    /// A light blue.
    public static let sky = ChartColor(red: 86, green: 180, blue: 233)
    /// A dark grey, the colour of text.
    public static let ink = ChartColor(red: 34, green: 34, blue: 34)
    /// A middle grey, for what stands in the background.
    public static let grey = ChartColor(red: 136, green: 136, blue: 136)
    /// White, the colour of the background.
    public static let white = ChartColor(red: 255, green: 255, blue: 255)

    /// The colour as SVG writes it, `#0072b2`.
    package var hex: String {
        let digits = Array("0123456789abcdef")
        var text = "#"
        for part in [red, green, blue] {
            text.append(digits[Int(part >> 4)])
            text.append(digits[Int(part & 15)])
        }
        return text
    }

    /// The nearest colour of the 6×6×6 cube that nearly every terminal knows, as its number.
    package var terminalCode: Int {
        func level(_ part: UInt8) -> Int {
            // The cube's steps are 0, 95, 135, 175, 215, 255.
            part < 48 ? 0 : part < 115 ? 1 : (Int(part) - 35) / 40
        }
        return 16 + 36 * level(red) + 6 * level(green) + level(blue)
    }

    /// The number of the colour for lines and letters in a terminal, whose ground may be black or white; `nil` for ink,
    /// which is whatever colour the terminal writes in.
    package func terminalInk(opacity: Double) -> Int? {
        if self == .ink { return nil }
        let pale = opacity < 0.6 ? mixed(with: .grey, fraction: 0.6) : self
        return (pale.brightness < 0.45 ? pale.mixed(with: .white, fraction: 0.25) : pale).terminalCode
    }

    /// How bright the colour looks, from 0 (black) to 1 (white).
    package var brightness: Double {
        (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
    }

    /// The colour that lies `fraction` of the way towards another one.
    package func mixed(with other: ChartColor, fraction: Double) -> ChartColor {
        let share = fraction.isFinite ? min(1, max(0, fraction)) : 0
        func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
            let start = Double(from)
            let length = Double(to) - start
            return UInt8((start + length * share).rounded())
        }
        return ChartColor(
            red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }
}
