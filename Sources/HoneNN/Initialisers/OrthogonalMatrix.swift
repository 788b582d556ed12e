import HoneTensor

/// A random orthogonal matrix: the first factor of a normal one's QR decomposition by Householder's reflections, with
/// the signs that make it uniform over all of them (Mezzadri 2007).
enum OrthogonalMatrix {
    static func draw(_ shape: Shape, gain: Float, _ key: RandomKey) -> Tensor {
        guard shape.rank >= 2 else { return failed("Initialiser.orthogonal", "\(shape) has fewer than two axes") }
        let rows = shape[0]
        let columns = shape.array.dropFirst().reduce(1, *)
        let (height, width) = (max(rows, columns), min(rows, columns))
        // Column by column, since a reflection works on columns.
        var matrix = key.normal(height * width).map(Double.init)
        let q = matrix.withUnsafeMutableBufferPointer { factor($0, height: height, width: width) }
        return .build(shape) { out in
            for row in 0..<rows {
                for column in 0..<columns {
                    let element = rows >= columns ? q[column * height + row] : q[row * height + column]
                    out[row * columns + column] = gain * Float(element)
                }
            }
        }
    }

    /// The orthonormal columns of Q, of a matrix that is overwritten.
    private static func factor(_ a: UnsafeMutableBufferPointer<Double>, height: Int, width: Int) -> [Double] {
        var signs = [Double](repeating: 1, count: width)
        // The reflections' vectors, of squared length 2, replace what they have made zero.
        for k in 0..<width {
            let column = UnsafeMutableBufferPointer(rebasing: a[k * height + k..<(k + 1) * height])
            let length = dot(column, column).squareRoot()
            let head = column[0]
            signs[k] = head < 0 ? 1 : -1
            guard length > 0 else { continue }
            // The head of the triangular factor is -sign(head) · length.
            column[0] = head + (head < 0 ? -length : length)
            let scale = (2 / dot(column, column)).squareRoot()
            for i in column.indices { column[i] *= scale }
            for j in k + 1..<max(width, k + 1) {
                reflect(UnsafeMutableBufferPointer(rebasing: a[j * height + k..<(j + 1) * height]), column)
            }
        }
        var q = [Double](repeating: 0, count: height * width)
        q.withUnsafeMutableBufferPointer { q in
            for j in 0..<width {
                q[j * height + j] = signs[j]
                for k in stride(from: j, through: 0, by: -1) {
                    reflect(
                        UnsafeMutableBufferPointer(rebasing: q[j * height + k..<(j + 1) * height]),
                        UnsafeMutableBufferPointer(rebasing: a[k * height + k..<(k + 1) * height]))
                }
            }
        }
        return q
    }

    private static func reflect(_ x: UnsafeMutableBufferPointer<Double>, _ v: UnsafeMutableBufferPointer<Double>) {
        let share = dot(x, v)
        for i in x.indices { x[i] -= share * v[i] }
    }

    /// In four sums, which the compiler may keep side by side.
    private static func dot(_ x: UnsafeMutableBufferPointer<Double>, _ y: UnsafeMutableBufferPointer<Double>) -> Double
    {
        var sums = SIMD4<Double>.zero
        var i = 0
        while i + 4 <= x.count {
            let left = SIMD4<Double>(x[i], x[i + 1], x[i + 2], x[i + 3])
            let right = SIMD4<Double>(y[i], y[i + 1], y[i + 2], y[i + 3])
            sums += left * right
            i += 4
        }
        var sum = sums.sum()
        while i < x.count {
            sum += x[i] * y[i]
            i += 1
        }
        return sum
    }
}
