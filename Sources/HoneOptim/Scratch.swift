import HoneKernels

/// Runs `body` with elements to work with, which hold anything at first.
func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(64, 4 * count), alignment: 64)
    defer { memory.deallocate() }
    return body(memory.bindMemory(to: Float.self, capacity: count))
}
