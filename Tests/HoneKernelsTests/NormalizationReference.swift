import Foundation

/// Normalisation in double precision, of any kind: elements belong to sets, which share their statistics, and to
/// parameters, which share a scale and a shift.
struct NormalizationReference {
    let count: Int
    let sets: Int
    let parameters: Int
    let setOf: (Int) -> Int
    let parameterOf: (Int) -> Int
    var centred = true
    var relu = false
    var epsilon = Double(Float(1e-5))
    /// The mean and variance of each set, where they are not its own.
    var given: (mean: [Double], variance: [Double])?

    /// Sets and parameters are the channels of [batch, channels, spatial].
    static func batch(_ batch: Int, _ channels: Int, _ spatial: Int) -> NormalizationReference {
        let channel = { (i: Int) in i / spatial % channels }
        return NormalizationReference(
            count: batch * channels * spatial, sets: channels, parameters: channels, setOf: channel,
            parameterOf: channel)
    }

    static func rows(_ rows: Int, _ length: Int, centred: Bool) -> NormalizationReference {
        NormalizationReference(
            count: rows * length, sets: rows, parameters: length, setOf: { $0 / length }, parameterOf: { $0 % length },
            centred: centred)
    }

    static func groups(_ batch: Int, _ channels: Int, _ spatial: Int, _ groups: Int) -> NormalizationReference {
        NormalizationReference(
            count: batch * channels * spatial, sets: batch * groups, parameters: channels,
            setOf: { $0 / (channels / groups * spatial) }, parameterOf: { $0 / spatial % channels })
    }

    var setSize: Double { Double(count / max(sets, 1)) }

    func statistics(_ x: [Double]) -> (mean: [Double], variance: [Double]) {
        if let given { return given }
        var mean = [Double](repeating: 0, count: sets)
        var variance = mean
        for i in 0..<count where centred {
            mean[setOf(i)] += x[i] / setSize
        }
        for i in 0..<count {
            variance[setOf(i)] += (x[i] - mean[setOf(i)]) * (x[i] - mean[setOf(i)]) / setSize
        }
        return (mean, variance)
    }

    /// What is normalised, and the output before the ReLU.
    private func parts(_ x: [Double], _ gamma: [Double]?, _ beta: [Double]?) -> (
        h: [Double], rstd: [Double], y: [Double]
    ) {
        let (mean, variance) = statistics(x)
        let rstd = variance.map { 1 / ($0 + epsilon).squareRoot() }
        var h = [Double](repeating: 0, count: count)
        var y = h
        for i in 0..<count {
            h[i] = (x[i] - mean[setOf(i)]) * rstd[setOf(i)]
            y[i] = h[i] * (gamma?[parameterOf(i)] ?? 1) + (beta?[parameterOf(i)] ?? 0)
        }
        return (h, rstd, y)
    }

    func forward(_ x: [Double], _ gamma: [Double]?, _ beta: [Double]?) -> [Double] {
        parts(x, gamma, beta).y.map { relu ? max($0, 0) : $0 }
    }

    struct Gradients {
        var x: [Double]
        var gamma: [Double]
        var beta: [Double]
    }

    func backward(_ x: [Double], _ gamma: [Double]?, _ beta: [Double]?, dy: [Double]) -> Gradients {
        let (h, rstd, y) = parts(x, gamma, beta)
        var result = Gradients(
            x: [Double](repeating: 0, count: count), gamma: [Double](repeating: 0, count: parameters),
            beta: [Double](repeating: 0, count: parameters))
        var g = dy
        var sum = [Double](repeating: 0, count: sets)
        var product = sum
        for i in 0..<count {
            let d = relu && y[i] <= 0 ? 0 : dy[i]
            result.gamma[parameterOf(i)] += d * h[i]
            result.beta[parameterOf(i)] += d
            g[i] = d * (gamma?[parameterOf(i)] ?? 1)
            sum[setOf(i)] += g[i]
            product[setOf(i)] += g[i] * h[i]
        }
        for i in 0..<count {
            let set = setOf(i)
            let common = given != nil ? 0 : (centred ? sum[set] : 0) / setSize + h[i] * product[set] / setSize
            result.x[i] = rstd[set] * (g[i] - common)
        }
        return result
    }
}
