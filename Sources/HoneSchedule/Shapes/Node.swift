/// The tree of cases behind a schedule.
indirect enum Node: Equatable, Sendable {
    case constant(Constant)
    case ramp(Ramp)
    case cosineWave(CosineWave)
    case piecewiseLinear(PiecewiseLinear)
    case decay(Decay)
    case cyclical(Cyclical)
    case oneCycle(OneCycle)
    case oneCycleMomentum(OneCycleMomentum)
    case torchOneCycle(TorchOneCycle)
    case torchOneCycleMomentum(TorchOneCycleMomentum)
    case custom(Custom)
    case chain(Chain)
    case over(Over)
    case warmup(Warmup)
    case restarts(Restarts)
    case scaled(Scaled)
    case clamped(Clamped)
    case product(Product)
    case batchTwin(BatchTwin)
    case rateTwin(RateTwin)

    /// The value at a place in the piece that this node covers. Spelt out case by case: a boxed existential would
    /// cost an allocation at every training step.
    func value(at moment: Moment) -> Double {
        switch self {
        case .constant(let shape): shape.value(at: moment)
        case .ramp(let shape): shape.value(at: moment)
        case .cosineWave(let shape): shape.value(at: moment)
        case .piecewiseLinear(let shape): shape.value(at: moment)
        case .decay(let shape): shape.value(at: moment)
        case .cyclical(let shape): shape.value(at: moment)
        case .oneCycle(let shape): shape.value(at: moment)
        case .oneCycleMomentum(let shape): shape.value(at: moment)
        case .torchOneCycle(let shape): shape.value(at: moment)
        case .torchOneCycleMomentum(let shape): shape.value(at: moment)
        case .custom(let shape): shape.value(at: moment)
        case .chain(let shape): shape.value(at: moment)
        case .over(let shape): shape.value(at: moment)
        case .warmup(let shape): shape.value(at: moment)
        case .restarts(let shape): shape.value(at: moment)
        case .scaled(let shape): shape.value(at: moment)
        case .clamped(let shape): shape.value(at: moment)
        case .product(let shape): shape.value(at: moment)
        case .batchTwin(let shape): shape.value(at: moment)
        case .rateTwin(let shape): shape.value(at: moment)
        }
    }

    /// The case's parameters, for everything but evaluation.
    var shape: any ScheduleShape {
        switch self {
        case .constant(let shape): shape
        case .ramp(let shape): shape
        case .cosineWave(let shape): shape
        case .piecewiseLinear(let shape): shape
        case .decay(let shape): shape
        case .cyclical(let shape): shape
        case .oneCycle(let shape): shape
        case .oneCycleMomentum(let shape): shape
        case .torchOneCycle(let shape): shape
        case .torchOneCycleMomentum(let shape): shape
        case .custom(let shape): shape
        case .chain(let shape): shape
        case .over(let shape): shape
        case .warmup(let shape): shape
        case .restarts(let shape): shape
        case .scaled(let shape): shape
        case .clamped(let shape): shape
        case .product(let shape): shape
        case .batchTwin(let shape): shape
        case .rateTwin(let shape): shape
        }
    }
}

extension Node: Codable {
    private enum Kind: String, CodingKey {
        case constant, ramp, cosineWave, piecewiseLinear, decay, cyclical, custom
        case oneCycle, oneCycleMomentum, torchOneCycle, torchOneCycleMomentum
        case chain, over, warmup, restarts, scaled, clamped, product, batchTwin, rateTwin
    }

    private var kind: Kind {
        switch self {
        case .constant: .constant
        case .ramp: .ramp
        case .cosineWave: .cosineWave
        case .piecewiseLinear: .piecewiseLinear
        case .decay: .decay
        case .cyclical: .cyclical
        case .oneCycle: .oneCycle
        case .oneCycleMomentum: .oneCycleMomentum
        case .torchOneCycle: .torchOneCycle
        case .torchOneCycleMomentum: .torchOneCycleMomentum
        case .custom: .custom
        case .chain: .chain
        case .over: .over
        case .warmup: .warmup
        case .restarts: .restarts
        case .scaled: .scaled
        case .clamped: .clamped
        case .product: .product
        case .batchTwin: .batchTwin
        case .rateTwin: .rateTwin
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        try container.encode(shape, forKey: kind)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        guard let kind = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "a schedule has exactly one known case"))
        }
        func read<Shape: ScheduleShape>(_ make: (Shape) -> Node) throws -> Node {
            make(try container.decode(Shape.self, forKey: kind))
        }
        self =
            switch kind {
            case .constant: try read(Node.constant)
            case .ramp: try read(Node.ramp)
            case .cosineWave: try read(Node.cosineWave)
            case .piecewiseLinear: try read(Node.piecewiseLinear)
            case .decay: try read(Node.decay)
            case .cyclical: try read(Node.cyclical)
            case .oneCycle: try read(Node.oneCycle)
            case .oneCycleMomentum: try read(Node.oneCycleMomentum)
            case .torchOneCycle: try read(Node.torchOneCycle)
            case .torchOneCycleMomentum: try read(Node.torchOneCycleMomentum)
            case .custom: try read(Node.custom)
            case .chain: try read(Node.chain)
            case .over: try read(Node.over)
            case .warmup: try read(Node.warmup)
            case .restarts: try read(Node.restarts)
            case .scaled: try read(Node.scaled)
            case .clamped: try read(Node.clamped)
            case .product: try read(Node.product)
            case .batchTwin: try read(Node.batchTwin)
            case .rateTwin: try read(Node.rateTwin)
            }
    }
}
