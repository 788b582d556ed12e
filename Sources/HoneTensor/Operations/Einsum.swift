// Einstein's sum convention, done by products of matrices.

extension Tensor {
    /// Sums of products over named axes: `Tensor.einsum("bij,bjk->bik", a, b)` is a product of matrices.
    ///
    /// Each letter names an axis; one that is missing behind the arrow is summed over, and one that stands twice in an
    /// operand takes its diagonal. Without an arrow, the result has the letters that occur once, in alphabetical order.
    /// Several operands are multiplied from left to right.
    public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
        if operands.contains(where: \.isInert) { return .inert }
        var mistake = ""
        guard let terms = EinsumTerms(equation, operands.map(\.shape), &mistake) else {
            return failed("einsum", "\"\(equation)\" of \(operands.map(\.shape)): \(mistake)")
        }
        for operand in operands where !operand.isFloat(for: "einsum") { return .inert }
        var (result, letters) = (operands[0], terms.inputs[0])
        (result, letters) = diagonal(result, letters)
        for (number, operand) in operands.enumerated().dropFirst() {
            let (other, otherLetters) = diagonal(operand, terms.inputs[number])
            let later = Set(terms.inputs[(number + 1)...].joined()).union(terms.output)
            (result, letters) = multiplied(result, letters, other, otherLetters, keeping: later)
            if result.isInert { return result }
        }
        (result, letters) = summed(result, letters, keeping: Set(terms.output))
        return ordered(result, letters, as: terms.output)
    }

    /// Letters that stand twice stand once afterwards, for the diagonal.
    private static func diagonal(_ tensor: Tensor, _ letters: [Character]) -> (Tensor, [Character]) {
        var single = [Character]()
        for letter in letters where !single.contains(letter) { single.append(letter) }
        if single.count == letters.count { return (tensor, letters) }
        let own = StridedLayout(tensor.shape)
        var layout = StridedLayout(
            Shape(single.map { letter in tensor.shape[letters.firstIndex(of: letter) ?? 0] }))
        for (axis, letter) in single.enumerated() {
            layout.setStride(axis, letters.indices.filter { letters[$0] == letter }.reduce(0) { $0 + own.stride($1) })
        }
        return (tensor.strided(layout), single)
    }

    /// Axes that nobody needs any more are summed over.
    private static func summed(
        _ tensor: Tensor, _ letters: [Character], keeping kept: Set<Character>
    ) -> (Tensor, [Character]) {
        let axes = letters.indices.filter { !kept.contains(letters[$0]) }
        return axes.isEmpty ? (tensor, letters) : (tensor.sum(axes: axes), letters.filter(kept.contains))
    }

    private static func ordered(_ tensor: Tensor, _ letters: [Character], as order: [Character]) -> Tensor {
        letters == order ? tensor : tensor.permuted(order.map { letters.firstIndex(of: $0) ?? 0 })
    }

    /// The product of two operands as `[batch, rows, inner] · [batch, inner, columns]`.
    private static func multiplied(
        _ left: Tensor, _ leftLetters: [Character], _ right: Tensor, _ rightLetters: [Character],
        keeping kept: Set<Character>
    ) -> (Tensor, [Character]) {
        let (a, inA) = summed(left, leftLetters, keeping: kept.union(rightLetters))
        let (b, inB) = summed(right, rightLetters, keeping: kept.union(leftLetters))
        let shared = Set(inA).intersection(inB)
        let batch = inA.filter { shared.contains($0) && kept.contains($0) }
        let inner = inA.filter { shared.contains($0) && !kept.contains($0) }
        let rows = inA.filter { !shared.contains($0) }
        let columns = inB.filter { !shared.contains($0) }
        let lengths = Dictionary(
            zip(inA + inB, a.shape.array + b.shape.array), uniquingKeysWith: { first, _ in first })
        func size(_ letters: [Character]) -> Int { letters.reduce(1) { $0 * (lengths[$1] ?? 1) } }
        /// The matrices of one operand, and whether they are transposed: as they lie in memory, if that will do.
        func matrices(
            _ tensor: Tensor, _ letters: [Character], _ first: [Character], _ second: [Character]
        ) -> (Tensor, Bool) {
            let isTransposed = letters == batch + second + first && letters != batch + first + second
            let (up, down) = isTransposed ? (second, first) : (first, second)
            let matrix = ordered(tensor, letters, as: batch + up + down)
            return (matrix.reshaped([size(batch), size(up), size(down)]), isTransposed)
        }
        let (matricesA, flipA) = matrices(a, inA, rows, inner)
        let (matricesB, flipB) = matrices(b, inB, inner, columns)
        let product = matricesA.matmul(matricesB, transposeSelf: flipA, transposeOther: flipB)
        let letters = batch + rows + columns
        return (product.reshaped(Shape(letters.map { lengths[$0] ?? 1 })), letters)
    }
}

/// The letters of an equation, checked against the operands' shapes.
private struct EinsumTerms {
    var inputs: [[Character]]
    var output: [Character]

    init?(_ equation: String, _ shapes: [Shape], _ mistake: inout String) {
        let text = equation.filter { !$0.isWhitespace }
        let sides = text.components(around: "->")
        inputs = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        let all = inputs.joined()
        output = sides.count > 1 ? Array(sides[1]) : Set(all).filter { l in all.count { $0 == l } == 1 }.sorted()
        guard sides.count <= 2, (all + output).allSatisfy({ $0.isASCII && $0.isLetter }) else {
            mistake = "letters, commas and at most one arrow are expected"
            return nil
        }
        guard inputs.count == shapes.count, !shapes.isEmpty else {
            mistake = "\(inputs.count) operands are named, \(shapes.count) are given"
            return nil
        }
        var lengths = [Character: Int]()
        for (letters, shape) in zip(inputs, shapes) {
            guard letters.count == shape.rank else {
                mistake = "\(letters.count) letters for the \(shape.rank) axes of \(shape)"
                return nil
            }
            for (axis, letter) in letters.enumerated() {
                guard lengths[letter, default: shape[axis]] == shape[axis] else {
                    mistake = "'\(letter)' is \(lengths[letter] ?? 0) and \(shape[axis])"
                    return nil
                }
                lengths[letter] = shape[axis]
            }
        }
        guard Set(output).count == output.count, output.allSatisfy({ lengths[$0] != nil }) else {
            mistake = "the result's letters must be different ones of the operands'"
            return nil
        }
    }
}

extension String {
    fileprivate func components(around separator: String) -> [Substring] {
        var parts = [Substring]()
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
