/// A model that knows where its parameters are cut into groups: from what was learnt first, near the input, to the head.
public protocol LayerGrouped: Module {
    /// Where the second group and each further one begins: beginnings of parameters' names (`layer4`, `fc`), in order.
    var groupStarts: [String] { get }
}
