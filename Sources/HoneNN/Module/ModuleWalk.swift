import HoneTensor

/// What a module names of itself in ``Module/visitChildren(_:)``.
public struct ModuleVisitor {
    enum Child {
        case parameter(Parameter)
        case buffer(Buffer)
        case module(any Module)
    }

    private(set) var found: [(name: String, child: Child)] = []

    /// Names a parameter.
    public mutating func visit(_ name: String, _ parameter: Parameter) { found.append((name, .parameter(parameter))) }

    /// Names a buffer.
    public mutating func visit(_ name: String, _ buffer: Buffer) { found.append((name, .buffer(buffer))) }

    /// Names an inner module.
    public mutating func visit(_ name: String, _ module: any Module) { found.append((name, .module(module))) }

    /// Names all that reflection sees in the stored properties of an object, those of its superclasses first.
    public mutating func reflect(_ object: AnyObject) {
        var mirrors: [Mirror] = []
        var mirror: Mirror? = Mirror(reflecting: object)
        while let current = mirror {
            mirrors.append(current)
            mirror = current.superclassMirror
        }
        for mirror in mirrors.reversed() {
            for (label, value) in mirror.children {
                offer(value, ModuleVisitor.propertyName(label ?? ""))
            }
        }
    }

    /// A lazy property's storage and a property wrapper's go by the property's own name.
    private static func propertyName(_ label: String) -> String {
        let lazyMark = "$__lazy_storage_$_"
        if label.hasPrefix(lazyMark) { return String(label.dropFirst(lazyMark.count)) }
        return label.hasPrefix("_") ? String(label.dropFirst()) : label
    }

    private mutating func offer(_ value: Any, _ name: String) {
        switch value {
        case let parameter as Parameter: visit(name, parameter)
        case let buffer as Buffer: visit(name, buffer)
        case let module as any Module: visit(name, module)
        case is String, is Int, is Float, is Double, is Bool, is Tensor: break
        default: descend(value, name)
        }
    }

    private mutating func descend(_ value: Any, _ name: String) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            if let inner = mirror.children.first { offer(inner.value, name) }
        case .collection, .set:
            // Plain values are not looked at one by one: a million numbers hold no layer.
            guard let first = mirror.children.first, ModuleVisitor.mayHold(first.value) else { return }
            for (index, child) in mirror.children.enumerated() { offer(child.value, join(name, "\(index)")) }
        case .dictionary:
            guard let first = mirror.children.first, ModuleVisitor.mayHold(first.value) else { return }
            let pairs = mirror.children.map { child -> (key: String, value: Any) in
                let pair = Array(Mirror(reflecting: child.value).children)
                return ("\(pair[0].value)", pair[1].value)
            }
            for (key, value) in pairs.sorted(by: { $0.key < $1.key }) { offer(value, join(name, key)) }
        case .tuple, .struct, .enum:
            for child in mirror.children {
                offer(child.value, join(name, ModuleVisitor.propertyName(child.label ?? "")))
            }
        default: break
        }
    }

    private func join(_ name: String, _ part: String) -> String {
        let part = part.hasPrefix(".") ? String(part.dropFirst()) : part
        return name.isEmpty ? part : "\(name).\(part)"
    }

    private static func mayHold(_ value: Any) -> Bool {
        if value is Parameter || value is Buffer || value is any Module { return true }
        switch Mirror(reflecting: value).displayStyle {
        case .optional, .collection, .set, .dictionary, .tuple, .struct, .enum: return true
        default: return false
        }
    }
}

/// Everything within a model, found once, in order of declaration.
struct ModuleWalk {
    /// Parameters with all their names: a tied one has several.
    private(set) var parameters: [(parameter: Parameter, names: [String])] = []
    /// Buffers with all their names.
    private(set) var buffers: [(buffer: Buffer, names: [String])] = []
    /// Modules with their paths; the root's is empty.
    private(set) var modules: [(path: String, module: any Module)] = []

    private var places: [ObjectIdentifier: Int] = [:]
    private var visited: Set<ObjectIdentifier> = []
    private var path: Set<ObjectIdentifier> = []

    init(_ root: any Module) {
        walk(root, "")
    }

    private mutating func walk(_ module: any Module, _ path: String) {
        let identity = ObjectIdentifier(module)
        // A module that holds itself would be walked for ever; one that is used twice gives its parameters two names.
        guard self.path.insert(identity).inserted else { return }
        defer { self.path.remove(identity) }
        if visited.insert(identity).inserted { modules.append((path, module)) }
        var visitor = ModuleVisitor()
        module.visitChildren(&visitor)
        for (name, child) in visitor.found {
            let full = path.isEmpty ? name : "\(path).\(name)"
            switch child {
            case .parameter(let parameter):
                if let place = places[ObjectIdentifier(parameter)] {
                    parameters[place].names.append(full)
                } else {
                    places[ObjectIdentifier(parameter)] = parameters.count
                    parameters.append((parameter, [full]))
                }
            case .buffer(let buffer):
                if let place = places[ObjectIdentifier(buffer)] {
                    buffers[place].names.append(full)
                } else {
                    places[ObjectIdentifier(buffer)] = buffers.count
                    buffers.append((buffer, [full]))
                }
            case .module(let inner): walk(inner, full)
            }
        }
    }
}
