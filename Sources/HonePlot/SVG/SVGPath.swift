/// Builds the `d` attribute of a path from whole tenths of pixels, relative to the point before, which is short.
struct SVGPath {
    private(set) var data = ""
    private var current = (x: 0, y: 0)
    private var command: Character = " "

    /// Begins a new piece at a point.
    mutating func move(to point: PlotPoint) {
        current = (NumberText.tenths(of: point.x), NumberText.tenths(of: point.y))
        data += "M" + NumberText.tenths(current.x) + Self.separated(NumberText.tenths(current.y))
        command = "M"
    }

    /// Draws a straight line to a point; one to the place where the pen is already adds nothing.
    mutating func line(to point: PlotPoint) {
        let next = (x: NumberText.tenths(of: point.x), y: NumberText.tenths(of: point.y))
        let step = (x: next.x - current.x, y: next.y - current.y)
        guard step != (0, 0) else { return }
        current = next
        let across = NumberText.tenths(step.x)
        let down = NumberText.tenths(step.y)
        if step.y == 0 {
            data += "h" + across
            command = "h"
        } else if step.x == 0 {
            data += "v" + down
            command = "v"
        } else {
            data += (command == "l" ? Self.separated(across) : "l" + across) + Self.separated(down)
            command = "l"
        }
    }

    /// Draws a dot where the pen is: a line of no length, which round ends make visible.
    mutating func dot() {
        data += "h0"
        command = "h"
    }

    /// Closes the piece.
    mutating func close() {
        data += "z"
        command = "z"
    }

    /// Draws through points; a single one becomes a dot.
    mutating func polyline(_ points: [PlotPoint]) {
        guard let first = points.first else { return }
        move(to: first)
        for point in points.dropFirst() { line(to: point) }
        if command == "M" { dot() }
    }

    /// Draws a closed shape through points.
    mutating func polygon(_ points: [PlotPoint]) {
        guard let first = points.first, points.count > 2 else { return }
        move(to: first)
        for point in points.dropFirst() { line(to: point) }
        close()
    }

    /// A sign separates two numbers as well as a space does.
    private static func separated(_ number: String) -> String {
        number.hasPrefix("-") ? number : " " + number
    }
}
