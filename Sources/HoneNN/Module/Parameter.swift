import HoneTensor

/// A tensor that is learned. Its memory lies beside that of the model's other parameters, in the model's arena.
public final class Parameter {
    /// What a parameter does in the module that made it, whatever its shape.
    public enum Role: Sendable {
        /// It is multiplied or looked up.
        case weight
        /// It is added.
        case bias
        /// It is the scale or the shift of a norm.
        case norm
    }

    /// The lengths of its axes.
    public let shape: Shape

    /// What it does in its module: optimizers may leave biases and norms without weight decay.
    public let role: Role

    /// How its first values are drawn. Setting it draws them anew: at once, from the seed and name of the former draw,
    /// when there was one, and else when a model that holds it is adopted. A value that was set before is forgotten.
    public var initialiser: Initialiser {
        didSet { redraw() }
    }

    /// Where the last draw's numbers came from; nil before the first.
    var key: RandomKey?

    /// Whether an optimizer may change it; a frozen parameter is a constant in the forward pass.
    @exclusivity(unchecked) public var isTrainable = true

    /// Where it lives; nil until a model that holds it is adopted.
    struct Place {
        let memory: ArenaMemory
        let range: Range<Int>
        let sink: Tape.Sink
        let view: TensorView
    }

    private(set) var place: Place?

    /// A value that was set before there was a place for it.
    private var pending: Tensor?

    /// Makes a parameter whose first values are drawn by `initialiser` when a model that holds it is adopted.
    public init(_ shape: Shape, _ initialiser: Initialiser = .zeros, role: Role = .weight) {
        self.shape = shape
        self.role = role
        self.initialiser = initialiser
    }

    /// The parameter as the forward pass uses it: followed by the current tape, unless it is frozen.
    ///
    /// What is kept of it beyond the pass is not changed by the optimizer.
    @inline(__always) public var tensor: Tensor {
        guard let place, ArenaMemory.isExpected(place.memory) || !isTrainable else { return unplacedTensor() }
        return place.view.tensor(isConstant: !isTrainable)
    }

    /// A copy of the present values. Setting it copies the new ones in; another shape is a tensor error.
    public var value: Tensor {
        get {
            guard let place = adopted() else { return pending ?? .zeros(shape) }
            return .build(shape) { out in
                out.baseAddress?.update(from: place.memory.values + place.range.lowerBound, count: out.count)
            }
        }
        set {
            guard newValue.shape == shape, newValue.elementType == .float32 else {
                if !newValue.isInert {
                    _ = failed(
                        "Parameter", "a value of \(newValue.elementType) \(newValue.shape), expected float32 \(shape)")
                }
                return
            }
            guard let place else {
                pending = newValue.detached()
                return
            }
            place.view.release()
            newValue.withUnsafeFloats { source in
                guard let start = source.baseAddress else { return }
                (place.memory.values + place.range.lowerBound).update(from: start, count: source.count)
            }
        }
    }

    /// Calls `body` with the present values where they lie; nil when there is no place for them.
    func withUnsafeValues<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result? {
        adopted().map {
            body(UnsafeBufferPointer(start: $0.memory.values + $0.range.lowerBound, count: $0.range.count))
        }
    }

    /// Calls `body` with the present values to be changed where they lie; whoever kept the tensor is given a copy first.
    func withUnsafeMutableValues(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        guard let place = adopted() else { return }
        place.view.release()
        body(UnsafeMutableBufferPointer(start: place.memory.values + place.range.lowerBound, count: place.range.count))
    }

    /// A copy of the gradient that the last backward passes left; zeros when there was none.
    public var gradient: Tensor {
        guard let place, place.sink.isWritten else { return .zeros(shape) }
        return .build(shape) { out in
            out.baseAddress?.update(from: place.memory.gradients + place.range.lowerBound, count: out.count)
        }
    }

    /// The value it has, or has been given; nil when none was drawn yet.
    var knownValue: Tensor? { place == nil ? pending : value }

    private func redraw() {
        guard place != nil else {
            pending = nil
            return
        }
        value = initialiser.draw(shape, key ?? RandomKey(seed: 0).derived("parameter"))
    }

    /// Where it lives, what it was given before, and where its first values came from: what adoption changes, for a probe
    /// that puts all back.
    struct Residence {
        fileprivate let place: Place?
        fileprivate let pending: Tensor?
        fileprivate let key: RandomKey?
    }

    var residence: Residence {
        get { Residence(place: place, pending: pending, key: key) }
        set {
            place?.view.release()
            (place, pending, key) = (newValue.place, newValue.pending, newValue.key)
        }
    }

    func move(to place: Place) {
        self.place?.view.release()
        self.place = place
        pending = nil
    }

    /// The place, found for a model that is used alone by adopting the outermost module at work.
    private func adopted() -> Place? {
        if place == nil, let root = ModuleTrace.root as? any Module { ParameterArena.adopt(root, seed: 0) }
        return place
    }

    @inline(never) private func unplacedTensor() -> Tensor {
        if !ArenaMemory.isExclusive {
            if ModuleTrace.root == nil, place == nil { ParameterArena.adopt(lone: self) }
            if let place = adopted() { return place.view.tensor(isConstant: !isTrainable) }
        }
        return failed(
            "Parameter",
            "a parameter of shape \(shape) is used here, but is not among those found in the model's properties. Keep it "
                + "(or the module that holds it) in a stored property, name it in visitChildren(_:), or freeze it")
    }
}

/// A tensor that belongs to a model's state and is not learned, such as a running mean.
public final class Buffer {
    /// The present value.
    public var value: Tensor

    /// Makes a buffer with its first value.
    public init(_ value: Tensor) { self.value = value }
}
