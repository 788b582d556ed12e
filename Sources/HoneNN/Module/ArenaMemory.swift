import HoneTensor

/// The memory of a model's parameters, side by side, and that of their gradients in the same layout. The parameters
/// own it together.
final class ArenaMemory {
    /// The elements of each of the two, with padding.
    let count: Int
    let values: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>
    /// Whether of some parameter it is known which rows have a gradient.
    @exclusivity(unchecked) var followsRows = false

    init(count: Int) {
        self.count = count
        values = ArenaMemory.allocate(count)
        gradients = ArenaMemory.allocate(count)
    }

    deinit {
        values.deallocate()
        gradients.deallocate()
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let bytes = max(64, 4 * count)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        return memory.assumingMemoryBound(to: Float.self)
    }

    /// Whether the module at work may use trainable parameters of `memory`: in a run, only those that the model's walk
    /// found. A loss (no module is at work then) may use a model of its own.
    @inline(__always) static func isExpected(_ memory: ArenaMemory) -> Bool {
        guard let owner = ModuleTrace.owner else { return true }
        return owner.toOpaque() == Unmanaged.passUnretained(memory).toOpaque() || ModuleTrace.isIdle
    }

    /// Whether a run is on and its model is at work.
    static var isExclusive: Bool { ModuleTrace.owner != nil && !ModuleTrace.isIdle }
}
