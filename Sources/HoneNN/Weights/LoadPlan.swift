import HoneTensor

/// Where values come from: a dictionary in memory, or a file.
protocol StateSource {
    var names: [String] { get }
    /// The shape and type of a name's tensor.
    func form(of name: String) -> (shape: [Int], type: ElementType)?
    func tensor(named name: String) throws -> Tensor
    func isIdentical(_ first: String, _ second: String) -> Bool
}

extension SafeTensors: StateSource {
    func form(of name: String) -> (shape: [Int], type: ElementType)? {
        self[name].map { ($0.shape, $0.type.elementType) }
    }
}

extension StateDictionary: StateSource {
    func form(of name: String) -> (shape: [Int], type: ElementType)? {
        self[name].map { ($0.shape.array, $0.elementType) }
    }

    func tensor(named name: String) throws -> Tensor {
        guard let value = self[name] else { throw WeightFileError("state dictionary", .noTensor(name)) }
        return value
    }

    func isIdentical(_ first: String, _ second: String) -> Bool {
        guard let a = self[first], let b = self[second] else { return false }
        return a.isBitwiseEqual(to: b)
    }
}

/// Which name of the source goes to which place of the model, and what does not fit.
struct LoadPlan<Source: StateSource> {
    private let source: Source
    /// The model's names for those of the source.
    private var offered: [String: String] = [:]
    private var order: [String] = []
    private var used: Set<String> = []
    private var found = StateMismatch()

    init(_ source: Source, map: ((String) -> String?)?) {
        self.source = source
        for name in source.names {
            guard let target = map.map({ $0(name) }) ?? name else { continue }
            if let other = offered[target] {
                found.mismatched.append("\(target) (given by \(other) and by \(name))")
                continue
            }
            offered[target] = name
            order.append(target)
        }
    }

    /// The source's name for a parameter or buffer of the given names, or nil when it has no value that fits.
    mutating func match(_ names: [String], _ shape: Shape, _ type: ElementType) -> String? {
        var fitting: (target: String, name: String)?
        var isOffered = false
        for target in names {
            guard let name = offered[target], let form = source.form(of: name) else { continue }
            isOffered = true
            used.insert(target)
            guard form.shape == shape.array, form.type == type else {
                found.mismatched.append("\(target) (\(form.type) \(form.shape), expected \(type) \(shape))")
                continue
            }
            guard let first = fitting else {
                fitting = (target, name)
                continue
            }
            if !source.isIdentical(first.name, name) {
                found.mismatched.append("\(target) (differs from \(first.target), which is the same parameter)")
            }
        }
        if !isOffered, let name = names.first { found.missing.append(name) }
        return fitting?.name
    }

    /// All that does not fit, after everything of the model was matched.
    var report: StateMismatch {
        var report = found
        report.unexpected = order.filter { !used.contains($0) }
        return report
    }
}
