import HoneTensor

/// The softmax over an axis: positive, and of sum 1.
public final class Softmax: Module {
    private let axis: Int

    /// Makes the layer; a negative axis counts from the end.
    public init(axis: Int = -1) { self.axis = axis }

    /// `Softmax over -1`
    public var label: String { "Softmax over \(axis)" }

    /// Any shape that has the axis, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.softmax(axis: axis) }
}
