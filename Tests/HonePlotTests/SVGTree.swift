import Foundation
import HonePlot

#if canImport(FoundationXML)
import FoundationXML
#endif

/// The elements of an SVG, read by an XML parser that knows nothing of the code that wrote it.
struct SVGTree {
    struct Element {
        let name: String
        let attributes: [String: String]
        var text = ""
        /// How far the element is moved by the groups and pictures around it.
        var offset = (x: 0.0, y: 0.0)

        func number(_ name: String) -> Double {
            attributes[name].flatMap(Double.init) ?? .nan
        }

        /// The place of a text or a circle in the whole picture.
        var place: PlotPoint {
            let prefix = name == "circle" ? "c" : ""
            return PlotPoint(offset.x + number(prefix + "x"), offset.y + number(prefix + "y"))
        }

        /// The room that a text takes, as the renderer estimates it.
        func box(size: Double) -> (left: Double, right: Double, top: Double, bottom: Double) {
            let half = TextMetrics.width(text, size: size) / 2
            return (place.x - half, place.x + half, place.y - size * 0.8, place.y + size * 0.2)
        }
    }

    let elements: [Element]

    /// Reads an SVG, or returns `nil` where it is not well-formed.
    init?(_ text: String) {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        guard parser.parse() else { return nil }
        elements = reader.elements
    }

    func all(_ name: String) -> [Element] {
        elements.filter { $0.name == name }
    }

    /// All texts that can be seen, which the titles for readers that speak are not.
    var texts: [String] { all("text").map(\.text) }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String] = [:]
        ) {
            var element = Element(name: elementName, attributes: attributes)
            if let parent = open.last {
                element.offset = elements[parent].offset
                let outer = elements[parent]
                if outer.name == "svg", outer.attributes["x"] != nil {
                    element.offset.x += outer.number("x")
                    element.offset.y += outer.number("y")
                }
                if outer.name == "g", let move = outer.attributes["transform"] {
                    let numbers = move.split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
                    element.offset.x += numbers[0]
                    element.offset.y += numbers[1]
                }
            }
            open.append(elements.count)
            elements.append(element)
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if let index = open.last { elements[index].text += string }
        }

        func parser(
            _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName: String?
        ) {
            open.removeLast()
        }
    }
}
