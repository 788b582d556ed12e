// %% [markdown]
// # Optimizers
//
// Every optimizer fits the same straight line, y = 4 + 3x with some noise, from the same start and with all points in
// every batch, so that nothing but the rule makes the difference. With two parameters the whole way can be drawn: each
// picture shows the loss over bias and weight, and the path to its lowest point.

// %%
import Foundation
import Hone

let options = ScriptOptions.parse(
    "04-optimizers", about: "Fits a line with every optimizer, and draws the path of each over the loss.",
    own: [.integer("steps", 2000, "the most steps that an optimizer may take", atLeast: 1)])
let most = options.isQuick && !options.given.contains("steps") ? 300 : options.integer("steps")

// %% [markdown]
// ## Two valleys
//
// The loss of a line is a bowl. With x between 0 and 2 the bowl is nearly round, and any rule that goes downhill arrives.
// With x between 0 and 20 it is the narrow valley: steep across, since a small change of the slope moves all points, and
// nearly flat along. A single rate must be small enough for the steep side, and is then too small for the flat one. Rules
// that scale each parameter by its own gradients do not see the difference.

// %%
struct Problem {
    let name: String
    let title: String
    let data: DataLoaders
    /// The losses' coefficients: with e the residual at the optimum, loss = least + quadratic form of the distance.
    let meanX: Double
    let meanXX: Double
    let best: (bias: Double, weight: Double)
    let least: Double

    init(_ name: String, _ title: String, width: Double, seed: UInt64) throws {
        let count = 100
        let key = RandomKey(seed: seed)
        let x = key.derived("x").uniform(count).map { Double($0) * width }
        let y = zip(x, key.derived("noise").normal(count)).map { 4 + 3 * $0 + Double($1) }
        let points = try TensorDataset(
            Tensor(x.map { Float($0) }, shape: [count, 1]), Tensor(y.map { Float($0) }, shape: [count, 1]))
        let nothing = Subset(points, [])
        data = try DataLoaders(
            train: DataLoader(points, batchSize: count), valid: DataLoader(nothing, batchSize: count))
        self.name = name
        self.title = title
        // The least squares solution, to measure the distance to.
        let n = Double(count)
        let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
        let (mxx, mxy) = (x.map { $0 * $0 }.reduce(0, +) / n, zip(x, y).map { $0 * $1 }.reduce(0, +) / n)
        let slope = (mxy - mx * my) / (mxx - mx * mx)
        let offset = my - slope * mx
        best = (offset, slope)
        (meanX, meanXX) = (mx, mxx)
        least = zip(x, y).map { pow($1 - offset - slope * $0, 2) }.reduce(0, +) / n
    }

    func loss(bias: Double, weight: Double) -> Double {
        let (b, w) = (bias - best.bias, weight - best.weight)
        return least + b * b + 2 * meanX * b * w + meanXX * w * w
    }
}

let problems = [
    try Problem("bowl", "The bowl: x from 0 to 2", width: 2, seed: options.seed),
    try Problem("valley", "The narrow valley: x from 0 to 20", width: 20, seed: options.seed),
]

// %% [markdown]
// ## The optimizers
//
// In the order in which one grew out of another. Each has a rate for the bowl and one for the valley, about the best of
// some thirty that were tried.

// %%
struct Contestant {
    let name: String
    let rates: [Double]
    let make: @Sendable (Double) -> any UpdateRule
}

let contestants = [
    Contestant(name: "SGD", rates: [0.35, 0.006]) { SGD(learningRate: $0) },
    Contestant(name: "SGD, momentum 0.9", rates: [0.02, 0.008]) { SGD(learningRate: $0, momentum: 0.9) },
    Contestant(name: "SGD, Nesterov 0.9", rates: [0.2, 0.004]) {
        SGD(learningRate: $0, momentum: 0.9, nesterov: true)
    },
    Contestant(name: "Adagrad", rates: [6, 6]) { Adagrad(learningRate: $0) },
    Contestant(name: "RMSprop", rates: [0.5, 0.5]) { RMSprop(learningRate: $0) },
    Contestant(name: "AdaDelta", rates: [100, 100]) { AdaDelta(learningRate: $0) },
    Contestant(name: "Adam", rates: [1, 1.5]) { Adam(learningRate: $0) },
    Contestant(name: "Adam, AMSGrad", rates: [1, 1.5]) { Adam(learningRate: $0, amsgrad: true) },
    Contestant(name: "AdamW", rates: [1, 1.5]) { AdamW(learningRate: $0, weightDecay: 1e-5) },
    Contestant(name: "Adamax", rates: [2, 6]) { Adamax(learningRate: $0) },
    Contestant(name: "NAdam", rates: [3, 3]) { NAdam(learningRate: $0) },
    Contestant(name: "RAdam", rates: [0.5, 0.005]) { RAdam(learningRate: $0) },
    Contestant(name: "QHAdam", rates: [4, 4]) { QHAdam(learningRate: $0, beta1: 0.9) },
    Contestant(name: "LAMB", rates: [0.2, 0.02]) { LAMB(learningRate: $0) },
    Contestant(name: "LARS", rates: [12, 6]) { LARS(learningRate: $0) },
    Contestant(name: "Lion", rates: [0.03, 0.012]) { Lion(learningRate: $0) },
    Contestant(name: "Adafactor", rates: [1, 1]) { Adafactor(learningRate: $0) },
    // A 1 × 1 weight has nothing to make orthogonal: see the end.
    Contestant(name: "Muon, vector step", rates: [0.03, 0.012]) { Muon(learningRate: $0, weightDecay: 0) },
    Contestant(name: "Lookahead(Adam)", rates: [2, 6]) { Lookahead(Adam(learningRate: $0)) },
    Contestant(name: "Ranger", rates: [0.75, 0.0125]) { Lookahead.ranger(learningRate: $0) },
    Contestant(name: "schedule-free SGD", rates: [1, 0.04]) { ScheduleFreeSGD(learningRate: $0) },
    Contestant(name: "schedule-free AdamW", rates: [6, 6]) { ScheduleFreeAdamW(learningRate: $0) },
    Contestant(name: "Prodigy", rates: [1, 1]) { Prodigy(learningRate: $0) },
]

// %% [markdown]
// ## The race
//
// A callback writes down where the model stands after each step, and asks to stop once the loss is within a thousandth of
// the least there is.

// %%
final class Walk: LearnerCallback {
    let problem: Problem
    let model: Linear
    private(set) var biases: [Double] = []
    private(set) var weights: [Double] = []
    private(set) var arrival: Int?

    init(_ problem: Problem, _ model: Linear) {
        (self.problem, self.model) = (problem, model)
    }

    override func beforeFit(_ learner: Learner) { note() }

    override func afterStep(_ learner: Learner) {
        note()
        let loss = problem.loss(bias: biases[biases.count - 1], weight: weights[weights.count - 1])
        if loss - problem.least < 1e-3 {
            arrival = learner.run.step
            learner.request(.stop("arrived"))
        }
    }

    private func note() {
        biases.append(Double(model.bias?.value.item() ?? 0))
        weights.append(Double(model.weight.value.item()))
    }
}

func race(_ contestant: Contestant, _ problem: Problem, rate: Double) throws -> Walk {
    let model = Linear(1, 1)
    let learner = Learner(
        problem.data, model: model, loss: MeanSquaredError(), optimizer: contestant.make(rate), seed: options.seed)
    try model.load(StateDictionary([("weight", Tensor([[0]])), ("bias", Tensor([0]))]))
    let walk = Walk(problem, model)
    try learner.quietly { try learner.fit(most, lr: rate, callbacks: [walk]) }
    return walk
}

// %%
func picture(_ problem: Problem, _ name: String, _ walk: Walk) -> Chart {
    let (biases, weights) = (grid(-3, 11), grid(-2, 8))
    let heights = weights.map { weight in biases.map { problem.loss(bias: $0, weight: weight) - problem.least + 1e-3 } }
    let result = walk.arrival.map { "\($0) steps" } ?? "not there after \(most) steps"
    return Chart(
        title: "\(name): \(result)", x: Axis("bias", range: -3...11), y: Axis("weight", range: -2...8),
        legend: .hidden,
        series: [
            .contour(heights, x: biases, y: weights, levels: .logarithmic(14), colors: .blues),
            .line(x: walk.biases, y: walk.weights, color: .vermillion),
            .points(x: [problem.best.bias], y: [problem.best.weight], color: .ink),
        ])
}

func grid(_ low: Double, _ high: Double) -> [Double] { (0...60).map { low + (high - low) * Double($0) / 60 } }

var table: [[String]] = []
var arrivals: [[Int?]] = [[], []]
for (place, problem) in problems.enumerated() {
    var charts: [Chart] = []
    for (row, contestant) in contestants.enumerated() {
        let walk = try race(contestant, problem, rate: contestant.rates[place])
        charts.append(picture(problem, contestant.name, walk))
        arrivals[place].append(walk.arrival)
        if place == 0 { table.append([contestant.name]) }
        table[row] += ["\(contestant.rates[place])", walk.arrival.map(String.init) ?? "> \(most)"]
    }
    let page = ChartGrid(title: problem.title, columns: 4, charts: charts)
    try page.write(
        to: "\(options.out)/\(problem.name).svg", width: 1600, height: (charts.count + 3) / 4 * 290)
}

// %% [markdown]
// ## Steps to the optimum
//
// What to see: on the bowl plain descent needs no more steps than most. On the valley it takes some fifty times as many,
// since the steep side allows it no larger rate; momentum shortens the way along the floor to a tenth or so, and the rules
// with a rate for each parameter need up to four times as many steps as on the bowl, at much the same rate. Lion takes
// steps of one size whatever the gradient: it comes close soon and then walks around the optimum, which is what the decay
// of a rate is for. RAdam, and with it Ranger, begins as plain descent with momentum until its averages can be trusted,
// and so inherits the small rate of the valley; AdaDelta starts with steps of its own making that are too timid for it.
//
// The row of Muon is not what Muon is for. Its matrix step does not occur here: a line's weight is a 1 × 1 matrix, for
// which Muon is momentum scaled to length 1, bias and weight each for itself, and so it walks as Lion does.

// %%
let header = ["optimizer", "rate, bowl", "steps", "rate, valley", "steps"]
let widths = header.indices.map { column in ([header] + table).map { $0[column].count }.max() ?? 0 }
for row in [header] + table {
    let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
    }
    print(cells.joined(separator: "   "))
}

print("\npictures: \(options.out)/bowl.svg, valley.svg\n")
let arrived = arrivals.map { $0.compactMap { $0 }.count }
print("04-optimizers: optimizers=\(contestants.count) bowl=\(arrived[0]) valley=\(arrived[1])")
