/// How many of its batches an epoch goes through.
public enum EpochLength: Equatable, Sendable, Codable {
    /// A share of them, above 0 and at most 1; rounded up.
    case share(Double)
    /// So many of them, at least 1, or all if there are fewer.
    case batches(Int)

    /// The number of batches to go through of so many.
    func count(of batches: Int) -> Int {
        switch self {
        case .share(let share): min(batches, max(1, Int((share * Double(batches) - 1e-9).rounded(.up))))
        case .batches(let count): min(batches, count)
        }
    }
}
