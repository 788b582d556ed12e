import HoneTensor

/// The input, or a shortcut of it, plus what a body makes of it (He et al. 2016): y = shortcut(x) + body(x).
public final class Residual: Module {
    /// What is added.
    public let body: any Module

    /// What brings the input to the body's shape; the input itself when nil.
    public let shortcut: (any Module)?

    /// Makes the layer; the body's output has the shape of the shortcut's.
    public init(_ body: any Module, shortcut: (any Module)? = nil) {
        self.body = body
        self.shortcut = shortcut
    }

    /// Makes the layer with a chain of layers as its body.
    public convenience init(_ first: any Module, _ second: any Module, _ more: any Module...) {
        self.init(Sequential([first, second] + more))
    }

    /// The sum of both ways.
    public func forward(_ x: Tensor) -> Tensor {
        if x.isInert { return x }
        let added = body(x)
        let kept = shortcut?(x) ?? x
        if added.isInert || kept.isInert { return added.isInert ? added : kept }
        guard added.shape == kept.shape else {
            return failed(label, "the body gives \(added.shape) where the shortcut has \(kept.shape)")
        }
        return kept + added
    }
}
