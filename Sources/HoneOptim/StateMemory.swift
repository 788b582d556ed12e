import Foundation

/// Elements that an optimizer keeps. They start with zeros, and what is never written costs no memory.
final class StateMemory {
    let start: UnsafeMutablePointer<Float>
    let count: Int
    private let allocation: UnsafeMutableRawPointer?

    init(_ count: Int) {
        self.count = count
        // Pages of calloc come from the system as zeros when they are first touched.
        allocation = calloc(max(1, count) + 16, 4)
        guard let allocation else { preconditionFailure("out of memory for \(count) elements of optimizer state") }
        start = allocation.alignedUp(toMultipleOf: 64).assumingMemoryBound(to: Float.self)
    }

    deinit { free(allocation) }

    func copy(_ range: Range<Int>) -> [Float] {
        Array(UnsafeBufferPointer(start: start + range.lowerBound, count: range.count))
    }

    func clear(_ range: Range<Int>) { (start + range.lowerBound).update(repeating: 0, count: range.count) }

    func fill(_ range: Range<Int>, _ values: [Float]) {
        values.withUnsafeBufferPointer {
            if let source = $0.baseAddress { (start + range.lowerBound).update(from: source, count: range.count) }
        }
    }
}
