// Transfer learning: which groups of layers are trained.

extension Learner {
    /// Freezes all groups of layers but the last, usually the head. A model of one group is not frozen at all.
    ///
    /// - Throws: as ``freeze(to:)``.
    public func freeze() throws { try freeze(to: -1) }

    /// Trains all groups again.
    ///
    /// - Throws: as ``freeze(to:)``.
    public func unfreeze() throws { try freeze(to: 0) }

    /// Freezes the groups of layers before the `group`th, and trains it and those after it (fastai's `freeze_to`).
    ///
    /// Groups are those of the learner's `groups:`; parameters that a filter has separated stay with their layers here.
    /// With ``trainsBatchNorm`` the scales and shifts of batch, instance and layer norms are trained in frozen parts, too.
    /// Batch norms stay in training mode, so their running statistics follow the new data in either case. What the
    /// optimizer has kept between steps is forgotten, as in fastai.
    /// - Parameter group: the first group that is trained; a negative one counts from the end, -1 is the last.
    /// - Throws: ``LearnerError/argument(_:value:expected:)`` for a group that does not exist, and what keeps a run from
    ///   being set up (groups that do not fit the model).
    public func freeze(to group: Int) throws {
        try followModel()
        let count = (optimizer.layerGroups.max() ?? 0) + 1
        guard (-count..<count).contains(group) else {
            throw LearnerError.argument(
                "freeze(to:)", value: "\(group)", expected: "one of the model's groups, \(-count)..<\(count)")
        }
        let first = group < 0 ? count + group : group
        let norms = trainsBatchNorm ? parametersOfNorms() : []
        for (entry, layerGroup) in zip(arena.entries, optimizer.layerGroups) {
            entry.parameter.isTrainable = layerGroup >= first || norms.contains(ObjectIdentifier(entry.parameter))
        }
        optimizer.reset()
    }

    /// The parameters of those norms that fastai trains in frozen parts.
    func parametersOfNorms() -> Set<ObjectIdentifier> {
        let norms = model.modules.map(\.module).filter { $0 is BatchNorm || $0 is InstanceNorm || $0 is LayerNorm }
        return Set(norms.flatMap { $0.parameters.map { ObjectIdentifier($0.parameter) } })
    }
}
