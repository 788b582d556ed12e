import Foundation
import HoneKernels

/// The instruction sets that this machine can run.
let availableVariants: [hone_isa] = [HONE_ISA_PORTABLE, HONE_ISA_AVX2, HONE_ISA_AVX512, HONE_ISA_NEON]
    .filter { hone_isa_available($0) }

/// Lengths around every vector width and its multiples, where loops change over to their tails.
let awkwardLengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 129, 1000]

/// A small generator of its own, so that no kernel's randomness is tested with itself.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func float(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * Float(next() >> 40) * 0x1p-24
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -3...3) -> [Float] {
        (0..<count).map { _ in float(in: range) }
    }

    mutating func integers(_ count: Int, below limit: Int) -> [Int32] {
        (0..<count).map { _ in Int32(truncatingIfNeeded: next() % UInt64(limit)) }
    }
}

/// An array that ends where readable memory ends: a kernel that reads or writes one element too many is killed.
final class GuardedArray<Element: BitwiseCopyable> {
    let pointer: UnsafeMutablePointer<Element>
    let count: Int
    private let region: UnsafeMutableRawPointer
    private let length: Int

    init(_ elements: [Element]) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bytes = elements.count * MemoryLayout<Element>.stride
        let usable = (bytes + page - 1) / page * page
        length = usable + page
        region = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        precondition(region != MAP_FAILED, "no memory for a guarded array")
        mprotect(region + usable, page, PROT_NONE)
        count = elements.count
        pointer = (region + usable - bytes).bindMemory(to: Element.self, capacity: max(count, 1))
        pointer.initialize(from: elements, count: count)
    }

    deinit {
        munmap(region, length)
    }

    var array: [Element] {
        Array(UnsafeBufferPointer(start: pointer, count: count))
    }
}

/// A closure behind a C function pointer.
private final class Work {
    let body: () -> Void

    init(_ body: @escaping () -> Void) {
        self.body = body
    }
}

/// Runs `body` from within a task of the pool, where kernels use one thread.
func onOneThread(_ body: @escaping () -> Void) {
    let work = Work(body)
    withExtendedLifetime(work) {
        hone_parallel_for(
            2, 1,
            { context, begin, _ in
                guard begin == 0, let context else { return }
                Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().body()
            }, Unmanaged.passUnretained(work).toOpaque())
    }
}

/// What `body` writes to `count` elements, once with all threads and once with one.
func withAndWithoutThreads<Element: BitwiseCopyable>(
    count: Int, filler: Element, _ body: @escaping (UnsafeMutablePointer<Element>) -> Void
) -> (all: [Element], one: [Element]) {
    let all = GuardedArray([Element](repeating: filler, count: count))
    let one = GuardedArray([Element](repeating: filler, count: count))
    body(all.pointer)
    onOneThread { body(one.pointer) }
    return (all.array, one.array)
}

/// Whether two arrays hold the same bits, NaN included.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in a.elementsEqual(b) } }
}

/// The distance of `value` from the exact `reference`, in units of the last place of a float.
func ulps(_ value: Float, _ reference: Double) -> Double {
    let rounded = Float(reference)
    if rounded.isNaN || value.isNaN {
        return rounded.isNaN && value.isNaN ? 0 : .infinity
    }
    if rounded == value {
        return abs(Double(value) - reference).isFinite ? abs(Double(value) - reference) / Double(rounded.ulp) : 0
    }
    if rounded.isInfinite || value.isInfinite {
        // Just beyond the largest float the next value is 2^128.
        let far = value.isInfinite ? (value > 0 ? 0x1p128 : -0x1p128) : Double(value)
        let near = rounded.isInfinite ? max(-0x1p129, min(0x1p129, reference)) : reference
        return abs(far - near) / 0x1p104
    }
    return abs(Double(value) - reference) / Double(max(rounded.magnitude.ulp, Float.leastNonzeroMagnitude))
}

/// The largest of |a - b| / (atol + rtol |b|); above 1 is out of tolerance. NaN must meet NaN, infinities be equal.
func worstShare(_ a: [Float], _ b: [Double], rtol: Double, atol: Double) -> Double {
    guard a.count == b.count else { return .infinity }
    var worst = 0.0
    for (x, y) in zip(a, b) {
        if y.isNaN || !Float(y).isFinite {
            let same = y.isNaN ? x.isNaN : x == Float(y)
            worst = same ? worst : .infinity
        } else {
            let difference = abs(Double(x) - y)
            let share = difference == 0 ? 0 : difference / (atol + rtol * abs(y))
            worst = share <= worst ? worst : share.isNaN ? .infinity : share
        }
    }
    return worst
}

func name(of variant: hone_isa) -> String {
    String(cString: hone_isa_name(variant))
}
