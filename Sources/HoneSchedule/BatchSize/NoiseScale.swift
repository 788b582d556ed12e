/// The noise scale of stochastic gradient descent: how strongly the choice of batches shakes the parameters.
///
/// From the stochastic differential equation of Smith & Le 2017 (arXiv 1710.06451). What keeps the noise scale keeps
/// the course of training, so a falling rate can be traded for a growing batch:
/// ``Schedule/asBatchSize(base:dataset:max:rate:)``.
public enum NoiseScale {
    /// g = ε(N/B − 1) (Smith & Le 2017): exact for batches drawn without replacement; 0 for the full batch.
    ///
    /// - Parameters:
    ///   - rate: the learning rate ε.
    ///   - dataset: the number of training samples N, 1 or more.
    ///   - batch: the batch size B, 1...N.
    /// - Returns: the noise scale; NaN for sizes below 1.
    public static func exact(rate: Double, dataset: Int, batch: Int) -> Double {
        guard dataset > 0, batch > 0 else { return .nan }
        return rate * (Double(dataset) / Double(batch) - 1)
    }

    /// g ≈ εN/B, for batches much smaller than the data set (B ≪ N).
    ///
    /// - Parameters:
    ///   - rate: the learning rate ε.
    ///   - dataset: the number of training samples N, 1 or more.
    ///   - batch: the batch size B, 1...N.
    /// - Returns: the noise scale; NaN for sizes below 1.
    public static func largeDataset(rate: Double, dataset: Int, batch: Int) -> Double {
        guard dataset > 0, batch > 0 else { return .nan }
        return rate * Double(dataset) / Double(batch)
    }

    /// g ≈ εN/(B(1 − m)), with momentum m and B ≪ N (Smith & Le 2017).
    ///
    /// - Parameters:
    ///   - rate: the learning rate ε.
    ///   - dataset: the number of training samples N, 1 or more.
    ///   - batch: the batch size B, 1...N.
    ///   - momentum: m in 0..<1.
    /// - Returns: the noise scale; NaN for sizes below 1 and a momentum outside its range.
    public static func withMomentum(rate: Double, dataset: Int, batch: Int, momentum: Double) -> Double {
        guard (0..<1).contains(momentum) else { return .nan }
        return largeDataset(rate: rate, dataset: dataset, batch: batch) / (1 - momentum)
    }
}
