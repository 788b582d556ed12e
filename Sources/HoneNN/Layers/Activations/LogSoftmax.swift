import HoneTensor

/// The logarithm of the softmax over an axis, without overflow.
public final class LogSoftmax: Module {
    private let axis: Int

    /// Makes the layer; a negative axis counts from the end.
    public init(axis: Int = -1) { self.axis = axis }

    /// `LogSoftmax over -1`
    public var label: String { "LogSoftmax over \(axis)" }

    /// Any shape that has the axis, which stays.
    public func forward(_ x: Tensor) -> Tensor { x.logSoftmax(axis: axis) }
}
