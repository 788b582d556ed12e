import Hone
import HoneTesting
import Testing

/// The scenarios themselves: callbacks with mistakes do not stand them.
@Suite struct CallbackScenarioTests {
    /// Does what a test says in `beforeFit`, and with each step; counts the steps of its life.
    private final class Mistaken: LearnerCallback {
        var count = 0
        let atStart: (Mistaken, Learner) throws -> Void
        let atStep: (Mistaken, Learner) throws -> Void

        init(
            atStart: @escaping (Mistaken, Learner) throws -> Void = { _, _ in },
            atStep: @escaping (Mistaken, Learner) throws -> Void = { _, _ in }
        ) {
            self.atStart = atStart
            self.atStep = atStep
        }

        override func beforeFit(_ learner: Learner) throws { try atStart(self, learner) }
        override func afterStep(_ learner: Learner) throws {
            count += 1
            try atStep(self, learner)
        }
    }

    /// The scenarios that a callback does not stand.
    private func violated(_ make: @escaping @Sendable () throws -> [any Callback]) -> [CallbackScenario] {
        CallbackScenario.allCases.filter { scenario in
            do {
                try scenario.check(CallbackCase("Mistaken", make: make))
                return false
            } catch {
                return true
            }
        }
    }

    @Test func aCallbackWithoutMistakesStandsAll() {
        #expect(violated { [Mistaken()] } == [])
    }

    @Test func stateThatIsNotResetIsFound() {
        let found = violated {
            [Mistaken(atStep: { own, learner in if own.count == 14 { learner.request(.endPhase) } })]
        }
        #expect(found.contains(.twoFits) && found.contains(.failure) && !found.contains(.noEpochs))
    }

    @Test func whatIsNotPutBackIsFound() {
        let freezing = violated { [Mistaken(atStart: { $1.arena.entries[0].parameter.isTrainable = false })] }
        #expect(Set(freezing).isSuperset(of: [.twoFits, .failure, .stop, .oneBatch]))
        let naming = violated { [Mistaken(atStep: { $1.weightsInUse = "others" })] }
        #expect(Set(naming).isSuperset(of: [.twoFits, .failure, .stop, .oneBatch]) && !naming.contains(.noEpochs))
    }

    @Test func aModelThatChangesInAFitOfNothingIsFound() {
        let found = violated {
            [
                Mistaken(atStart: { _, learner in
                    learner.arena.willChangeValues()
                    learner.arena.values[0] += 1
                })
            ]
        }
        #expect(found.contains(.noEpochs))
    }

    @Test func aNeedThatIsNotDeclaredIsFound() throws {
        let make: @Sendable () throws -> [any Callback] = { [ValidateEvery(.steps(2))] }
        #expect(violated(make) == [.emptyValidation])
        try CallbackScenario.emptyValidation.check(
            CallbackCase("ValidateEvery", make: make).with { $0.needsValidation = true })
    }

    @Test func aRunThatIsCutShortIsFound() {
        let found = violated { [Mistaken(atStep: { $1.request(.stop("enough")) })] }
        #expect(Set(found) == [.failure, .stop, .oneBatch, .snapshot])
    }

    /// Forgets its number when it is encoded.
    private struct Forgetful: Codable {
        var number = 0
        init() {}
        init(from decoder: any Decoder) throws { _ = try decoder.singleValueContainer() }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(number)
        }
    }

    private final class Forgetting: LearnerCallback {
        @RunState var state = Forgetful()
        override func afterStep(_ learner: Learner) throws { state.number += 1 }
    }

    @Test func stateThatDoesNotComeBackIsFound() {
        #expect(violated { [Forgetting()] } == [.snapshot])
    }

    @Test func aViolationSaysWhatIsWrong() throws {
        let error = try #require(throws: CallbackViolation.self) {
            try CallbackScenario.twoFits.check(
                CallbackCase("Naming") { [Mistaken(atStep: { $1.weightsInUse = "others" })] })
        }
        #expect("\(error)".hasPrefix("Naming in twoFits: the fit left "))
        #expect("\(error)".contains("weights others"))
    }
}
