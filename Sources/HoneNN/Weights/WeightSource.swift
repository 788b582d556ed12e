import HoneTensor

/// A tensor that is to be written: what a file's header says of it, and its value when its turn comes.
package struct WeightSource {
    package let name: String
    let shape: Shape
    let elementType: ElementType
    let value: () -> Tensor

    /// A float tensor whose value is made when it is written.
    package init(_ name: String, _ shape: Shape, _ value: @escaping () -> Tensor) {
        (self.name, self.shape, self.value) = (name, shape, value)
        elementType = .float32
    }

    /// A tensor that is there already.
    package init(_ name: String, _ tensor: Tensor) {
        (self.name, shape, elementType, value) = (name, tensor.shape, tensor.elementType, { tensor })
    }
}

extension Module {
    /// All parameters and buffers by name, in the order of ``stateDictionary``; parameters are not copied yet.
    package var weightSources: [WeightSource] {
        let walk = ModuleWalk(self)
        ParameterArena.place(walk, seed: 0)
        return walk.parameters.flatMap { entry in
            entry.names.map { WeightSource($0, entry.parameter.shape) { entry.parameter.value } }
        } + walk.buffers.flatMap { entry in entry.names.map { WeightSource($0, entry.buffer.value) } }
    }
}
