import HoneKernels

/// A source of random numbers that is a pure function: the same key, purpose and index give the same numbers, on every
/// thread, in every process and in any order.
///
/// Philox4x32-10 of Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", with keys split by hashing.
public struct RandomKey: Hashable, Codable, Sendable {
    /// The 64 bits that everything is drawn from.
    public let bits: UInt64

    /// Makes the key of a seed; different seeds give unrelated keys.
    public init(seed: UInt64) {
        bits = RandomKey.mix(seed, 0x486F_6E65, 0)
    }

    private init(bits: UInt64) { self.bits = bits }

    private static func mix(_ key: UInt64, _ high: UInt64, _ low: UInt64) -> UInt64 {
        var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        withUnsafeMutablePointer(to: &words) {
            $0.withMemoryRebound(to: UInt32.self, capacity: 4) { hone_philox(key, high, low, $0) }
        }
        return UInt64(words.0) | UInt64(words.1) << 32
    }

    /// The key for the `index`-th use of a purpose: `key.derived("shuffle", epoch)`.
    public func derived(_ purpose: String, _ index: Int = 0) -> RandomKey {
        // FNV-1a: Swift's own hashes differ from process to process.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return RandomKey(bits: RandomKey.mix(bits, hash, UInt64(bitPattern: Int64(index))))
    }

    /// The key numbered `index` below this one, cheaper than by a purpose's name.
    func derived(index: UInt64) -> RandomKey {
        RandomKey(bits: RandomKey.mix(bits, 0x7365_7175_656E_6365, index))
    }

    /// The order of `count` things, shuffled without bias (Fisher and Yates).
    public func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        guard count > 1 else { return order }
        var words = [UInt32](repeating: 0, count: 2 * count)
        hone_random_bits(HONE_ISA_AUTO, bits, 0, 0, &words, words.count)
        for i in stride(from: count - 1, through: 1, by: -1) {
            // 64 random bits scaled to 0...i: the bias is below i / 2^64.
            let word = UInt64(words[2 * i]) | UInt64(words[2 * i + 1]) << 32
            let j = Int(word.multipliedFullWidth(by: UInt64(i + 1)).high)
            order.swapAt(i, j)
        }
        return order
    }

    /// `count` numbers uniform in `low..<high`.
    public func uniform(_ count: Int, low: Float = 0, high: Float = 1) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress {
                hone_random_uniform(HONE_ISA_AUTO, bits, 0, 0, low, high, start, count)
            }
            initialized = count
        }
    }

    /// `count` numbers of a normal distribution.
    public func normal(_ count: Int, mean: Float = 0, deviation: Float = 1) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let start = buffer.baseAddress {
                hone_random_normal(HONE_ISA_AUTO, bits, 0, 0, mean, deviation, start, count)
            }
            initialized = count
        }
    }
}
