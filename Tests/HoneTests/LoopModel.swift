import Hone

// What the loop should do, worked out from the contract as lists that are cut and joined: nothing here runs a loop with
// flags. A run is two epochs of three training batches and two validation batches.

/// Where a request is asked: always in the first epoch.
enum Site: Equatable, CustomStringConvertible {
    case run(Event)
    case epoch(Event)
    case train(Event, Int)
    case valid(Event, Int)

    /// The same as ``moment(_:_:)`` says.
    var description: String {
        switch self {
        case .run(let event): "\(event)"
        case .epoch(let event): "\(event) 0"
        case .train(let event, let batch): "\(event) train \(batch)"
        case .valid(let event, let batch): "\(event) valid \(batch)"
        }
    }
}

/// What a run should look like.
struct Course: Equatable {
    var events: [String] = []
    /// The batches of each step.
    var windows: [[Int]] = []
    /// What ``Learner/didStep`` is at each `afterStep`.
    var didStep: [Bool] = []
    /// What ``Learner/epochIsComplete`` is at each `afterEpoch`.
    var complete: [Bool] = []
    /// Training batches whose `beforeBatch` came.
    var seen = 0

    static func + (a: Course, b: Course) -> Course {
        Course(
            events: a.events + b.events, windows: a.windows + b.windows, didStep: a.didStep + b.didStep,
            complete: a.complete + b.complete, seen: a.seen + b.seen)
    }
}

struct LoopModel {
    static let pass: [Event] = [.beforeBatch, .afterForward, .afterLoss, .beforeBackward, .afterBackward]
    static let step: [Event] = [.gradientsReady, .beforeStep, .afterStep]
    static let validPass: [Event] = [.beforeBatch, .afterForward, .afterLoss, .afterBatch]

    /// Batches to a step.
    let window: Int

    // MARK: A run in which nothing is asked

    func clean() -> Course {
        var course = Course(events: ["beforeFit"])
        for epoch in 0..<2 { course = course + cleanEpoch(epoch) }
        course.events += ["afterFit", "teardown"]
        return course
    }

    func cleanEpoch(_ epoch: Int) -> Course {
        Course(events: ["beforeEpoch \(epoch)"]) + training(epoch) + Course(events: validation(epoch))
            + ending(epoch, complete: true)
    }

    private func ending(_ epoch: Int, complete: Bool) -> Course {
        Course(events: ["afterEpoch \(epoch)"], complete: [complete])
    }

    private func training(_ epoch: Int) -> Course {
        let windows = windows(of: [0, 1, 2])
        let batches = (0..<3).map { batch in trainBatch(batch, closes: windows.contains { $0.last == batch }) }
        return around(epoch, batches) + Course(windows: windows, didStep: windows.map { _ in true })
    }

    private func around(_ epoch: Int, _ batches: [[String]]) -> Course {
        Course(
            events: ["beforeTrain \(epoch)"] + batches.flatMap { $0 } + ["afterTrain \(epoch)"], seen: batches.count)
    }

    private func trainBatch(_ batch: Int, closes: Bool) -> [String] {
        train(LoopModel.pass + (closes ? LoopModel.step : []) + [.afterBatch], batch)
    }

    private func train(_ events: [Event], _ batch: Int) -> [String] { events.map { "\($0) train \(batch)" } }

    private func validation(_ epoch: Int, _ batches: [[Event]] = [validPass, validPass]) -> [String] {
        ["beforeValidate \(epoch)"]
            + batches.enumerated().flatMap { batch, events in events.map { "\($0) valid \(batch)" } }
            + ["afterValidate \(epoch)"]
    }

    /// The batches that are left, so many to a window.
    private func windows(of batches: [Int]) -> [[Int]] {
        stride(from: 0, to: batches.count, by: window).map { Array(batches[$0..<min($0 + window, batches.count)]) }
    }

    /// Every place where something can be asked in the first epoch.
    var sites: [Site] {
        let around: [Event] = [.beforeEpoch, .beforeTrain, .afterTrain, .beforeValidate, .afterValidate, .afterEpoch]
        var sites: [Site] = [.run(.beforeFit)] + around.map { .epoch($0) }
        let closing = windows(of: [0, 1, 2]).compactMap(\.last)
        for batch in 0..<3 {
            let events = LoopModel.pass + (closing.contains(batch) ? LoopModel.step : []) + [.afterBatch]
            sites += events.map { .train($0, batch) }
        }
        for batch in 0..<2 { sites += LoopModel.validPass.map { .valid($0, batch) } }
        return sites + [.run(.afterFit), .run(.teardown)]
    }

    // MARK: A run in which something is asked

    func course(_ request: Request, at site: Site) -> Course {
        if case .stop = request, site == .run(.beforeFit) {
            return Course(events: ["beforeFit", "afterFit", "teardown"])
        }
        var course = Course(events: ["beforeFit"]) + firstEpoch(request, site)
        if !isStopped(request, site) { course = course + cleanEpoch(1) }
        course.events += ["afterFit", "teardown"]
        return course
    }

    /// Whether the run ends early.
    func isStopped(_ request: Request, _ site: Site) -> Bool {
        if case .stop = request { site != .run(.afterFit) && site != .run(.teardown) } else { false }
    }

    private func firstEpoch(_ request: Request, _ site: Site) -> Course {
        let before = Course(events: ["beforeEpoch 0"])
        let (cutsPhase, cutsEpoch) = (request.cutsPhase, request.cutsEpoch)
        // What follows the training of an epoch that is cut there.
        let rest = Course(events: cutsEpoch ? [] : validation(0)) + ending(0, complete: false)
        switch site {
        case .epoch(.beforeEpoch) where cutsEpoch: return before + ending(0, complete: false)
        case .epoch(.beforeTrain) where cutsPhase: return before + around(0, []) + rest
        case .epoch(.afterTrain) where cutsEpoch: return before + training(0) + rest
        case .epoch(.beforeValidate) where cutsPhase:
            return before + training(0) + Course(events: validation(0, [])) + ending(0, complete: false)
        case .train(let event, let batch):
            if cutsPhase { return before + cutTraining(event, batch) + rest }
            let training =
                request == .skipBatch && event.isBeforeBackward ? skipBatch(event, batch) : skipStep(event, batch)
            return before + training + Course(events: validation(0)) + ending(0, complete: true)
        case .valid(let event, let batch):
            var events = LoopModel.validPass
            if cutsPhase || request == .skipBatch { events = events.through(event) }
            if events.last != .afterBatch { events.append(.afterBatch) }
            let earlier = Array(repeating: LoopModel.validPass, count: batch)
            let later = cutsPhase ? [] : Array(repeating: LoopModel.validPass, count: 1 - batch)
            let batches = earlier + [events] + later
            return before + training(0) + Course(events: validation(0, batches)) + ending(0, complete: !cutsPhase)
        default: return cleanEpoch(0)
        }
    }

    /// The batch is left out: the others make the windows, and the last batch closes what is open.
    private func skipBatch(_ event: Event, _ skipped: Int) -> Course {
        let windows = windows(of: [0, 1, 2].filter { $0 != skipped })
        let closing = windows.map { $0.count == window ? $0[window - 1] : 2 }
        let batches = (0..<3).map { batch -> [String] in
            let closes = closing.contains(batch)
            guard batch == skipped else { return trainBatch(batch, closes: closes) }
            return train(LoopModel.pass.through(event) + (closes ? LoopModel.step : []) + [.afterBatch], batch)
        }
        return around(0, batches) + Course(windows: windows, didStep: windows.map { _ in true })
    }

    /// The batch's window is not stepped, unless it has been already.
    private func skipStep(_ event: Event, _ batch: Int) -> Course {
        let windows = windows(of: [0, 1, 2])
        let own = windows.first { $0.contains(batch) } ?? []
        if event == .afterStep || (event == .afterBatch && own.last == batch) { return training(0) }
        let batches = (0..<3).map { index -> [String] in
            guard index == own.last else { return trainBatch(index, closes: windows.contains { $0.last == index }) }
            let part: [Event] =
                switch event {
                case .gradientsReady: [.gradientsReady]
                case .beforeStep: LoopModel.step
                default: []
                }
            return train(LoopModel.pass + part + [.afterBatch], index)
        }
        let asked = windows.filter { $0 != own || event == .beforeStep }
        return around(0, batches) + Course(windows: windows.filter { $0 != own }, didStep: asked.map { $0 != own })
    }

    /// Training ends in the batch; each `after…` whose `before…` came still comes, and no step is taken any more.
    private func cutTraining(_ event: Event, _ batch: Int) -> Course {
        let windows = windows(of: [0, 1, 2])
        let closes = windows.contains { $0.last == batch }
        var events = (LoopModel.pass + (closes ? LoopModel.step : []) + [.afterBatch]).through(event)
        if event == .beforeBackward { events.append(.afterBackward) }
        if event == .beforeStep { events.append(.afterStep) }
        if event != .afterBatch { events.append(.afterBatch) }
        let isStepped = event == .afterStep || event == .afterBatch
        let taken = windows.filter { ($0.last ?? 0) < batch || ($0.last == batch && isStepped) }
        let batches = (0..<batch).map { index in trainBatch(index, closes: windows.contains { $0.last == index }) }
        return around(0, batches + [train(events, batch)])
            + Course(windows: taken, didStep: taken.map { _ in true } + (event == .beforeStep ? [false] : []))
    }
}

extension Request {
    static let all: [Request] = [.skipBatch, .skipStep, .endPhase, .endEpoch, .stop("enough")]

    fileprivate var cutsPhase: Bool { self != .skipBatch && self != .skipStep }
    fileprivate var cutsEpoch: Bool { cutsPhase && self != .endPhase }
}

extension Event {
    fileprivate var isBeforeBackward: Bool { self == .beforeBatch || self == .afterForward || self == .afterLoss }
}

extension Array where Element: Equatable {
    /// The elements up to one, with it.
    fileprivate func through(_ element: Element) -> [Element] { Array(prefix { $0 != element }) + [element] }
}
