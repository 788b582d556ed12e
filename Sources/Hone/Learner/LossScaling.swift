/// Decides what losses are multiplied by before their backward passes, so that small gradients survive in half precision.
///
/// The loop divides the gradient by the same number before anybody sees it. Set it with
/// ``LoopStages/setLossScaling(_:owner:)``; ``LossScaler`` is the callback for it.
public protocol LossScaling: AnyObject {
    /// The factor for the losses of the window that begins, > 0.
    var lossScale: Double { get }

    /// Told once for each window whether its unscaled gradient is finite.
    ///
    /// - Returns: whether the window is to be stepped; if not, the gradient is zeroed as after ``Request/skipStep``.
    func shouldStep(isFinite: Bool) -> Bool
}
