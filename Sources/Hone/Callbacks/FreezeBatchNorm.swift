/// Keeps batch norms as they are while the rest is trained: they normalise by their running statistics, which stay.
///
/// For batches too small to have statistics of their own, and for fine-tuning on little data. Other norms have no
/// statistics to keep. After the fit, modes and what is trained are as before.
open class FreezeBatchNorm: LearnerCallback {
    /// Which batch norms are kept.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        /// All of the model's.
        case all
        /// Those in frozen parts: where nothing but norms is trained in the norm's group of layers, or the norm itself is
        /// not. As fastai's `BnFreeze`, but for `trainsBatchNorm`, which does not keep it from its work.
        case frozenParts
    }

    /// Which batch norms are kept.
    public let scope: Scope
    /// Whether their scales and shifts are not trained either.
    public let affine: Bool

    /// The parameters that would be trained without this callback.
    @RunState private var fixed: [String] = []

    private struct Norm {
        let module: BatchNorm
        let layerGroup: Int
        /// The places of scale and shift in the arena's entries.
        let entries: [Int]
    }

    private var norms: [Norm] = []
    /// For each group of layers, the entries that say whether it is trained.
    private var telling: [[Int]] = []

    /// Makes the callback.
    ///
    /// - Parameters:
    ///   - scope: which batch norms are kept.
    ///   - affine: whether their scales and shifts are not trained either, also with ``Learner/trainsBatchNorm``.
    public init(_ scope: Scope = .all, affine: Bool = false) {
        self.scope = scope
        self.affine = affine
    }

    /// ``Phase/transform``, after those that freeze and unfreeze.
    open override var phase: Phase { .transform }

    /// Finds the batch norms; a model without is an error.
    open override func beforeFit(_ learner: Learner) throws {
        norms = FreezeBatchNorm.norms(of: learner)
        guard !norms.isEmpty else {
            throw LearnerError.argument(identifier, value: "a model without batch norms", expected: "at least one")
        }
        let ofNorms = learner.parametersOfNorms()
        let groups = learner.optimizer.layerGroups
        telling = (0...(groups.max() ?? 0)).map { group in
            let own = groups.indices.filter { groups[$0] == group }
            let others = own.filter { !ofNorms.contains(ObjectIdentifier(learner.arena.entries[$0].parameter)) }
            return others.isEmpty ? own : others
        }
    }

    /// A norm without scale and shift is in the group of the layer before it.
    private static func norms(of learner: Learner) -> [Norm] {
        let places = Dictionary(
            learner.arena.entries.enumerated().map { (ObjectIdentifier($0.element.parameter), $0.offset) },
            uniquingKeysWith: { first, _ in first })
        var last = 0
        return learner.model.modules.compactMap { _, module in
            guard module is BatchNorm || module.modules.count == 1 else { return nil }
            let entries = module.parameters.compactMap { places[ObjectIdentifier($0.parameter)] }
            if let entry = entries.first { last = learner.optimizer.layerGroups[entry] }
            return (module as? BatchNorm).map { Norm(module: $0, layerGroup: last, entries: entries) }
        }
    }

    /// Sets the norms before a step's first batch.
    open override func beforeBatch(_ learner: Learner) throws {
        guard learner.isTraining, learner.window.microBatches == 0 else { return }
        let entries = learner.arena.entries
        for norm in norms {
            let isKept = scope == .all || isFrozen(norm, entries)
            norm.module.isTraining = !isKept
            guard affine else { continue }
            for entry in norm.entries {
                let (parameter, name) = (entries[entry].parameter, entries[entry].name)
                if isKept, parameter.isTrainable {
                    parameter.isTrainable = false
                    fixed.append(name)
                } else if !isKept, let place = fixed.firstIndex(of: name) {
                    fixed.remove(at: place)
                    parameter.isTrainable = true
                }
            }
        }
    }

    private func isFrozen(_ norm: Norm, _ entries: [ParameterArena.Entry]) -> Bool {
        if telling[norm.layerGroup].allSatisfy({ !entries[$0].parameter.isTrainable }) { return true }
        return !norm.entries.isEmpty
            && norm.entries.allSatisfy { !entries[$0].parameter.isTrainable && !fixed.contains(entries[$0].name) }
    }

    /// Has scales and shifts trained again.
    open override func teardown(_ learner: Learner, _ outcome: FitOutcome) throws {
        for entry in learner.arena.entries where fixed.contains(entry.name) { entry.parameter.isTrainable = true }
        fixed = []
        (norms, telling) = ([], [])
    }
}
