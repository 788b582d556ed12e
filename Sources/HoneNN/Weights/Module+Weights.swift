import HoneTensor

// A model's values by name: copied out, copied in, and in files.

extension Module {
    /// Copies of all parameters and buffers by name.
    public var stateDictionary: StateDictionary {
        StateDictionary(weightSources.map { ($0.name, $0.value()) })
    }

    /// Copies values in by name; nothing is changed when it throws.
    ///
    /// - Parameters:
    ///   - strict: whether a name without its counterpart is an error. Without it, what fits is taken and the rest
    ///     reported.
    ///   - map: the model's name for a name of the dictionary; nil leaves that one out.
    /// - Returns: the names that do not fit; empty when strict.
    /// - Throws: ``StateMismatch`` with every missing, unexpected and mismatched name.
    @discardableResult public func load(
        _ state: StateDictionary, strict: Bool = true, map: ((String) -> String?)? = nil
    ) throws -> StateMismatch {
        try load(from: state, strict: strict, map: map)
    }

    /// Copies the values of a safetensors file in by name; nothing is changed when it throws.
    ///
    /// The names are PyTorch's, so the file of a `state_dict` fits a model of the same layers. Half precision becomes
    /// float32, and a whole number of 64 bits int32, if it is one that int32 can hold. Tensors are read one by one.
    /// - Parameters:
    ///   - path: the file.
    ///   - strict: whether a name without its counterpart is an error. Without it, what fits is taken and the rest
    ///     reported.
    ///   - map: the model's name for a name of the file; nil leaves that one out.
    /// - Returns: the names that do not fit; empty when strict.
    /// - Throws: ``WeightFileError`` for a file that cannot be read, and ``StateMismatch`` with every missing, unexpected
    ///   and mismatched name.
    @discardableResult public func load(_ path: String, strict: Bool = true, map: ((String) -> String?)? = nil) throws
        -> StateMismatch
    {
        try load(from: SafeTensors.read(path), strict: strict, map: map)
    }

    /// Writes all parameters and buffers to a safetensors file, which appears complete or not at all.
    ///
    /// Parameters are copied one at a time, as their turn comes. Integer buffers (`num_batches_tracked`) are written with
    /// 64 bits, as PyTorch has them.
    /// - Parameters:
    ///   - path: the file; its folder exists.
    ///   - metadata: text by name. Other libraries look for `format` and expect `pt` there.
    ///   - floats: how floating point is stored; half precision rounds to the nearest, ties to even.
    /// - Throws: ``WeightFileError``.
    public func save(
        _ path: String, metadata: [String: String] = ["format": "pt"], floats: StoredType = .float32
    ) throws {
        try SafeTensors.write(weightSources, metadata: metadata, to: path, floats: floats, integers: .int64)
    }

    private func load(from source: some StateSource, strict: Bool, map: ((String) -> String?)?) throws -> StateMismatch
    {
        let walk = ModuleWalk(self)
        ParameterArena.place(walk, seed: 0)
        var plan = LoadPlan(source, map: map)
        let parameters = walk.parameters.map { entry in
            (entry.parameter, plan.match(entry.names, entry.parameter.shape, .float32))
        }
        let buffers = walk.buffers.map { entry in
            (entry.buffer, plan.match(entry.names, entry.buffer.value.shape, entry.buffer.value.elementType))
        }
        let report = plan.report
        guard report.isEmpty || !strict else { throw report }
        // Buffers may be whole numbers beyond int32, so they are read before anything is changed; a float always fits.
        let values = try buffers.map { buffer, name in (buffer, try name.map(source.tensor(named:))) }
        for (parameter, name) in parameters {
            if let name { parameter.value = try source.tensor(named: name) }
        }
        for (buffer, value) in values { if let value { buffer.value = value.detached() } }
        return report
    }
}
