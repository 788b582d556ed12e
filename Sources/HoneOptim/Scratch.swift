import HoneTensor

/// Runs `body` with elements to work with, which hold anything at first. They come from the pool of tensors: fresh memory
/// of the system's at each step would cost more than the step.
func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    _ = Tensor.build([count]) { elements in
        if let start = elements.baseAddress { body(start) }
    }
}
