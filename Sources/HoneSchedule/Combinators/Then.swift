extension Schedule {
    /// This schedule first, then another one from a boundary on.
    ///
    /// Each schedule runs its whole course over its own piece, as in fastai's `combine_scheds`; the boundary itself
    /// belongs to `next`. In a chain every boundary is measured on the whole, so
    /// `a.then(b, at: 0.25).then(c, at: 0.75)` gives a a quarter, b a half and c a quarter of the run. From its
    /// boundary on a later `then` goes before an earlier one.
    ///
    /// - Parameters:
    ///   - next: the schedule that takes over; it begins at its own step 0.
    ///   - boundary: where it takes over, from the start of the run.
    public func then(_ next: Schedule, at boundary: Interval) -> Schedule {
        appending(Chain.Piece(boundary: .fromStart(boundary), schedule: next))
    }

    /// This schedule first, then another one from a share of the run on.
    ///
    /// - Parameters:
    ///   - next: the schedule that takes over; it begins at its own step 0.
    ///   - fraction: where it takes over, 0...1 of the run.
    public func then(_ next: Schedule, at fraction: Double) -> Schedule { then(next, at: .fraction(fraction)) }

    /// This schedule first, then another one for the last part of the run: `.then(decay, last: .steps(1_000))`.
    ///
    /// - Parameters:
    ///   - next: the schedule that takes over; it begins at its own step 0.
    ///   - length: how much of the run it gets, counted from the end.
    public func then(_ next: Schedule, last length: Interval) -> Schedule {
        appending(Chain.Piece(boundary: .fromEnd(length), schedule: next))
    }

    private func appending(_ piece: Chain.Piece) -> Schedule {
        if case .chain(var chain) = node {
            chain.pieces.append(piece)
            return Schedule(.chain(chain))
        }
        return Schedule(.chain(Chain(first: self, pieces: [piece])))
    }
}

/// Schedules one after the other.
struct Chain: ScheduleShape {
    enum Boundary: Codable, Equatable, Sendable {
        case fromStart(Interval)
        case fromEnd(Interval)
    }

    struct Piece: Codable, Equatable, Sendable {
        var boundary: Boundary
        var schedule: Schedule

        func start(at moment: Moment) -> Double {
            switch boundary {
            case .fromStart(let interval): return moment.length(of: interval)
            case .fromEnd(let interval):
                let start = moment.length - moment.length(of: interval)
                // Not `max`, which would make 0 of what cannot be known.
                return start < 0 ? 0 : start
            }
        }
    }

    var first: Schedule
    var pieces: [Piece]

    func value(at moment: Moment) -> Double {
        var (current, start, end) = (first, 0.0, moment.length)
        for piece in pieces {
            let boundary = piece.start(at: moment)
            if boundary.isNaN { return .nan }
            if moment.hasReached(boundary) {
                (current, start, end) = (piece.schedule, boundary, moment.length)
            } else {
                end = min(end, boundary)
            }
        }
        return current.node.value(at: moment.inside(from: start, length: end - start))
    }

    var expression: String {
        pieces.reduce(first.node.shape.expression) { text, piece in
            let boundary =
                switch piece.boundary {
                case .fromStart(let interval): "at: \(interval)"
                case .fromEnd(let interval): "last: \(interval)"
                }
            return "\(text).then(\(piece.schedule.node.shape.expression), \(boundary))"
        }
    }

    var bounds: ClosedRange<Double>? {
        pieces.reduce(first.bounds) { union($0, $1.schedule.bounds) }
    }

    var parts: [Schedule] { [first] + pieces.map(\.schedule) }

    var intervals: [(name: String, interval: Interval)] {
        pieces.map { piece in
            switch piece.boundary {
            case .fromStart(let interval): ("then(_:at:)", interval)
            case .fromEnd(let interval): ("then(_:last:)", interval)
            }
        }
    }

    func check() throws {}
}
