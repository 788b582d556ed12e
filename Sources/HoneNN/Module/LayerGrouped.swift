/// A model that knows how it falls into layer groups for transfer learning: the parts that are frozen together and
/// share a learning rate, from the input to the head.
///
/// ```swift
/// final class Net: Module, LayerGrouped {
///     let body = Sequential(Linear(64, 128), ReLU())
///     let head = Linear(128, 10)
///     var groupStarts: [String] { ["head"] }
///     func forward(_ x: Tensor) -> Tensor { head(body(x)) }
/// }
/// ```
public protocol LayerGrouped: Module {
    /// The name of the first child of each group after the first, in order of declaration (`["layer3", "fc"]` makes
    /// three groups); a path of several parts (`body.4`) starts a group within a child. Empty for a single group.
    var groupStarts: [String] { get }
}
