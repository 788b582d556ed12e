import Foundation
import HoneTensor

/// A model of rows of a table, fastai's: a learned vector for each category, batch normalisation of the continuous
/// columns, and dense layers over both.
///
/// ```swift
/// let model = TabularModel(cardinalities: [12, 7, 31], continuous: 4, outputs: 2, layers: [200, 100])
/// ```
/// - Shape: categories `[batch, columns]` (int32), continuous `[batch, columns]` -> `[batch, outputs]`; of the two
///   inputs one is left out when it has no columns
///
/// Each dense layer is followed by ReLU, batch normalisation and dropout, the last one by none of them. Names are
/// fastai's: `embeds.0.weight`, `bn_cont.weight`, `layers.0.0.weight`.
public final class TabularModel: MultiInputModule, HeadReplaceable, LayerGrouped {
    private let embeds: [Embedding]
    private let emb_drop: Dropout
    private let bn_cont: BatchNorm1d?
    private let layers: Sequential
    private let continuous: Int

    /// Makes the model.
    ///
    /// - Parameters:
    ///   - cardinalities: the number of categories of each column, that for "missing" included.
    ///   - widths: the width of each column's vectors; by ``embeddingWidth(for:)`` when nil. Another number of them
    ///     than of cardinalities is an error of the first use.
    ///   - continuous: the number of continuous columns.
    ///   - outputs: the number of outputs.
    ///   - layers: the widths of the dense layers between.
    ///   - dropout: the probability after each of them.
    ///   - embeddingDropout: the probability after the embeddings.
    ///   - normalisesContinuous: whether there is batch normalisation of the continuous columns.
    ///   - outputRange: where outputs are to lie, by a sigmoid, for targets of known bounds.
    public init(
        cardinalities: [Int], widths: [Int]? = nil, continuous: Int, outputs: Int, layers: [Int] = [200, 100],
        dropout: Float = 0, embeddingDropout: Float = 0, normalisesContinuous: Bool = true,
        outputRange: ClosedRange<Float>? = nil
    ) {
        self.continuous = continuous
        let given = widths ?? cardinalities.map(TabularModel.embeddingWidth)
        problem =
            given.count == cardinalities.count
            ? nil : "\(given.count) widths for \(cardinalities.count) columns of categories"
        embeds = zip(cardinalities, given).map { count, width in
            let embedding = Embedding(count, width)
            // fastai's: a normal distribution of this deviation, cut at twice it.
            embedding.weight.initialiser = .truncatedNormal(mean: 0, deviation: 0.01, low: -0.02, high: 0.02)
            return embedding
        }
        emb_drop = Dropout(embeddingDropout)
        bn_cont = continuous > 0 && normalisesContinuous ? BatchNorm1d(continuous) : nil
        let sizes = [given.reduce(0, +) + continuous] + layers
        var dense: [any Module] = zip(sizes, layers).map { inputs, outputs in
            Sequential(
                [Linear(inputs, outputs, bias: false), ReLU(), BatchNorm1d(outputs)]
                    + (dropout == 0 ? [] : [Dropout(dropout)]))
        }
        dense.append(Sequential(Linear(sizes[sizes.count - 1], outputs)))
        if let outputRange {
            let (low, width) = (outputRange.lowerBound, outputRange.upperBound - outputRange.lowerBound)
            dense.append(Lambda("Sigmoid \(low)...\(outputRange.upperBound)") { $0.sigmoid() * width + low })
        }
        self.layers = Sequential(dense)
        headIndex = layers.count
    }

    private let problem: String?
    private let headIndex: Int

    private init(_ body: TabularModel, layers: Sequential) {
        (embeds, emb_drop, bn_cont) = (body.embeds, body.emb_drop, body.bn_cont)
        (continuous, problem, headIndex) = (body.continuous, body.problem, body.headIndex)
        self.layers = layers
    }

    /// fastai's rule of thumb for the width of a column's vectors: min(600, round(1.6 n^0.56)).
    public static func embeddingWidth(for categories: Int) -> Int {
        min(600, Int((1.6 * pow(Double(max(0, categories)), 0.56)).rounded()))
    }

    /// `TabularModel 3 + 4 columns`: those of categories, and the continuous ones
    public var label: String { "TabularModel \(embeds.count) + \(continuous) columns" }

    /// The same model with a fresh last dense layer; see ``HeadReplaceable``.
    public func replacingHead(classes: Int) throws -> TabularModel {
        var dense = layers.layers
        guard let head = dense[headIndex] as? Sequential else {
            throw HeadError(model: label, found: dense[headIndex].label)
        }
        dense[headIndex] = try head.replacingHead(classes: classes)
        return TabularModel(self, layers: Sequential(dense))
    }

    /// All in one group, as in fastai.
    public var groupStarts: [String] { [] }

    /// Categories and continuous columns; only one of them when the model has no columns of the other kind.
    public func forward(_ inputs: [Tensor]) -> [Tensor] {
        if let inert = inputs.first(where: \.isInert) { return [inert] }
        if let problem = problem ?? problem(inputs) { return [failed(label, problem)] }
        let columns = continuous > 0 ? inputs.last.map { bn_cont?($0) ?? $0 } : nil
        if embeds.isEmpty { return [layers(columns ?? inputs[0])] }
        // All vectors and what follows them are put together in one pass, unless somebody is to see the parts.
        if !ModuleTrace.isObserved, emb_drop.probability == 0,
            let row = Tensor.lookup(embeds.map(\.weight.tensor), inputs[0], beside: columns)
        {
            return [layers(row)]
        }
        let vectors = embeds.enumerated().map { index, embedding in embedding(inputs[0][.all, index]) }
        let embedded = emb_drop(.concatenate(vectors, axis: 1))
        return [layers(columns.map { .concatenate([embedded, $0], axis: 1) } ?? embedded)]
    }

    /// What is wrong with the inputs.
    private func problem(_ inputs: [Tensor]) -> String? {
        var expected: [String] = []
        if !embeds.isEmpty { expected.append("categories int32 [batch, \(embeds.count)]") }
        if continuous > 0 { expected.append("continuous float32 [batch, \(continuous)]") }
        guard !expected.isEmpty else { return "it has no columns" }
        let fits =
            inputs.count == expected.count && inputs.allSatisfy { $0.rank == 2 && $0.shape[0] == inputs[0].shape[0] }
            && (embeds.isEmpty || inputs[0].elementType == .int32 && inputs[0].shape[1] == embeds.count)
            && (continuous == 0
                || inputs[inputs.count - 1].elementType == .float32 && inputs[inputs.count - 1].shape[1] == continuous)
        if fits { return nil }
        let came = inputs.map { "\($0.elementType) \($0.shape)" }.joined(separator: " and ")
        return "inputs are \(came.isEmpty ? "none" : came), expected \(expected.joined(separator: " and "))"
    }
}
