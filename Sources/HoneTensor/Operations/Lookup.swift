import HoneKernels

// Rows of several tables in one operation.

/// What a lookup's backward pass needs to know of its tables.
private final class LookedUpTables {
    let slots: [Int32]
    let widths: [Int]

    init(_ slots: [Int32], _ widths: [Int]) { (self.slots, self.widths) = (slots, widths) }
}

extension Tensor {
    /// Rows of several tables side by side, and then what stands beside them: row i is `tables[0][indices[i, 0]]`,
    /// `tables[1][indices[i, 1]]`, and so on. It is what `rows` and `concatenate` give, in one pass.
    ///
    /// - Shape: tables `[_, width]`, indices `[rows, tables]` (int32), beside `[rows, others]` `-> [rows, widths + others]`
    /// - Returns: nil where these operations have to do it: shapes, types or indices that do not fit, one table twice, or
    ///   tables so large that the rows with a gradient are followed.
    package static func lookup(_ tables: [Tensor], _ indices: Tensor, beside: Tensor? = nil) -> Tensor? {
        guard canLookUp(tables, indices, beside) else { return nil }
        let widths = tables.map { $0.shape[1] }
        let result = Tensor.uninitialized([indices.shape[0], widths.reduce(beside?.shape[1] ?? 0, +)])
        let pointers = tables.map { hone_table(rows: $0.body.floats, length: $0.shape[1]) }
        hone_lookup_rows(
            pointers, tables.count, indices.body.integers, indices.shape[0], beside?.body.floats,
            beside?.shape[1] ?? 0, result.body.floats)
        guard let tape = Context.current.pointee.tape else { return result }
        let slots = tables.map { tape.slot(of: $0) }
        let slotBeside = beside.map { tape.slot(of: $0) } ?? -1
        let isFollowed = slots.contains { $0 >= 0 }
        guard isFollowed || slotBeside >= 0 else { return result }
        let output = tape.enter(result)
        if isFollowed {
            tape.append(
                Tape.Record(
                    operation: .lookup, output: output, saved0: indices.body, custom: LookedUpTables(slots, widths)))
        }
        if slotBeside >= 0 {
            var place = StridedLayout(result.shape)
            place.offset = widths.reduce(0, +)
            tape.append(.placed, output, slotBeside, place, isPartial: isFollowed)
        }
        return result
    }

    private static func canLookUp(_ tables: [Tensor], _ indices: Tensor, _ beside: Tensor?) -> Bool {
        guard !tables.isEmpty, indices.elementType == .int32, indices.rank == 2, indices.shape[1] == tables.count,
            !indices.isInert
        else { return false }
        for (place, table) in tables.enumerated() {
            guard table.elementType == .float32, table.rank == 2, !table.isInert,
                table.count < TouchedRows.followedFrom,
                !tables[..<place].contains(where: { $0.body.memory == table.body.memory })
            else { return false }
        }
        if let beside {
            guard beside.elementType == .float32, beside.rank == 2, !beside.isInert,
                beside.shape[0] == indices.shape[0]
            else { return false }
        }
        let limits = tables.map { Int32(clamping: $0.shape[0]) }
        return indices.withUnsafeIntegers { values in
            for row in stride(from: 0, to: values.count, by: limits.count) {
                for column in limits.indices {
                    let index = values[row + column]
                    if index < 0 || index >= limits[column] { return false }
                }
            }
            return true
        }
    }
}

func lookupBackward(_ record: Tape.Record, _ gradient: TensorBody, _ tape: Tape) {
    guard let indices = record.saved0, let tables = record.custom as? LookedUpTables else { return }
    let targets = zip(tables.slots, tables.widths).map { slot, width -> hone_table in
        guard slot >= 0 else { return hone_table(rows: nil, length: width) }
        let (target, accumulates) = tape.target(slot)
        if !accumulates { hone_fill(HONE_ISA_AUTO, 0, target, tape.shape(of: slot).count) }
        return hone_table(rows: target, length: width)
    }
    hone_lookup_add(
        targets, targets.count, indices.integers, gradient.shape[0], gradient.floats, gradient.shape[1])
}
