import Foundation
import HoneNN
import HoneTensor
import Testing

/// An output layer that shares its weight with the first.
private final class Tied: Module {
    let first = Scale(3)
    let last: Scale
    init() { last = first }
    func forward(_ x: Tensor) -> Tensor { last(first(x)) }
}

@Suite struct ModelWeightsTests {
    private func model(seed: UInt64) -> Sequential {
        let model = Sequential(Linear(4, 3), BatchNorm1d(3), Linear(3, 2))
        model.initialise(seed: seed)
        _ = model(Tensor.normal([5, 4], key: RandomKey(seed: seed)))
        return model
    }

    @Test func aModelComesBackFromItsFileBitForBit() throws {
        try withFolder { folder in
            let path = folder + "/model.safetensors"
            let (saved, loaded) = (model(seed: 1), model(seed: 2))
            try saved.save(path)
            #expect(try loaded.load(path).isEmpty)
            #expect(loaded.stateDictionary.sha256 == saved.stateDictionary.sha256)
            let file = try SafeTensors.read(path)
            #expect(file.metadata == ["format": "pt"] && Set(file.names) == Set(saved.stateDictionary.names))
            #expect(file["1.num_batches_tracked"]?.type == .int64 && file["1.num_batches_tracked"]?.shape == [])
            #expect(loaded.stateDictionary["1.num_batches_tracked"]?.integers == [1])
        }
    }

    /// Of a model with twelve equal parameters, saving takes the memory of one.
    @Test func parametersAreCopiedOneAtATimeAsTheyAreWritten() throws {
        let pool = StoragePool()
        let model = Sequential((0..<12).map { _ in Linear(64, 64, bias: false) as any Module })
        model.initialise(seed: 1)
        try withFolder { folder in
            try withStoragePool(pool) { try model.save(folder + "/model.safetensors") }
            let statistics = pool.statistics
            #expect(statistics.peakBytes >= 64 * 64 * 4 && statistics.peakBytes < 2 * 64 * 64 * 4)
            #expect(statistics.liveBlocks == 0)
            let file = try SafeTensors.read(folder + "/model.safetensors")
            for (name, parameter) in model.parameters {
                #expect(try file.tensor(named: name).isBitwiseEqual(to: parameter.value), "\(name)")
            }
        }
    }

    @Test func halfPrecisionRoundsAndLoads() throws {
        try withFolder { folder in
            let path = folder + "/model.safetensors"
            let (saved, loaded) = (model(seed: 1), model(seed: 2))
            for type in [StoredType.float16, .bfloat16] {
                try saved.save(path, floats: type)
                try loaded.load(path)
                for (name, value) in saved.stateDictionary.entries {
                    let back = try #require(loaded.stateDictionary[name])
                    for (a, b) in zip(value.scalars, back.scalars) {
                        #expect(abs(a - b) <= abs(a) * (type == .float16 ? 0x1p-11 : 0x1p-8), "\(name)")
                    }
                }
            }
        }
    }

    @Test func everyNameThatDoesNotFitIsInOneErrorAndNothingChanges() throws {
        try withFolder { folder in
            let path = folder + "/other.safetensors"
            let state = StateDictionary([
                ("0.weight", Tensor.zeros([3, 5])), ("0.bias", Tensor.zeros([3])), ("1.num_batches_tracked", Tensor(3)),
                ("head.weight", Tensor([1])), ("2.weight", Tensor.zeros([2, 3])), ("2.bias", Tensor.ones([2])),
            ])
            try SafeTensors.write(state, to: path)
            let model = model(seed: 3)
            let before = model.stateDictionary
            let error = #expect(throws: StateMismatch.self) { try model.load(path) }
            #expect(error?.missing == ["1.weight", "1.bias", "1.running_mean", "1.running_var"])
            #expect(error?.unexpected == ["head.weight"])
            #expect(
                error?.mismatched == [
                    "0.weight (float32 [3, 5], expected float32 [3, 4])",
                    "1.num_batches_tracked (float32 [], expected int32 [])",
                ])
            #expect(model.stateDictionary.sha256 == before.sha256)
            let report = try model.load(path, strict: false)
            #expect(report == error)
            #expect(model.stateDictionary["2.bias"]?.scalars == [1, 1])
            #expect(model.stateDictionary["0.bias"]?.scalars == [0, 0, 0])
            #expect(try #require(model.stateDictionary["0.weight"]).isBitwiseEqual(to: #require(before["0.weight"])))
        }
    }

    @Test func namesAreMappedAndLeftOut() throws {
        let (saved, loaded) = (model(seed: 1), model(seed: 2))
        var state = saved.stateDictionary
        state.entries = state.entries.map { ("module.\($0.name)", $0.value) } + [("optimizer.step", Tensor(1))]
        try loaded.load(state) { $0.hasPrefix("module.") ? String($0.dropFirst(7)) : nil }
        #expect(loaded.stateDictionary.sha256 == saved.stateDictionary.sha256)
        let error = #expect(throws: StateMismatch.self) { try loaded.load(state) { _ in "0.bias" } }
        #expect(error?.mismatched.first == "0.bias (given by module.0.weight and by module.0.bias)")
    }

    @Test func aWholeNumberBeyondInt32ChangesNothing() throws {
        try withFolder { folder in
            let path = folder + "/model.safetensors"
            try model(seed: 1).save(path)
            var bytes = try contents(path)
            // Numbers of 64 bits come first: the count of batches is the first of the data.
            let header = Int(bytes[0]) | Int(bytes[1]) << 8
            bytes[8 + header + 5] = 1
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let model = model(seed: 2)
            let before = model.stateDictionary.sha256
            #expect(throws: WeightFileError.self) { try model.load(path) }
            #expect(model.stateDictionary.sha256 == before)
        }
    }

    @Test func oneNameOfATiedParameterIsEnough() throws {
        let model = Tied()
        #expect(model.stateDictionary.names == ["first.weight", "last.weight"])
        try model.load(StateDictionary([("last.weight", Tensor([1, 2, 3]))]))
        #expect(model.first.weight.value.scalars == [1, 2, 3])
        try model.load(StateDictionary([("first.weight", Tensor([4, 5, 6])), ("last.weight", Tensor([4, 5, 6]))]))
        #expect(model.first.weight.value.scalars == [4, 5, 6])
        let error = #expect(throws: StateMismatch.self) { try model.load(StateDictionary()) }
        #expect(error?.missing == ["first.weight"])
    }

    @Test func tiedNamesThatDifferAreAnError() throws {
        let state = StateDictionary([("first.weight", Tensor([1, 2, 3])), ("last.weight", Tensor([1, 2, 4]))])
        let model = Tied()
        let error = #expect(throws: StateMismatch.self) { try model.load(state) }
        #expect(error?.mismatched == ["last.weight (differs from first.weight, which is the same parameter)"])
        try withFolder { folder in
            try SafeTensors.write(state, to: folder + "/x")
            #expect(throws: StateMismatch.self) { try model.load(folder + "/x") }
        }
    }

    @Test func aSharedBufferHasAllItsNames() throws {
        let norm = BatchNorm1d(2)
        let model = Sequential(norm, ReLU(), norm)
        let names = model.stateDictionary.names
        #expect(names.contains("0.running_mean") && names.contains("2.running_mean"))
        try model.load(model.stateDictionary)
        #expect(model.buffers.count == 3)
    }
}
