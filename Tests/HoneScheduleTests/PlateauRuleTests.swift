import Foundation
import HoneSchedule
import Testing

@Suite struct PlateauRuleTests {
    /// The answers of a rule to a series of metrics.
    func answers(_ rule: PlateauRule, _ metrics: [Double]) -> [Double] {
        var rule = rule
        return metrics.map { rule.update($0) }
    }

    @Test func torchActsAfterPatienceKerasOnIt() {
        let metrics = [1, 1, 1, 1, 1.0]
        #expect(answers(PlateauRule(factor: 0.5, patience: 2), metrics) == [1, 1, 1, 0.5, 1])
        #expect(answers(.keras(factor: 0.5, patience: 2), metrics) == [1, 1, 0.5, 1, 0.5])
    }

    @Test func torchsRelativeThresholdAndKerasAbsoluteOne() {
        // 100 → 99.995 is less than a ten-thousandth better, but more than 1e-4.
        let metrics = [100, 99.995, 99.99]
        #expect(answers(PlateauRule(factor: 0.5, patience: 0), metrics) == [1, 0.5, 0.5])
        #expect(answers(.keras(factor: 0.5, patience: 1), metrics) == [1, 1, 1])
    }

    @Test func higherCanBeBetter() {
        let rule = PlateauRule(direction: .max, factor: 0.5, patience: 0, threshold: .absolute(0.1))
        #expect(answers(rule, [0.5, 0.7, 0.75, 0.4]) == [1, 1, 0.5, 0.5])
    }

    @Test func aCooldownForgivesBadChecksButTakesANewBest() {
        var rule = PlateauRule(factor: 0.5, patience: 0, cooldown: 2)
        #expect([1, 1, 0.9, 1].map { rule.update($0) } == [1, 0.5, 1, 1])
        #expect(rule.best == 0.9)
        #expect(rule.cooldownCounter == 0)
        #expect(rule.update(1) == 0.5)
    }

    @Test func kerasCountsNothingDuringItsCooldown() {
        let metrics = [1, 1, 1, 1, 1, 1.0]
        #expect(answers(.keras(factor: 0.5, patience: 1, cooldown: 2), metrics) == [1, 0.5, 1, 0.5, 1, 0.5])
        #expect(answers(.keras(factor: 0.5, patience: 1, cooldown: 3), metrics) == [1, 0.5, 1, 1, 0.5, 1])
        #expect(answers(PlateauRule(factor: 0.5, patience: 0, cooldown: 2), metrics) == [1, 0.5, 1, 1, 0.5, 1])
    }

    @Test func notANumberIsBadAndNeverTheBest() {
        var rule = PlateauRule(factor: 0.5, patience: 1)
        #expect([.nan, .nan].map { rule.update($0) } == [1, 0.5])
        #expect(rule.best == nil)
        #expect(rule.update(3) == 1)
        #expect([-.infinity, .nan].map { rule.update($0) } == [1, 0.5])
        #expect(rule.best == 3)
    }

    @Test func ratesStopAtTheirFloorsAndTinyChangesAreNotMade() {
        var rule = PlateauRule(factor: 0.1, patience: 0, floors: [0.005, 0])
        var rates = rule.update(1, rates: [0.1, 1e-8])
        #expect(rates == [0.1, 1e-8])
        rates = rule.update(1, rates: rates)
        #expect(abs(rates[0] - 0.01) < 1e-15 && rates[1] == 1e-8)
        rates = rule.update(1, rates: rates)
        #expect(rates == [0.005, 1e-8])
        // A rate below its floor is not lifted to it.
        #expect(rule.update(1, rates: [0.001, 0.02]) == [0.001, 0.002])
    }

    @Test func theMultiplierIsTheProductOfAllAnswers() {
        var rule = PlateauRule(factor: 0.5, patience: 0, floors: [0.3])
        for metric in [1, 1, 1.0] { _ = rule.update(metric) }
        #expect(rule.multiplier == 0.25)
        #expect(rule.modified(2) == 0.5)
        #expect(rule.modified(1) == 0.3)
    }

    @Test func theRaisingVariantRaisesAfterGoodStreaks() {
        let raising = PlateauRule.Raising(factor: 2, patience: 1, rest: 1, ceiling: 3)
        var rule = PlateauRule(
            factor: 0.5, patience: 1, threshold: .absolute(0), floors: [0.2], raising: raising)
        // Two good checks raise, the third falls into the rest, two more raise as far as the ceiling, the next falls
        // into the rest and is not even remembered; then one good and two bad ones lower.
        var rates = [1.0]
        var course: [Double] = []
        var best: [Double?] = []
        for metric in [10.0, 9, 8, 7, 6, 5, 5.5, 5.5, 5.5] {
            rates = rule.update(metric, rates: rates)
            course.append(rates[0])
            best.append(rule.best)
        }
        #expect(course == [1, 2, 2, 2, 3, 3, 3, 3, 1.5])
        #expect(best == [10, 9, 9, 7, 6, 6, 5.5, 5.5, 5.5])
    }

    @Test func stateAndSettingsComeBackEqualFromJSON() throws {
        var rule = PlateauRule(factor: 0.5, patience: 3, cooldown: 2, raising: PlateauRule.Raising())
        #expect(try copy(rule) == rule)
        for metric in [1, 1, 1, 1, 1, 1, 0.5] { _ = rule.update(metric) }
        #expect(rule.multiplier == 0.5)
        #expect(try copy(rule) == rule)
    }

    private func copy(_ rule: PlateauRule) throws -> PlateauRule {
        try JSONDecoder().decode(PlateauRule.self, from: JSONEncoder().encode(rule))
    }

    @Test(arguments: [
        PlateauRule(factor: 1), PlateauRule(factor: 0), PlateauRule(factor: .nan), PlateauRule(patience: -1),
        PlateauRule(threshold: .relative(-1)), PlateauRule(threshold: .absolute(.nan)), PlateauRule(cooldown: -1),
        PlateauRule(floors: []), PlateauRule(floors: [-1]), PlateauRule(leastChange: .infinity),
        PlateauRule(raising: PlateauRule.Raising(factor: 1)), PlateauRule(raising: PlateauRule.Raising(patience: -1)),
        PlateauRule(raising: PlateauRule.Raising(rest: -1)), PlateauRule(raising: PlateauRule.Raising(ceiling: 0)),
        PlateauRule(raising: PlateauRule.Raising(ceiling: .infinity)),
    ])
    func mistakesAreRefused(_ rule: PlateauRule) {
        #expect(throws: ScheduleError.self) { try rule.validate() }
    }

    @Test func theDefaultsAreValid() throws {
        try PlateauRule().validate()
        try PlateauRule.keras().validate()
        try PlateauRule(raising: PlateauRule.Raising()).validate()
    }
}
