import HoneTensor

/// Labelled images held in memory as bytes, a quarter of what floats would take, and normalised batch by batch.
///
/// - Shape: inputs `[samples, channels, height, width]`, targets `[samples]` (int32)
public struct ByteImages: Dataset {
    /// The labels.
    public let labels: [Int32]

    /// The channels, height and width of an image.
    public let shape: [Int]

    private let pixels: [UInt8]

    /// What becomes of each byte.
    private let values: [Float]

    /// Makes a data set of images side by side.
    ///
    /// - Parameters:
    ///   - pixels: all images, each in row-major order.
    ///   - shape: the channels, height and width of one.
    ///   - labels: the images' classes.
    ///   - mean: what is taken from each pixel as a share of white, 0...1; by default that of all pixels.
    ///   - deviation: what the difference is divided by; by default that of all pixels.
    /// - Throws: ``DataError/countMismatch(inputs:targets:)`` when there are not as many labels as images.
    public init(
        pixels: [UInt8], shape: [Int], labels: [Int32], mean: Double? = nil, deviation: Double? = nil
    ) throws {
        let size = shape.reduce(1, *)
        guard size > 0, pixels.count % size == 0, pixels.count / size == labels.count else {
            throw DataError.countMismatch(inputs: size > 0 ? pixels.count / size : 0, targets: labels.count)
        }
        self.pixels = pixels
        self.shape = shape
        self.labels = labels
        let found = ByteImages.statistics(pixels)
        self.mean = mean ?? found.mean
        self.deviation = deviation ?? found.deviation
        let (center, scale) = (self.mean, self.deviation > 0 ? self.deviation : 1)
        values = (0..<256).map { Float((Double($0) / 255 - center) / scale) }
    }

    /// What is taken from each pixel, as a share of white.
    public let mean: Double

    /// What the difference is divided by.
    public let deviation: Double

    /// The number of classes: one more than the largest label.
    public var classes: Int { labels.reduce(0) { max($0, Int($1) + 1) } }

    /// The number of images.
    public var count: Int { labels.count }

    /// The images of the given numbers, normalised.
    ///
    /// - Throws: ``DataError/index(_:of:count:)`` for a number outside `0..<count`.
    public func batch(_ indices: [Int]) throws -> Batch {
        if let bad = indices.first(where: { !labels.indices.contains($0) }) {
            throw DataError.index(bad, of: "sample", count: count)
        }
        let size = shape.reduce(1, *)
        let images = Tensor.build(Shape([indices.count] + shape)) { out in
            pixels.withUnsafeBufferPointer { pixels in
                values.withUnsafeBufferPointer { values in
                    for (place, index) in indices.enumerated() {
                        for pixel in 0..<size { out[place * size + pixel] = values[Int(pixels[index * size + pixel])] }
                    }
                }
            }
        }
        return Batch(inputs: [images], targets: [Tensor(indices.map { labels[$0] })], indices: indices)
    }

    /// Mean and deviation of bytes as shares of 255.
    private static func statistics(_ pixels: [UInt8]) -> (mean: Double, deviation: Double) {
        var histogram = [Int](repeating: 0, count: 256)
        for pixel in pixels { histogram[Int(pixel)] += 1 }
        let count = Double(max(1, pixels.count))
        let mean = histogram.enumerated().reduce(0) { $0 + Double($1.element) * Double($1.offset) / 255 } / count
        let variance =
            histogram.enumerated().reduce(0) { sum, bin in
                let distance = Double(bin.offset) / 255 - mean
                return sum + Double(bin.element) * distance * distance
            } / count
        return (mean, variance.squareRoot())
    }
}
