import Foundation

/// Where names stand in a list, worked out at the first question: a list that only grows costs nothing for it.
final class NameIndex: @unchecked Sendable {  // What it keeps is read and written under its lock alone.
    private let lock = NSLock()
    private var places: [String: Int]?

    /// The first place of a name in the list, which is the same at every call; nil when it is not there.
    func place(of name: String, in names: @autoclosure () -> [String]) -> Int? {
        lock.withLock {
            if let places { return places[name] }
            let found = Dictionary(names().enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            places = found
            return found[name]
        }
    }
}
