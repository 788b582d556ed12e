import Hone
import Testing

/// Transfer learning: groups of layers that are frozen and trained.
@Suite struct FreezeTests {
    /// Three parts, with norms in the first two.
    private final class Net: LayerGrouped {
        let stem = Sequential(Linear(6, 8), BatchNorm1d(8), ReLU())
        let body = Sequential(Linear(8, 8), LayerNorm(8), GroupNorm(2, 8))
        let head = Linear(8, 3)
        var groupStarts: [String] { ["body", "head"] }
        func forward(_ x: Tensor) -> Tensor { head(body(stem(x))) }
    }

    private func learner(
        _ groups: ParameterGrouping = .byModel, trainsBatchNorm: Bool = true, optimizer: any UpdateRule = Adam()
    ) throws -> Learner {
        let learner = Learner(
            try DataLoaders(train: Points.dataset(), valid: Points.dataset(20, seed: 10), batchSize: 8), model: Net(),
            loss: CrossEntropy(), optimizer: optimizer, groups: groups, trainsBatchNorm: trainsBatchNorm,
            handlesInterrupt: false)
        learner.removeCallbacks(of: ProgressReporter.self)
        return learner
    }

    private func trainable(_ learner: Learner) -> [String] {
        learner.model.parameters.filter(\.parameter.isTrainable).map(\.name)
    }

    private static let norms = ["stem.1.weight", "stem.1.bias", "body.1.weight", "body.1.bias"]
    private static let all = [
        "stem.0.weight", "stem.0.bias", "stem.1.weight", "stem.1.bias", "body.0.weight", "body.0.bias", "body.1.weight",
        "body.1.bias", "body.2.weight", "body.2.bias", "head.weight", "head.bias",
    ]

    @Test func freezeLeavesTheLastGroupAndTheNormsOfFastaisList() throws {
        let learner = try learner()
        try learner.freeze()
        // A group norm is not in that list.
        #expect(Set(trainable(learner)) == Set(Self.norms + ["head.weight", "head.bias"]))
        try learner.unfreeze()
        #expect(trainable(learner) == Self.all)
    }

    @Test func withoutTrainsBatchNormTheNormsAreFrozenToo() throws {
        let learner = try learner(trainsBatchNorm: false)
        try learner.freeze()
        #expect(trainable(learner) == ["head.weight", "head.bias"])
        try learner.freeze(to: 1)
        #expect(trainable(learner) == Array(Self.all.dropFirst(4)))
    }

    @Test func negativeGroupsCountFromTheEnd() throws {
        let learner = try learner(trainsBatchNorm: false)
        for (negative, group) in [(-1, 2), (-2, 1), (-3, 0)] {
            try learner.freeze(to: negative)
            let counted = trainable(learner)
            try learner.freeze(to: group)
            #expect(trainable(learner) == counted)
        }
        #expect(trainable(learner) == Self.all)
    }

    @Test func aGroupThatIsNotThereIsAnErrorAndChangesNothing() throws {
        let learner = try learner()
        try learner.freeze()
        let before = trainable(learner)
        for group in [3, -4, 100] {
            let error = try #require(throws: LearnerError.self) { try learner.freeze(to: group) }
            #expect("\(error)" == "freeze(to:) is \(group), expected one of the model's groups, -3..<3")
        }
        #expect(trainable(learner) == before)
    }

    @Test func frozenPartsStayBitForBitWhileStatisticsMove() throws {
        for trainsBatchNorm in [true, false] {
            let learner = try learner(trainsBatchNorm: trainsBatchNorm, optimizer: AdamW(weightDecay: 0.1))
            try learner.freeze()
            let before = learner.model.stateDictionary
            let names = Set(trainable(learner))
            try learner.fit(1)
            let statistics = ["stem.1.running_mean", "stem.1.running_var", "stem.1.num_batches_tracked"]
            for (name, value) in learner.model.stateDictionary.entries {
                let old = try #require(before[name])
                #expect(value.isBitwiseEqual(to: old) != (names.contains(name) || statistics.contains(name)), "\(name)")
            }
        }
    }

    @Test func ratesOfFrozenGroupsAreScheduledAndTheOthersFollowTheirs() throws {
        let learner = try learner()
        try learner.freeze(to: 1)
        var rates: [[Double]] = []
        let listener = Listener { event, learner in
            if event == .beforeStep {
                rates.append(try (0..<3).map { try learner.optimizer.value(of: .learningRate, group: $0) })
            }
        }
        try learner.fitFlatCos(1, lr: .spread(1e-4, 1e-2), pctStart: 1, callbacks: [listener])
        #expect(rates.count == 6)
        for row in rates {
            for (rate, expected) in zip(row, [1e-4, 1e-3, 1e-2]) { #expect(isClose(rate, expected, 1e-9)) }
        }
        #expect(throws: ScheduleError.self) { try learner.fit(1, lr: [1e-3, 1e-3]) }
    }

    @Test func aGroupFollowsItsOwnRate() throws {
        // Plain gradient descent: with the second group's rate at twice the first's, its step is as with that rate alone.
        func steps(_ rates: [Double]) throws -> [[Float]] {
            let learner = try learner(.startingAt(["head"]), optimizer: SGD())
            let before = learner.model.parameters.map(\.parameter.value.scalars)
            let once = Listener { event, learner in if event == .afterStep { learner.request(.stop("one step")) } }
            try learner.fit(1, lr: rates, callbacks: [once])
            return zip(learner.model.parameters, before).map { now, old in
                zip(now.parameter.value.scalars, old).map { $0 - $1 }
            }
        }
        let (both, apart) = (try steps([0.25, 0.25]), try steps([0.25, 0.5]))
        #expect(both.dropLast(2).elementsEqual(apart.dropLast(2)))
        for (a, b) in zip(both.suffix(2).joined(), apart.suffix(2).joined()) {
            #expect(isClose(2 * Double(a), Double(b)))
        }
    }

    @Test func freezingForgetsWhatTheOptimizerKept() throws {
        let learner = try learner()
        try learner.fit(1)
        #expect(learner.optimizer.state.parameters["head.weight"]?.updates == 6)
        try learner.freeze()
        #expect(learner.optimizer.state.parameters.values.allSatisfy { $0.updates == 0 && $0.states.isEmpty })
    }

    @Test func groupsAreUnfrozenWithinAFitFromTheNextBatchOn() throws {
        let learner = try learner(trainsBatchNorm: false)
        try learner.freeze()
        var stems: [[Float]] = []
        let gradual = Listener { event, learner in
            if event == .beforeEpoch {
                stems.append(learner.model.stateDictionary["stem.0.weight"]?.scalars ?? [])
                if learner.run.epoch == 1 { try learner.unfreeze() }
            }
        }
        try learner.fit(3, callbacks: [gradual])
        #expect(stems[0] == stems[1] && stems[1] != stems[2])
    }

    @Test func snapshotsHoldWhatIsFrozen() throws {
        let learner = try learner()
        try learner.freeze(to: 1)
        let (snapshot, before) = (try learner.snapshot(), trainable(learner))
        try learner.unfreeze()
        try learner.restore(snapshot)
        #expect(trainable(learner) == before)
    }

    @Test func everyWayOfGroupingCutsAlike() throws {
        let splitter = ParameterGrouping.splitting(into: 3) { name, _ in
            name.hasPrefix("stem") ? 0 : name.hasPrefix("body") ? 1 : 2
        }
        for grouping in [.byModel, .startingAt(["body", "head"]), splitter] {
            let learner = try learner(grouping)
            #expect(learner.optimizer.groups.map(\.entries) == [[0..<4], [4..<10], [10..<12]])
            try learner.freeze()
            #expect(Set(trainable(learner)) == Set(Self.norms + ["head.weight", "head.bias"]))
        }
    }

    @Test func parametersThatAFilterSeparatesAreFrozenWithTheirLayers() throws {
        let learner = try learner(.byModel.separating(.matrices), trainsBatchNorm: false)
        #expect(learner.optimizer.groups.count == 4)
        try learner.freeze()
        #expect(trainable(learner) == ["head.weight", "head.bias"])
    }

    @Test func aModelOfOneGroupIsNotFrozen() throws {
        let learner = try learner(.whole)
        try learner.freeze()
        #expect(trainable(learner) == Self.all)
    }

    @Test func groupsThatDoNotFitAreErrorsOfFreezingToo() throws {
        func problem(_ grouping: ParameterGrouping, _ model: any Module = Net()) throws -> String {
            let learner = try Points.learner(model: model, groups: grouping)
            let error = #expect(throws: OptimizerError.self) { try learner.freeze() }
            return "\(error.map { "\($0)" } ?? "")"
        }
        #expect(
            try problem(.byModel, Sequential(Linear(6, 3)))
                == "parameter groups: the model names none: it is not LayerGrouped")
        #expect(
            try problem(.splitting(into: 2) { _, _ in 2 })
                == "parameter groups: the splitter puts 'stem.0.weight' into group 2, expected 0..<2")
        #expect(
            try problem(.splitting(into: 2) { _, _ in 0 })
                == "parameter groups: the splitter puts no parameter into group 1 of 2")
        #expect(try problem(.startingAt(["tail"])).contains("no parameter's name begins with 'tail'"))
    }

    @Test func aModelFrozenAsAWholeCannotBeTrained() throws {
        let learner = try learner(trainsBatchNorm: false)
        for (_, parameter) in learner.model.parameters { parameter.isTrainable = false }
        #expect(throws: LearnerError.noParameters(model: "Net")) { try learner.fit(1) }
    }
}
