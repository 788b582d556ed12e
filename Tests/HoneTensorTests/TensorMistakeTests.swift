import HoneTensor
import Testing

/// What happens to mistakes: collected within a scope, the first one thrown, everything after it inert.
@Suite struct TensorMistakeTests {
    private let a = Tensor.zeros([2, 3])
    private let labels = Tensor([Int32(0), 1])

    /// One use of an operation on what it cannot take, and the words for it.
    private var mistakes: [(() -> Tensor, String)] {
        [
            ({ a + Tensor.zeros([4]) }, "add: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a - Tensor.zeros([4]) }, "subtract: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a * Tensor.zeros([4]) }, "multiply: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a / Tensor.zeros([4]) }, "divide: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a.power(Tensor.zeros([4])) }, "power: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a.maximum(Tensor.zeros([4])) }, "maximum: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a.minimum(Tensor.zeros([4])) }, "minimum: shapes [2, 3] and [4] cannot be broadcast to one"),
            ({ a + labels }, "add: operands are float32 and int32, expected float32"),
            ({ labels * 2 }, "multiplyScalar: operand is int32, expected float32"),
            ({ labels.exp() }, "exp: operand is int32, expected float32"),
            ({ -labels }, "negate: operand is int32, expected float32"),
            ({ labels.relu() }, "relu: operand is int32, expected float32"),
            ({ labels.clamped(0, 1) }, "clamped: operand is int32, expected float32"),
            ({ a.matmul(a) }, "matmul: shapes [2, 3] and [2, 3] do not fit, expected [m, k] and [k, n]"),
            ({ a.matmul(Tensor.zeros([2])) }, "matmul: shapes [2, 3] and [2] do not fit, expected [m, k] and [k, n]"),
            ({ labels.matmul(a) }, "matmul: operands are int32 and float32, expected float32"),
            ({ a.linear(Tensor.zeros([5, 4])) }, "linear: input [2, 3] has 3 features, expected 4"),
            ({ Tensor(Float(0)).linear(Tensor.zeros([5, 4])) }, "linear: input [] is a scalar, expected 4"),
            (
                { a.linear(Tensor.zeros([5, 3]), bias: Tensor.zeros([4])) },
                "linear: weight [5, 3] and bias [4], expected [out, in] and [out]"
            ),
            (
                { a.linear(Tensor.zeros([5])) }, "linear: weight [5] and bias none, expected [out, in] and [out]"
            ),
            ({ labels.sum() }, "sum: operand is int32, expected float32"),
            ({ a.sum(axes: [2]) }, "sum: axes [2] of [2, 3]: 2 is outside or named twice"),
            ({ a.sum(axes: [-3]) }, "sum: axes [-3] of [2, 3]: -3 is outside or named twice"),
            ({ a.max(axes: [1, -1]) }, "max: axes [1, -1] of [2, 3]: -1 is outside or named twice"),
            ({ Tensor.zeros([2, 0]).max(axes: [1]) }, "max: axis 1 of [2, 0] is empty"),
            ({ Tensor.zeros([2, 0]).min(axes: [-1]) }, "min: axis -1 of [2, 0] is empty"),
            ({ a.argmax(axis: 2) }, "argmax: axis 2 of float32 [2, 3], expected a non-empty axis of float32"),
            ({ labels.argmax() }, "argmax: axis -1 of int32 [2], expected a non-empty axis of float32"),
            ({ a.reshaped([4]) }, "reshape: [2, 3] holds 6 elements, which do not fill [4]"),
            ({ a.reshaped([4, -1]) }, "reshape: [2, 3] holds 6 elements, which do not fill [4, -1]"),
            ({ a.reshaped([-1, -1]) }, "reshape: [2, 3] holds 6 elements, which do not fill [-1, -1]"),
            ({ a.flattened(from: 1, through: 0) }, "flatten: axes 1 through 0 of [2, 3]"),
            ({ a.flattened(from: 0, through: 2) }, "flatten: axes 0 through 2 of [2, 3]"),
            ({ Tensor.zeros([2, 3, 4]).transposed() }, "transpose: shape is [2, 3, 4], expected two axes"),
            ({ a.rows([0, 2]) }, "rows: index 2 at position 1 is outside 0..<2"),
            ({ a.rows([-1]) }, "rows: index -1 at position 0 is outside 0..<2"),
            ({ a.rows(a) }, "rows: indices are float32, expected int32"),
            ({ Tensor(Float(1)).rows([0]) }, "rows: shape is [], expected at least one axis"),
            ({ labels.softmax() }, "softmax: int32 [2], expected float32 [..., classes]"),
            ({ Tensor(Float(1)).logSoftmax() }, "logSoftmax: float32 [], expected float32 [..., classes]"),
            (
                { labels.crossEntropySum(labels) },
                "crossEntropy: predictions are int32 [2], expected float32 [rows, classes]"
            ),
            (
                { a.crossEntropySum(Tensor([Int32(0)])) },
                "crossEntropy: targets are int32 [1], expected int32 [2] for predictions [2, 3]"
            ),
            (
                { a.crossEntropySum(Tensor([Int32(0), 3])) },
                "crossEntropy: label 3 at row 1 is outside the classes 0..<3"
            ),
            (
                { a.squaredErrorSum(Tensor.zeros([2])) },
                "squaredError: predictions [2, 3] and float32 targets [2], expected one shape"
            ),
            ({ a.dropout(1.5) }, "dropout: float32 with probability 1.5, expected float32 and 0...1"),
            ({ a.dropout(-0.5) }, "dropout: float32 with probability -0.5, expected float32 and 0...1"),
            ({ a.dropout(.nan) }, "dropout: float32 with probability nan, expected float32 and 0...1"),
            ({ labels.dropout(0.5) }, "dropout: int32 with probability 0.5, expected float32 and 0...1"),
        ]
    }

    @Test func everyMistakeNamesTheOperationAndWhatItGot() {
        for (body, words) in mistakes { #expect(mistake(in: body) == words) }
    }

    @Test func theResultOfAMistakeIsInert() throws {
        #expect(throws: TensorError.self) {
            try catchingTensorErrors {
                for (body, _) in mistakes { #expect(body().isInert) }
            }
        }
    }

    @Test func theFirstMistakeIsTheOneThatIsThrown() {
        let words = mistake { () -> Tensor in
            let first = a.matmul(a)
            _ = a.reshaped([5])
            return first + a.rows([9])
        }
        #expect(words?.hasPrefix("matmul: ") == true)
    }

    @Test func aScopeWithoutMistakesGivesItsResult() throws {
        #expect(try catchingTensorErrors { (a + 1).sum().item() } == 6)
        struct Stop: Error {}
        #expect(throws: Stop.self) { try catchingTensorErrors { throw Stop() } }
        #expect(throws: Never.self) { try throwPendingTensorError() }
    }

    @Test func aMistakeCanBeThrownAtOnce() {
        #expect(throws: TensorError.self) {
            try catchingTensorErrors {
                _ = a.matmul(a)
                try throwPendingTensorError()
                Issue.record("the mistake above ends the scope")
            }
        }
    }

    @Test func anInnerScopeThrowsItsOwnMistakesAlone() {
        let words = mistake { () -> Tensor in
            let bad = a.matmul(a)
            #expect(mistake { a + 1 } == nil)
            #expect(mistake { a.reshaped([5]) }?.hasPrefix("reshape") == true)
            return bad
        }
        #expect(words?.hasPrefix("matmul: ") == true)
    }

    @Test func aMistakeOfOneScopeIsForgottenInTheNext() {
        #expect(mistake { a.matmul(a) } != nil)
        #expect(mistake { a + 1 } == nil)
    }

    @Test func layersReportMistakesOfTheirOwn() {
        #expect(mistake { failed("Net", "no input") } == "Net: no input")
        #expect(
            TensorError(operation: "add", problem: "x", path: "Net.0 (Linear)").description == "Net.0 (Linear): add: x")
        let named = TensorError(operation: "Linear", problem: "x", path: "Net.0 (Linear)")
        #expect(named.description == "Net.0 (Linear): x")
        #expect(named.localizedDescription == "Net.0 (Linear): x")
    }

    @Test func anInertTensorAnswersZeroToEverything() throws {
        #expect(throws: TensorError.self) {
            try catchingTensorErrors {
                let inert = a.matmul(a)
                #expect(inert.rank == 0 && inert.count == 0 && inert.shape[0] == 0 && inert.shape[7] == 0)
                #expect(inert.shape[-1] == 0 && inert.shape.array == [] && inert.shape.count == 0)
                #expect(inert.scalars == [] && inert.integers == [] && inert.item().isNaN)
                #expect(inert.shape.removing(axis: 0).rank == 0)
                #expect("\(inert)" == "Tensor(inert)" && "\(inert.shape)" == "[inert]")
                #expect(!inert.isTracked)
                #expect(inert.withUnsafeFloats { $0.count } == 0)
            }
        }
    }

    @Test func operationsOnAnInertTensorAreInertAndSilent() throws {
        let words = mistake {
            let inert = a.matmul(a)
            let (x, y) = (inert, Tensor.zeros([2, 3]))
            let label = Tensor([Int32(0), 1])
            let results: [Tensor] = [
                x + y, y + x, x - x, x * y, y / x, x.power(y), y.maximum(x), x.minimum(y), -x, x.exp(), x.expm1(),
                x.log(), x.log1p(), x.sqrt(), x.rsqrt(), x.square(), x.reciprocal(), x.abs(), x.sin(), x.cos(),
                x.tanh(),
                x.sigmoid(), x.erf(), x.relu(), x.clamped(0, 1), x + 1, 1 - x, x * 2, 2 / x, x / 2, x.power(2),
                x.matmul(y), y.matmul(x), x.linear(y), y.linear(x), y.linear(Tensor.zeros([4, 3]), bias: x),
                x.sum(), x.sum(axes: [3]), x.mean(), x.mean(axes: [1]), x.max(axes: [0]), x.min(axes: [0]), x.argmax(),
                x.reshaped([7]), x.flattened(from: 3), x.transposed(), x.rows([4]), y.rows(x), x.rows(label),
                x.softmax(), x.logSoftmax(), x.crossEntropySum(label), y.crossEntropySum(x), x.squaredErrorSum(y),
                y.squaredErrorSum(x), x.dropout(0.5), x.dropout(0), x.detached(),
                x.reshaped(x.shape), Tensor.zeros(x.shape) + y, x.reshaped(x.shape.removing(axis: 1)),
            ]
            for (index, result) in results.enumerated() { #expect(result.isInert, "operation \(index)") }
        }
        #expect(words?.hasPrefix("matmul: ") == true)
    }

    #if compiler(>=6.2)
    @Test func outsideOfEveryScopeAMistakeEndsTheProgramWithItsWords() async {
        let end = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([2, 3]))
        }
        let words = String(decoding: end?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("matmul: shapes [2, 3] and [2, 3] do not fit, expected [m, k] and [k, n]"))
    }
    #endif

    @Test func aTapeIsNotDisturbedByInertTensors() {
        let tape = Tape()
        let words = mistake {
            try tape.record {
                let x = tape.watch(a)
                let bad = x.matmul(x)
                #expect(tape.watch(bad).isInert)
                #expect(!bad.isTracked)
                return try tape.gradients(of: (bad * x).sum(), for: [x])
            }
        }
        #expect(words?.hasPrefix("matmul: ") == true)
    }
}
