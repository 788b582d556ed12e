import HoneKernels

/// The two kinds of element.
public enum ElementType: UInt8, Sendable, Codable {
    /// 32-bit floating point: what is learned from and learned.
    case float32
    /// 32-bit integers: labels and indices.
    case int32
}

/// A tensor's elements and what is known of them. One object a tensor: its memory comes from a pool, or is another
/// body's, or belongs to somebody who promises to call `materialize` before changing it.
final class TensorBody {
    let shape: Shape
    let count: Int
    let type: ElementType
    /// Where the memory is, when no other body owns it.
    private var base: UnsafeMutableRawPointer
    private var isBorrowed: Bool
    /// The body whose memory this one shows, and where in it.
    private let owner: TensorBody?
    private let offset: Int
    /// Which tape knows the tensor (0: none), and as what.
    var tapeID: UInt64 = 0
    var slot: Int32 = -1

    /// New memory from the thread's pool, its content undefined.
    @inline(__always) init(_ shape: Shape, count: Int, type: ElementType) {
        self.shape = shape
        self.count = count
        self.type = type
        owner = nil
        offset = 0
        isBorrowed = false
        // The capacity leaves room for the kernels' habit of reading whole vectors at aligned ends.
        if let memory = hone_pool_allocate(Context.current.pointee.poolMemory, count == 0 ? 4 : 4 * count) {
            base = memory
        } else {
            trap(TensorError(operation: "Tensor", problem: "no memory for \(shape) (\(4 * count) bytes)"))
        }
    }

    /// The memory of another body, seen in another shape.
    init(viewing other: TensorBody, shape: Shape, count: Int, elementOffset: Int = 0) {
        self.shape = shape
        self.count = count
        type = other.type
        owner = other.owner ?? other
        offset = other.offset + 4 * elementOffset
        base = other.base
        isBorrowed = true
    }

    /// Memory that somebody else keeps for as long as the body lives, or until it is materialized.
    init(borrowing memory: UnsafeMutableRawPointer, shape: Shape, type: ElementType) {
        self.shape = shape
        count = shape.count
        self.type = type
        owner = nil
        offset = 0
        base = memory
        isBorrowed = true
    }

    deinit {
        if owner == nil && !isBorrowed { hone_pool_free(base) }
    }

    @inline(__always) var memory: UnsafeMutableRawPointer {
        if let owner { return owner.base + offset }
        return base
    }

    @inline(__always) var floats: UnsafeMutablePointer<Float> { memory.assumingMemoryBound(to: Float.self) }
    @inline(__always) var integers: UnsafeMutablePointer<Int32> { memory.assumingMemoryBound(to: Int32.self) }

    /// Copies borrowed memory, because its owner is about to change it.
    func materialize() {
        guard isBorrowed, owner == nil else { return }
        guard let copy = hone_pool_allocate(StoragePool.shared.pointer, max(4, 4 * count)) else {
            trap(TensorError(operation: "Tensor", problem: "no memory for \(shape) (\(4 * count) bytes)"))
        }
        copy.copyMemory(from: base, byteCount: 4 * count)
        base = copy
        isBorrowed = false
    }

    /// Whether nobody else can see this body's memory through it.
    var ownsMemory: Bool { owner == nil && !isBorrowed }
}
