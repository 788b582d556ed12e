import HoneTensor

/// A part of a model: a layer, or a class that holds layers.
///
/// ```swift
/// final class Net: Module {
///     let body = Sequential(Linear(64, 128), ReLU())
///     let head = Linear(128, 10)
///     func forward(_ x: Tensor) -> Tensor { head(body(x)) }
/// }
/// ```
///
/// Parameters, buffers and inner modules are found by reflection, in the order of declaration, through optionals,
/// arrays, dictionaries, tuples and structures; what reflection cannot see (a closure, a lazy property that was not
/// read yet) is named by ``visitChildren(_:)``. A parameter that a run's forward pass meets and the walk did not find
/// is an error.
public protocol Module: AnyObject {
    /// The module's output for `x`. Call the module itself, `module(x)`, not this: the call keeps the path for errors.
    func forward(_ x: Tensor) -> Tensor

    /// Names what the module is made of, in order. By default all its stored properties are offered.
    func visitChildren(_ visitor: inout ModuleVisitor)

    /// What errors and tables call the module: `Linear 128→10`; by default its type's name.
    var label: String { get }
}

/// A module of several inputs or outputs.
public protocol MultiInputModule: Module {
    /// The module's outputs for its inputs.
    func forward(_ inputs: [Tensor]) -> [Tensor]
}

/// A module that behaves otherwise in training than in evaluation, such as ``Dropout``.
public protocol TrainingModeDependent: Module {
    /// Whether the module behaves as in training.
    var isTraining: Bool { get set }
}

extension Module {
    /// Offers all stored properties.
    public func visitChildren(_ visitor: inout ModuleVisitor) { visitor.reflect(self) }

    /// The type's name.
    public var label: String { "\(type(of: self))" }

    /// Runs the module's forward pass.
    @inline(__always) public func callAsFunction(_ x: Tensor) -> Tensor {
        ModuleTrace.enter(self, locate: pathOfInnermost)
        defer { ModuleTrace.leave() }
        let output = forward(x)
        if ModuleTrace.isObserved { ModuleTrace.observe(self, [x], [output]) }
        return output
    }

    /// Runs a forward pass of another form than ``forward(_:)``, so that errors within it name the module's path.
    public func traced<Result>(_ body: () -> Result) -> Result {
        ModuleTrace.enter(self, locate: pathOfInnermost)
        defer { ModuleTrace.leave() }
        return body()
    }

    /// As ``traced(_:)``, and observers see the call, with its inputs and what `outputs` takes of its result.
    public func traced<Result>(_ inputs: [Tensor], outputs: (Result) -> [Tensor], _ body: () -> Result) -> Result {
        traced {
            let result = body()
            if ModuleTrace.isObserved { ModuleTrace.observe(self, inputs, outputs(result)) }
            return result
        }
    }
}

extension MultiInputModule {
    /// The first output for a single input.
    public func forward(_ x: Tensor) -> Tensor {
        forward([x]).first ?? failed(label, "forward gave no output")
    }

    /// Runs the module's forward pass.
    public func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
        ModuleTrace.enter(self, locate: pathOfInnermost)
        defer { ModuleTrace.leave() }
        let outputs = forward(inputs)
        if ModuleTrace.isObserved { ModuleTrace.observe(self, inputs, outputs) }
        return outputs
    }
}

/// The path of the last of `modules` below the first: `Sequential.2 (Linear 128→10)`.
@Sendable private func pathOfInnermost(_ modules: [AnyObject]) -> String {
    guard let root = modules.first as? any Module, let innermost = modules.last as? any Module else { return "" }
    if root === innermost { return root.label }
    let walk = ModuleWalk(root)
    // A module that the walk does not know is named below the nearest one that it does.
    for module in modules.reversed() {
        if let path = walk.modules.first(where: { $0.module === module })?.path {
            let place = path.isEmpty ? "\(type(of: root))" : "\(type(of: root)).\(path)"
            return "\(place) (\(innermost.label))"
        }
    }
    return innermost.label
}

// MARK: What is in a model

extension Module {
    /// All parameters with their names (`body.0.weight`), in order of declaration; one that is used twice comes once.
    public var parameters: [(name: String, parameter: Parameter)] {
        ModuleWalk(self).parameters.map { ($0.names[0], $0.parameter) }
    }

    /// All buffers with their names, in order of declaration.
    public var buffers: [(name: String, buffer: Buffer)] { ModuleWalk(self).buffers.map { ($0.names[0], $0.buffer) } }

    /// The module itself and all modules within it with their paths, outer ones first; its own path is empty.
    public var modules: [(path: String, module: any Module)] { ModuleWalk(self).modules }

    /// Draws the values of all parameters anew from the seed and each one's name.
    public func initialise(seed: UInt64) {
        let walk = ModuleWalk(self)
        ParameterArena.place(walk, seed: seed)
        ParameterArena.draw(walk.parameters.map { ($0.parameter, $0.names[0]) }, seed: seed)
    }

    /// Calls `body` with every module within this one, inner ones before those that hold them, and with itself last.
    ///
    /// ```swift
    /// model.apply { module in
    ///     if let layer = module as? Conv2d { layer.weight.initialiser = .kaimingNormal(mode: .fanOut, .relu) }
    /// }
    /// ```
    public func apply(_ body: (any Module) throws -> Void) rethrows {
        var holders: [(path: String, module: any Module)] = []
        for entry in ModuleWalk(self).modules {
            while let last = holders.last, !last.path.isEmpty, !entry.path.hasPrefix(last.path + ".") {
                try body(holders.removeLast().module)
            }
            holders.append(entry)
        }
        for holder in holders.reversed() { try body(holder.module) }
    }

    /// Puts the module, and all within it, into training mode.
    public func train() { setTraining(true) }

    /// Puts the module, and all within it, into evaluation mode.
    public func eval() { setTraining(false) }

    private func setTraining(_ isTraining: Bool) {
        for (_, module) in ModuleWalk(self).modules {
            (module as? any TrainingModeDependent)?.isTraining = isTraining
        }
    }
}
