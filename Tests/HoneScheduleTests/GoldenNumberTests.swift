import HoneSchedule
import Testing

/// Numbers worked out from the formulas of the libraries, to the digits given.
@Suite struct GoldenNumberTests {
    func expect(
        _ schedule: Schedule, _ expected: [Double], of total: Int, within tolerance: Double = 5.1e-7,
        _ location: SourceLocation = #_sourceLocation
    ) {
        for (step, value) in expected.enumerated() {
            let actual = schedule.value(at: step, of: total)
            #expect(
                abs(actual - value) <= tolerance, "step \(step): \(actual), expected \(value)",
                sourceLocation: location)
        }
    }

    @Test func fastaiOneCycle() {
        expect(
            .oneCycle(max: 1),
            [
                0.04, 0.131672, 0.371672, 0.668328, 0.908328, 1, 0.989074, 0.956773, 0.904509, 0.834567, 0.750003,
                0.654512, 0.552269, 0.447741, 0.345498, 0.250007, 0.165443, 0.095501, 0.043237, 0.010936, 1e-5,
            ], of: 20)
        expect(
            .oneCycleMomentum(),
            [
                0.95, 0.940451, 0.915451, 0.884549, 0.859549, 0.85, 0.851093, 0.854323, 0.859549, 0.866543, 0.875,
                0.884549, 0.894774, 0.905226, 0.915451, 0.925, 0.933457, 0.940451, 0.945677, 0.948907, 0.95,
            ], of: 20)
    }

    @Test func torchOneCycleWithCosine() {
        expect(
            .torchOneCycle(max: 1),
            [
                0.04, 0.131672, 0.371672, 0.668328, 0.908328, 1, 0.987464, 0.950485, 0.890916, 0.811746, 0.716943,
                0.611262, 0.500002, 0.388742, 0.283061, 0.188258, 0.109088, 0.049519, 0.01254, 4e-6, 4e-6,
            ], of: 20)
    }

    @Test func torchOneCycleWithLines() {
        expect(
            .torchOneCycle(max: 1, anneal: .linear),
            [
                0.04, 0.232, 0.424, 0.616, 0.808, 1, 0.928572, 0.857143, 0.785715, 0.714287, 0.642859, 0.57143,
                0.500002, 0.428574, 0.357145, 0.285717, 0.214289, 0.142861, 0.071432, 4e-6,
            ], of: 20)
    }

    @Test func torchOneCycleInThreePhases() {
        expect(
            .torchOneCycle(max: 1, threePhase: true),
            [
                0.04, 0.131672, 0.371672, 0.668328, 0.908328, 1, 0.908328, 0.668328, 0.371672, 0.131672, 0.04,
                0.038794, 0.035321, 0.030001, 0.023475, 0.016529, 0.010003, 0.004683, 0.00121, 4e-6,
            ], of: 20)
    }

    @Test func torchsMomentumStaysHighInTheThirdPhase() {
        expect(
            .torchOneCycleMomentum(anneal: .linear, threePhase: true),
            [
                0.95, 0.93, 0.91, 0.89, 0.87, 0.85, 0.87, 0.89, 0.91, 0.93, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95,
                0.95, 0.95, 0.95, 0.95,
            ], of: 20, within: 1e-12)
    }

    @Test func torchOneCycleWhereTorchDividesByZero() {
        // pctStart·T = 1: the rise has no length and is over.
        let schedule = Schedule.torchOneCycle(max: 1, pctStart: 0.25)
        #expect(schedule.value(at: 0, of: 4) == 1)
        #expect(abs(schedule.value(at: 3, of: 4) - 4e-6) < 1e-18)
        #expect(abs(schedule.value(at: 0, of: 1) - 4e-6) < 1e-18)
    }

    @Test func cyclicalWithHalvingAndWithExponentialAmplitude() {
        expect(
            .cyclical(base: 0.1, peak: 1, up: .steps(4), envelope: .halving),
            [
                0.1, 0.325, 0.55, 0.775, 1, 0.775, 0.55, 0.325, 0.1, 0.2125, 0.325, 0.4375, 0.55, 0.4375, 0.325,
                0.2125, 0.1,
            ], of: 20)
        expect(
            .cyclical(base: 0.1, peak: 1, up: .steps(4), envelope: .exponentialAmplitude(gamma: 0.9)),
            [
                0.1, 0.3025, 0.4645, 0.592075, 0.69049, 0.498581, 0.339148, 0.207617, 0.1, 0.18717, 0.256905,
                0.311822, 0.354187, 0.271576, 0.202946, 0.146326, 0.1,
            ], of: 20)
    }

    @Test func cosineAnnealingAndItsWave() {
        let fall = [1, 0.975528, 0.904508, 0.793893, 0.654508, 0.5, 0.345492, 0.206107, 0.095492, 0.024472, 0]
        expect(.cosine(from: 1, to: 0), fall, of: 10)
        expect(.cosineWave(from: 1, cycles: 0.5, per: .steps(10)), fall + [0.024472, 0.095492], of: 20)
    }

    @Test func warmRestarts() {
        expect(
            .cosineRestarts(from: 1, first: .steps(4), multiplier: 2),
            [
                1, 0.853553, 0.5, 0.146447, 1, 0.96194, 0.853553, 0.691342, 0.5, 0.308658, 0.146447, 0.03806, 1,
                0.990393,
            ], of: 28)
    }

    @Test func bothMeaningsOfTimmsWarmup() {
        let body = Schedule.cosine(from: 1, to: 0)
        expect(
            body.warmup(over: .steps(3), from: 0.1, mode: .overlay),
            [0.1, 0.4, 0.7, 0.7939, 0.6545, 0.5, 0.3455, 0.2061, 0.0955, 0.0245], of: 10, within: 5.1e-5)
        // timm makes the run longer by the warm-up: 13 steps.
        expect(
            body.warmup(over: .steps(3), from: 0.1, mode: .prefix),
            [0.1, 0.4, 0.7, 1, 0.9755, 0.9045, 0.7939, 0.6545, 0.5, 0.3455, 0.2061, 0.0955, 0.0245], of: 13,
            within: 5.1e-5)
    }

    @Test func smithsTriangleOverOneCycle() {
        expect(.superConvergence(), [0.1, 0.825, 1.55, 2.275, 3, 2.275, 1.55, 0.825, 0.1], of: 8, within: 1e-12)
        expect(
            .smithOneCycle(max: 1, div: 10, finalDiv: 100, annealing: 0.2),
            [0.1, 0.325, 0.55, 0.775, 1, 0.775, 0.55, 0.325, 0.1, 0.0505, 0.001], of: 10, within: 1e-12)
        expect(
            .smithOneCycleMomentum(annealing: 0.2),
            [0.95, 0.925, 0.9, 0.875, 0.85, 0.875, 0.9, 0.925, 0.95, 0.95, 0.95], of: 10, within: 1e-12)
    }
}
