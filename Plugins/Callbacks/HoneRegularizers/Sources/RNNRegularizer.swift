import Hone

/// Keeps the outputs of a recurrent layer small and slow (Merity, McCann and Socher 2017, "Revisiting Activation
/// Regularization for Language RNNs"): adds α mean(d²) + β mean((hₜ₊₁ − hₜ)²) to the mean loss of a training batch, as
/// fastai does.
///
/// h are the layer's outputs; d are those after the dropout that follows the layer, or h if none does. The loss that is
/// shown and recorded is without the addition. The layer's own dropout lies between its inner layers, not after it.
open class RNNRegularizer: LearnerCallback {
    /// The weight of the outputs' size.
    public let alpha: Float
    /// The weight of their changes.
    public let beta: Float
    /// The layer's path in the model, or nil for the recurrent layer that is called last.
    public let layer: String?

    private var raw: Tensor?
    private var dropped: Tensor?
    private var timeAxis = 0

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - alpha: the weight of the outputs' size, 0 or more.
    ///   - beta: the weight of their changes, 0 or more.
    ///   - layer: the layer's path in the model, or nil for the recurrent layer that is called last.
    public init(alpha: Float = 2, beta: Float = 1, layer: String? = nil) {
        self.alpha = alpha
        self.beta = beta
        self.layer = layer
    }

    /// ``Phase/transform``
    open override var phase: Phase { .transform }

    /// Checks the arguments, and that there is such a layer.
    open override func beforeFit(_ learner: Learner) throws {
        guard alpha >= 0, beta >= 0, alpha.isFinite, beta.isFinite else {
            throw LearnerError.argument(
                identifier, value: "alpha \(alpha), beta \(beta)", expected: "finite numbers of 0 or more")
        }
        let paths = learner.model.modules.filter { $0.module is RecurrentLayer }.map(\.path)
        guard layer.map(paths.contains) ?? !paths.isEmpty else {
            throw LearnerError.argument(
                "\(identifier) layer", value: layer ?? "none",
                expected: paths.isEmpty ? "a recurrent layer, of which there is none" : "one of \(paths)")
        }
    }

    /// Asks to see the outputs.
    open override func beforeBatch(_ learner: Learner) throws {
        (raw, dropped) = (nil, nil)
        guard learner.isTraining, alpha > 0 || beta > 0 else { return }
        learner.observeForward { [unowned self] call in see(call) }
    }

    private func see(_ call: ObservedCall) {
        guard let output = call.outputs.first else { return }
        if let recurrent = call.module as? RecurrentLayer {
            guard layer == nil || call.path == layer else { return }
            (raw, dropped) = (output, output)
            timeAxis = recurrent.batchFirst ? output.rank - 2 : 0
        } else if call.module is VariationalDropout || call.module is Dropout, let raw, let input = call.inputs.first,
            isSame(raw, input)
        {
            dropped = output
        }
    }

    private func isSame(_ a: Tensor, _ b: Tensor) -> Bool {
        guard a.shape == b.shape, !a.isInert, b.elementType == .float32 else { return false }
        return a.withUnsafeFloats { one in b.withUnsafeFloats { one.baseAddress == $0.baseAddress } }
    }

    /// Adds to the loss.
    open override func afterLoss(_ learner: Learner) throws {
        guard let raw, let dropped, learner.isTraining, learner.loss.count > 0 else { return }
        (self.raw, self.dropped) = (nil, nil)
        // The loop divides the sum by the count.
        let count = Float(learner.loss.count)
        if alpha > 0 { learner.loss.sum = learner.loss.sum + dropped.square().mean() * (alpha * count) }
        let length = raw.shape[timeAxis]
        if beta > 0, length > 1 {
            let later = raw.slice(timeAxis, 1..<length)
            let earlier = raw.slice(timeAxis, 0..<length - 1)
            learner.loss.sum = learner.loss.sum + (later - earlier).square().mean() * (beta * count)
        }
    }

    /// Lets go of a batch that was not finished.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws { (raw, dropped) = (nil, nil) }
}

extension Tensor {
    /// A part along one axis.
    fileprivate func slice(_ axis: Int, _ range: Range<Int>) -> Tensor {
        indexSelect(axis: axis, indices: Tensor(range.map { Int32($0) }))
    }
}
