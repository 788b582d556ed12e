import Hone

/// The loss of samples that are mixed with partners: λ l(p, y) + (1 − λ) l(p, y'), with both sums and both counts mixed
/// alike, so that class weights and ignored labels count as they should.
final class MixedLoss: Loss {
    /// A batch that was mixed. It is known by its targets' memory, which is held here and so nobody else's.
    private struct Mix {
        let target: Tensor
        let partner: Tensor
        let shares: [Float]
    }

    let base: any Loss
    private var mixes: [Mix] = []

    init(_ base: any Loss) { self.base = base }

    /// What errors call it: the loss that is mixed.
    var label: String { "\(type(of: base))" }

    /// Notes how a batch was mixed: `shares` of each sample is its own.
    func mix(_ target: Tensor, with partner: Tensor, shares: [Float]) {
        mixes.append(Mix(target: target, partner: partner, shares: shares))
    }

    /// Forgets all batches.
    func forget() {
        if !mixes.isEmpty { mixes = [] }
    }

    /// The mixed loss of a batch that was mixed, and the plain one of any other.
    func evaluate(_ prediction: Tensor, _ target: Tensor) -> LossValue {
        guard let mix = mixes.last(where: { MixedLoss.isSame($0.target, target) }) else {
            return base.evaluate(prediction, target)
        }
        if let first = mix.shares.first, mix.shares.allSatisfy({ $0 == first }) {
            let (own, other) = (base.evaluate(prediction, target), base.evaluate(prediction, mix.partner))
            return LossValue(
                sum: own.sum * first + other.sum * (1 - first),
                count: Double(first) * own.count + Double(1 - first) * other.count)
        }
        guard let loss = base as? any ElementwiseLoss else {
            let problem =
                "the losses of single samples are not known, so samples cannot be mixed by shares of their own"
            return LossValue(sum: failed(label, problem), count: 0)
        }
        return evaluate(loss, prediction, mix)
    }

    private func evaluate(_ loss: any ElementwiseLoss, _ prediction: Tensor, _ mix: Mix) -> LossValue {
        let samples = mix.shares.count
        let own = loss.elements(prediction, mix.target)
        let other = loss.elements(prediction, mix.partner)
        if own.values.isInert || other.values.isInert {
            return LossValue(sum: own.values.isInert ? own.values : other.values, count: 0)
        }
        guard samples > 0, own.values.rank >= 1, own.values.shape[0] == samples else {
            let problem = "the losses are \(own.values.shape), expected [\(samples), ...], one row a sample"
            return LossValue(sum: failed(label, problem), count: 0)
        }
        let rows: Shape = [samples, own.values.count / samples]
        let shares = Tensor(mix.shares)
        let sum =
            (own.values.reshaped(rows).sum(axes: [1]) * shares
            + other.values.reshaped(rows).sum(axes: [1]) * (1 - shares)).sum()
        if own.count == Double(own.values.count), other.count == own.count {
            return LossValue(sum: sum, count: own.count)
        }
        let counts = zip(
            MixedLoss.counts(loss, prediction, mix.target), MixedLoss.counts(loss, prediction, mix.partner))
        let count = zip(mix.shares, counts).reduce(0.0) { total, row in
            total + Double(row.0) * row.1.0 + Double(1 - row.0) * row.1.1
        }
        return LossValue(sum: sum, count: count)
    }

    /// What each sample counts.
    private static func counts(_ loss: any ElementwiseLoss, _ prediction: Tensor, _ target: Tensor) -> [Double] {
        if let loss = loss as? CrossEntropy, target.elementType == .int32, target.shape[0] > 0 {
            let labels = target.integers
            let length = labels.count / target.shape[0]
            return stride(from: 0, to: labels.count, by: max(1, length)).map { start in
                labels[start..<start + length].reduce(0.0) { sum, label in
                    if let ignored = loss.ignoring, Int(label) == ignored { return sum }
                    return sum + Double(loss.weights?[Int(label)] ?? 1)
                }
            }
        }
        // Any other loss is asked, sample by sample.
        let scores = prediction.detached()
        return (0..<target.shape[0]).map { row in
            let place = Tensor([Int32(row)])
            return loss.elements(
                scores.indexSelect(axis: 0, indices: place), target.indexSelect(axis: 0, indices: place)
            ).count
        }
    }

    private static func isSame(_ a: Tensor, _ b: Tensor) -> Bool {
        guard a.elementType == b.elementType, a.shape == b.shape, !b.isInert else { return false }
        if a.elementType == .int32 {
            return a.withUnsafeIntegers { one in b.withUnsafeIntegers { one.baseAddress == $0.baseAddress } }
        }
        return a.withUnsafeFloats { one in b.withUnsafeFloats { one.baseAddress == $0.baseAddress } }
    }
}
