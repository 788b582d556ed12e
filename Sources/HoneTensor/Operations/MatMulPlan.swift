import HoneKernels

/// One of the two operands of a batched product: matrices of `[rows, columns]` in memory.
struct MatMulOperand {
    var rows: Int
    var columns: Int
    var isTransposed: Bool
    /// How far apart its matrices lie, for each axis of the batch; 0 where it is broadcast.
    var batches: StridedLayout

    var size: Int { rows * columns }
}

/// What a product of matrices does, worked out from shapes alone, by NumPy's rules: an operand of one axis is a row on
/// the left and a column on the right, and the axes before the last two are broadcast.
struct MatMulPlan {
    var m = 0, k = 0, n = 0
    var a, b: MatMulOperand
    var batch: Shape
    var result: Shape

    init?(_ shapeA: Shape, _ shapeB: Shape, transposeA: Bool, transposeB: Bool) {
        guard shapeA.rank >= 1, shapeB.rank >= 1 else { return nil }
        // A vector has no other axis to be transposed with.
        let (flipA, flipB) = (transposeA && shapeA.rank >= 2, transposeB && shapeB.rank >= 2)
        let (rowsA, columnsA) = shapeA.rank == 1 ? (1, shapeA[0]) : (shapeA[-2], shapeA[-1])
        let (rowsB, columnsB) = shapeB.rank == 1 ? (shapeB[0], 1) : (shapeB[-2], shapeB[-1])
        m = flipA ? columnsA : rowsA
        k = flipA ? rowsA : columnsA
        n = flipB ? rowsB : columnsB
        guard k == (flipB ? columnsB : rowsB) else { return nil }
        let alone = StridedLayout(Shape())
        a = MatMulOperand(rows: rowsA, columns: columnsA, isTransposed: flipA, batches: alone)
        b = MatMulOperand(rows: rowsB, columns: columnsB, isTransposed: flipB, batches: alone)
        batch = Shape()
        result = Shape(m, n)
        if shapeA.rank == 2, shapeB.rank == 2 { return }
        let (leadA, leadB) = (shapeA.leading, shapeB.leading)
        guard let batch = Shape.broadcast(leadA, leadB) else { return nil }
        self.batch = batch
        result = Shape(batch.array + (shapeA.rank == 1 ? [] : [m]) + (shapeB.rank == 1 ? [] : [n]))
        a.batches = StridedLayout(batch, strides: leadA.broadcastStrides(to: batch), offset: 0)
        b.batches = StridedLayout(batch, strides: leadB.broadcastStrides(to: batch), offset: 0)
        if leadB.count == 1, leadB.rank <= leadA.rank, !flipA, result.problem == nil {
            // One matrix on the right: the left ones are its rows, all in one product.
            m *= leadA.count
            a.rows = m
            self.batch = Shape()
            a.batches = alone
            b.batches = alone
        }
    }

    /// Where each of the batch's matrices begins, in matrices: of a, of b.
    func forEachMatrix(from first: Int, to last: Int, _ body: (_ number: Int, _ a: Int, _ b: Int) -> Void) {
        for number in first..<last { body(number, a.batches.place(of: number), b.batches.place(of: number)) }
    }

    /// Calls `body` for every matrix of the batch: on several threads where they are small, many and independent; large
    /// ones share out their own work.
    func run(isIndependent: Bool, _ body: (_ number: Int, _ a: Int, _ b: Int) -> Void) {
        if batch.rank == 0 { return body(0, 0, 0) }
        let (count, cost) = (batch.count, Double(m) * Double(n) * Double(k))
        guard isIndependent, count > 1, cost < MatMulPlan.largeCost, Double(count) * cost > MatMulPlan.taskCost else {
            return forEachMatrix(from: 0, to: count, body)
        }
        withoutActuallyEscaping(body) { body in
            var job = (plan: self, body: body)
            withUnsafeMutablePointer(to: &job) { job in
                hone_parallel_for(
                    count, Int(Swift.max(1, MatMulPlan.taskCost / Swift.max(1, cost))),
                    { context, first, last in
                        guard let context else { return }
                        let job = context.assumingMemoryBound(
                            to: (plan: MatMulPlan, body: (Int, Int, Int) -> Void).self)
                        job.pointee.plan.forEachMatrix(from: first, to: last, job.pointee.body)
                    }, job)
            }
        }
    }

    /// Multiplications that are worth a task of their own, and that a matrix shares out among threads by itself.
    private static let taskCost = 0x1p18
    private static let largeCost = 0x1p22
}

extension Shape {
    /// The axes before the last two.
    fileprivate var leading: Shape { Shape(Array(array.dropLast(2))) }
}

extension StridedLayout {
    /// Where the element of a number in row-major order lies.
    func place(of number: Int) -> Int {
        var rest = number
        var place = offset
        for axis in Swift.stride(from: shape.rank - 1, through: 0, by: -1) {
            place += rest % shape[axis] * stride(axis)
            rest /= shape[axis]
        }
        return place
    }

    /// Whether every element is read exactly once.
    var isInjective: Bool { !(0..<shape.rank).contains { shape[$0] == 0 || shape[$0] > 1 && stride($0) == 0 } }
}
