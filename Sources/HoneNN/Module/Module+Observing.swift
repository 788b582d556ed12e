import HoneTensor

/// A call of a module, as an observer sees it.
public struct ObservedCall {
    /// The module.
    public let module: any Module
    /// Its path in the observed model (`body.0`), empty for the model itself; nil for a module that the model's walk does
    /// not know.
    public let path: String?
    /// What came in.
    public let inputs: [Tensor]
    /// What went out.
    public let outputs: [Tensor]
}

extension Module {
    /// Calls `observer` with the outputs of every module that is called within `body`, inner ones first.
    ///
    /// Only calls `module(x)` on this thread are seen, not a direct `forward`. An operation that two layers share is run
    /// as two. A module that is called several times is seen several times.
    /// - Returns: what `body` returns.
    public func observingOutputs<Result>(_ observer: @escaping (ObservedCall) -> Void, run body: () throws -> Result)
        rethrows -> Result
    {
        let paths = Dictionary(
            ModuleWalk(self).modules.map { (ObjectIdentifier($0.module), $0.path) },
            uniquingKeysWith: { first, _ in first })
        return try ModuleTrace.observing(
            { object, inputs, outputs in
                guard let module = object as? any Module else { return }
                observer(
                    ObservedCall(
                        module: module, path: paths[ObjectIdentifier(object)], inputs: inputs, outputs: outputs))
            }, run: body)
    }
}
