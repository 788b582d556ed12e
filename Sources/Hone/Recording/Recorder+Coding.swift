// Rows hold losses, which may be no numbers: what encoders refuse is written as text.

extension Recorder.StepRow {
    private enum CodingKeys: String, CodingKey {
        case fit, epoch, step, runStep, loss, smoothedLoss, learningRate, momentum
    }

    /// Writes the fields under their names; what is not finite as `nan`, `inf` or `-inf`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(fit, forKey: .fit)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(step, forKey: .step)
        try container.encode(runStep, forKey: .runStep)
        try container.encode(number: loss, forKey: .loss)
        try container.encode(number: smoothedLoss, forKey: .smoothedLoss)
        try container.encode(number: learningRate, forKey: .learningRate)
        try container.encode(number: momentum, forKey: .momentum)
    }

    /// Reads what ``encode(to:)`` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            fit: try container.decode(Int.self, forKey: .fit), epoch: try container.decode(Int.self, forKey: .epoch),
            step: try container.decode(Int.self, forKey: .step),
            runStep: try container.decode(Int.self, forKey: .runStep), loss: try container.number(forKey: .loss),
            smoothedLoss: try container.number(forKey: .smoothedLoss),
            learningRate: try container.number(forKey: .learningRate),
            momentum: try container.optionalNumber(forKey: .momentum))
    }
}

extension Recorder.EpochRow {
    private enum CodingKeys: String, CodingKey {
        case fit, epoch, step, trainLoss, validLoss, metrics, weights, seconds, isComplete
    }

    /// Writes the fields under their names; what is not finite as `nan`, `inf` or `-inf`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(fit, forKey: .fit)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(step, forKey: .step)
        try container.encode(number: trainLoss, forKey: .trainLoss)
        try container.encode(number: validLoss, forKey: .validLoss)
        try container.encode(metrics, forKey: .metrics)
        try container.encodeIfPresent(weights, forKey: .weights)
        try container.encode(number: seconds, forKey: .seconds)
        try container.encode(isComplete, forKey: .isComplete)
    }

    /// Reads what ``encode(to:)`` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            fit: try container.decode(Int.self, forKey: .fit), epoch: try container.decode(Int.self, forKey: .epoch),
            step: try container.decode(Int.self, forKey: .step),
            trainLoss: try container.number(forKey: .trainLoss),
            validLoss: try container.optionalNumber(forKey: .validLoss),
            metrics: try container.decode([ValidationResult.Measured].self, forKey: .metrics),
            weights: try container.decodeIfPresent(String.self, forKey: .weights),
            seconds: try container.number(forKey: .seconds),
            isComplete: try container.decode(Bool.self, forKey: .isComplete))
    }
}

extension Recorder.ValidationRow {
    private enum CodingKeys: String, CodingKey { case fit, epoch, step, loss, metrics, weights }

    /// Writes the fields under their names; what is not finite as `nan`, `inf` or `-inf`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(fit, forKey: .fit)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(step, forKey: .step)
        try container.encode(number: loss, forKey: .loss)
        try container.encode(metrics, forKey: .metrics)
        try container.encode(weights, forKey: .weights)
    }

    /// Reads what ``encode(to:)`` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            fit: try container.decode(Int.self, forKey: .fit), epoch: try container.decode(Int.self, forKey: .epoch),
            step: try container.decode(Int.self, forKey: .step), loss: try container.number(forKey: .loss),
            metrics: try container.decode([ValidationResult.Measured].self, forKey: .metrics),
            weights: try container.decode(String.self, forKey: .weights))
    }
}

extension ValidationResult.Measured {
    private enum CodingKeys: String, CodingKey { case name, value, direction }

    /// Writes the fields under their names; what is not finite as `nan`, `inf` or `-inf`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(number: value, forKey: .value)
        try container.encode(direction, forKey: .direction)
    }

    /// Reads what ``encode(to:)`` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name), value: try container.number(forKey: .value),
            direction: try container.decode(Direction.self, forKey: .direction))
    }
}
