import HoneKernels

/// Memory for tensors, kept for reuse when tensors go.
public final class StoragePool: @unchecked Sendable {  // The pool behind the pointer has a lock of its own.
    let pointer: OpaquePointer

    /// What a pool holds at one moment.
    public struct Statistics: Equatable, Sendable {
        /// Bytes of tensors in use.
        public var liveBytes: Int
        /// The most bytes in use since the start or ``StoragePool/resetPeak()``.
        public var peakBytes: Int
        /// Bytes kept for reuse.
        public var keptBytes: Int
        /// Blocks in use.
        public var liveBlocks: Int
        /// Blocks handed out so far.
        public var allocations: UInt64
        /// Those of them that needed new memory from the system.
        public var systemAllocations: UInt64
    }

    /// The pool of tensors made outside of a learner's runs.
    public static let shared = StoragePool()

    /// The most bytes of unused memory that the pool keeps; when it is lowered below what is kept, all of that goes.
    public var cap: Int {
        get { hone_pool_cap(pointer) }
        set { hone_pool_set_cap(pointer, max(0, newValue)) }
    }

    /// Makes a pool that keeps at most `cap` bytes of unused memory.
    public init(cap: Int = 4 << 30) {
        guard let pool = hone_pool_create(max(0, cap)) else {
            trap(TensorError(operation: "StoragePool", problem: "no memory for a new pool"))
        }
        pointer = pool
    }

    deinit { hone_pool_release(pointer) }

    /// What the pool holds now.
    public var statistics: Statistics {
        let read = hone_pool_read(pointer)
        return Statistics(
            liveBytes: read.live_bytes, peakBytes: read.peak_bytes, keptBytes: read.kept_bytes,
            liveBlocks: read.live_blocks, allocations: read.allocations, systemAllocations: read.system_allocations)
    }

    /// Gives unused memory back to the system.
    public func trim() { hone_pool_trim(pointer) }

    /// Lets the peak start again from what is live now.
    public func resetPeak() { hone_pool_reset_peak(pointer) }
}
