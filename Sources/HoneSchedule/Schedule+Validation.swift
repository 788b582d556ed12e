extension Schedule {
    /// Checks every parameter of the tree.
    ///
    /// Making a schedule never fails, so that one can be written as a literal; the framework calls this when a run
    /// starts.
    ///
    /// - Throws: ``ScheduleError/invalid(parameter:expected:got:)`` for the first parameter outside its range.
    public func validate() throws {
        let shape = node.shape
        try shape.check()
        for (name, interval) in shape.intervals { try interval.check(name) }
        for part in shape.parts { try part.validate() }
    }

    /// Checks every parameter of the tree, and that the run gives every interval a length in steps.
    ///
    /// - Parameter timeline: the run.
    /// - Throws: ``ScheduleError``: what ``validate()`` throws, or
    ///   ``ScheduleError/unresolvable(parameter:interval:)`` for the first interval without a length.
    public func validate(in timeline: Timeline) throws {
        try validate()
        try checkIntervals(in: timeline)
    }

    /// Whether the schedule has a value at every progress: it counts no steps, epochs, samples or minutes.
    public var followsProgressAlone: Bool {
        let shape = node.shape
        let fractions = shape.intervals.allSatisfy { entry in
            if case .fraction = entry.interval { true } else { false }
        }
        return fractions && !shape.countsSteps && shape.parts.allSatisfy(\.followsProgressAlone)
    }

    /// The least and the greatest value that the schedule can take, whatever the run; nil when that cannot be said
    /// (a closure, a parameter that is not a number). A growing exponential has an infinite bound; products and
    /// warm-ups may not use the range in full.
    public var bounds: ClosedRange<Double>? { node.shape.bounds }

    private func checkIntervals(in timeline: Timeline) throws {
        for (name, interval) in node.shape.intervals where interval.steps(in: timeline) == nil {
            throw ScheduleError.unresolvable(parameter: name, interval: interval)
        }
        for part in node.shape.parts { try part.checkIntervals(in: timeline) }
    }
}

extension Interval {
    /// Throws unless the interval is finite and not negative.
    func check(_ parameter: String) throws {
        let (amount, limit) =
            switch self {
            case .steps(let count): (Double(count), Double.infinity)
            case .samples(let count): (Double(count), Double.infinity)
            case .epochs(let count): (count, Double.infinity)
            case .minutes(let count): (count, Double.infinity)
            case .fraction(let share): (share, 1.0)
            }
        if !(amount.isFinite && amount >= 0 && amount <= limit) {
            let expected = limit == 1 ? "a fraction in 0...1" : "a finite interval of 0 or more"
            throw ScheduleError.invalid(parameter: parameter, expected: expected, got: description)
        }
    }

    /// Throws unless the interval is above 0 and finite.
    func checkAboveZero(_ parameter: String) throws {
        try check(parameter)
        if isEmpty {
            throw ScheduleError.invalid(parameter: parameter, expected: "an interval above 0", got: description)
        }
    }

    /// Whether the interval is 0 in its unit.
    var isEmpty: Bool {
        switch self {
        case .steps(let count), .samples(let count): count == 0
        case .epochs(let count), .fraction(let count), .minutes(let count): count == 0
        }
    }

    /// Whether this interval is shorter than another of the same unit; nil when the units differ.
    func isShorter(than other: Interval) -> Bool? {
        switch (self, other) {
        case (.steps(let a), .steps(let b)), (.samples(let a), .samples(let b)): a < b
        case (.epochs(let a), .epochs(let b)), (.fraction(let a), .fraction(let b)), (.minutes(let a), .minutes(let b)):
            a < b
        default: nil
        }
    }
}
