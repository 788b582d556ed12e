import HoneTensor
import Testing

@Suite struct OpsIndexingTests {
    private func indices(_ values: [Int], _ shape: Shape? = nil) -> Tensor {
        Tensor(values.map(Int32.init), shape: shape ?? Shape([values.count]))
    }

    @Test func selectedPlacesHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 1)
        for shape in [[4], [4, 3], [2, 4, 3], [2, 4, 1, 1, 2, 1]] {
            let axis = shape.firstIndex(of: 4) ?? 0
            let x = numbers.tensor(shape)
            for chosen in [[2, 0, 2, 3, 2], [1], []] {
                var target = shape
                target[axis] = chosen.count
                let expected = ReferenceArray(x).moved(to: target) { index in
                    var place = index
                    place[axis] = chosen[index[axis]]
                    return place
                }
                expectClose(x.indexSelect(axis: axis, indices: indices(chosen)), expected, "\(shape) \(chosen)")
                try expectGradients(at: [x], "\(shape)") {
                    $0[0].indexSelect(axis: axis - shape.count, indices: indices(chosen)).square()
                }
            }
        }
        #expect(indices([5, 6, 7]).indexSelect(axis: 0, indices: indices([2, 2])).integers == [7, 7])
    }

    @Test func rowsOfSeveralTablesAreThoseOfEachSideBySide() throws {
        var numbers = TestNumbers(seed: 7)
        let tables = [numbers.tensor([4, 3]), numbers.tensor([2, 1]), numbers.tensor([5, 2])]
        let places = indices([3, 0, 4, 0, 1, 4, 3, 1, 0, 3, 0, 4], [4, 3])
        func bySteps(_ parts: ArraySlice<Tensor>, _ beside: Tensor?) -> Tensor {
            let rows = parts.enumerated().map { $1.rows(places[.all, $0]) }
            return .concatenate(rows + (beside.map { [$0] } ?? []), axis: 1)
        }
        for beside in [nil, numbers.tensor([4, 2])] {
            let found = try #require(Tensor.lookup(tables, places, beside: beside))
            #expect(found.scalars == bySteps(tables[...], beside).scalars && found.shape == [4, beside == nil ? 6 : 8])
            let inputs = tables + (beside.map { [$0] } ?? [])
            let weights = numbers.tensor([4, beside == nil ? 6 : 8])
            // Every input followed, and each alone.
            for followed in [Array(inputs.indices)] + inputs.indices.map({ [$0] }) {
                func slopes(_ result: (ArraySlice<Tensor>, Tensor?) -> Tensor) throws -> [[Float]] {
                    try gradients(at: followed.map { inputs[$0] }) { watched in
                        var all = inputs
                        for (place, input) in zip(followed, watched) { all[place] = input }
                        return (result(all[..<3], beside == nil ? nil : all[3]) * weights).sum()
                    }.map(\.scalars)
                }
                let plain = try slopes(bySteps)
                #expect(try slopes { Tensor.lookup(Array($0), places, beside: $1) ?? .zeros([1]) } == plain)
            }
        }
        #expect(Tensor.lookup(tables, indices([3, 2, 4], [1, 3])) == nil)
        #expect(Tensor.lookup(tables, indices([3, -1, 4], [1, 3])) == nil)
        #expect(Tensor.lookup(tables, indices([3, 1], [1, 2])) == nil)
        #expect(Tensor.lookup([tables[0], tables[0]], indices([3, 1], [1, 2])) == nil)
        #expect(Tensor.lookup(tables, places, beside: numbers.tensor([3, 2])) == nil)
        #expect(Tensor.lookup([], indices([], [0, 0])) == nil)
    }

    @Test func gatheredElementsHaveTheirValuesAndGradients() throws {
        var numbers = TestNumbers(seed: 2)
        for (shape, target, axis) in [
            ([5], [7], 0), ([3, 4], [3, 2], 1), ([3, 4], [5, 4], 0), ([3, 4], [2, 3], 1), ([2, 3, 2], [2, 4, 1], 1),
            ([2, 2, 1, 3], [2, 2, 1, 5], 3), ([3, 0], [3, 0], 1),
        ] {
            let x = numbers.tensor(shape)
            let chosen = (0..<target.reduce(1, *)).map { _ in Int(numbers.next() % UInt64(shape[axis])) }
            let places = indices(chosen, Shape(target))
            let byIndex = ReferenceArray(target, chosen.map(Double.init))
            let expected = ReferenceArray(x).moved(to: target) { index in
                var place = index
                place[axis] = Int(byIndex.at(index))
                return place
            }
            expectClose(x.gather(axis: axis, indices: places), expected, "\(shape) \(target)")
            try expectGradients(at: [x], "\(shape) \(target)") { $0[0].gather(axis: axis, indices: places).square() }
        }
    }

    @Test func scatteredElementsAddUpOrStay() throws {
        let x = Tensor([[1, 2], [3, 4], [5, 6]])
        let source = Tensor([[10, 20], [30, 40]])
        let places = indices([0, 2, 0, 1], [2, 2])
        #expect(x.scatterAdd(axis: 0, indices: places, source: source).scalars == [41, 2, 3, 44, 5, 26])
        #expect(x.scatter(axis: 0, indices: places, source: source).scalars == [30, 2, 3, 40, 5, 20])
        #expect(x.scalars == [1, 2, 3, 4, 5, 6])
        var numbers = TestNumbers(seed: 3)
        let (y, z) = (numbers.tensor([3, 2]), numbers.tensor([2, 2]))
        for inputs in [[y, z], [y, numbers.tensor([3, 3])]] {
            try expectGradients(at: inputs) { $0[0].scatterAdd(axis: 0, indices: places, source: $0[1]).square() }
            try expectGradients(at: inputs) { $0[0].scatter(axis: 0, indices: places, source: $0[1]).square() }
        }
        try expectGradients(at: [z]) { y.scatterAdd(axis: 0, indices: places, source: $0[0]).square() }
        try expectGradients(at: [y]) { $0[0].scatter(axis: 0, indices: places, source: z).square() }
    }

    @Test func oneHotMarksTheClassOfEachLabel() {
        #expect(indices([0, 2]).oneHot(classes: 3).scalars == [1, 0, 0, 0, 0, 1])
        #expect(indices([1, 0], [2, 1]).oneHot(classes: 2).shape == [2, 1, 2])
        #expect(indices([]).oneHot(classes: 0).shape == [0, 0])
    }

    @Test func indicesAreCheckedBeforeMemoryIsTouched() {
        let x = Tensor.zeros([3, 4])
        #expect(
            mistake { x.indexSelect(axis: 1, indices: indices([0, 4])) }
                == "indexSelect: index 4 at position 1 is outside 0..<4")
        #expect(mistake { x.indexSelect(axis: 0, indices: indices([-1])) } != nil)
        #expect(mistake { x.indexSelect(axis: 2, indices: indices([0])) } == "indexSelect: axis 2 is outside of [3, 4]")
        #expect(
            mistake { x.indexSelect(axis: 0, indices: Tensor([1])) }
                == "indexSelect: indices are float32, expected int32")
        #expect(
            mistake { x.indexSelect(axis: 0, indices: indices([0], [1, 1])) }
                == "indexSelect: indices are [1, 1], expected one axis")
        #expect(
            mistake { x.gather(axis: 1, indices: indices([0, 0, 0, 0], [4, 1])) }
                == "gather: indices [4, 1] do not fit [3, 4] along axis 1")
        #expect(
            mistake { x.gather(axis: 1, indices: indices([9], [1, 1])) }
                == "gather: index 9 at position 0 is outside 0..<4")
        #expect(
            mistake { x.scatterAdd(axis: 0, indices: indices([0, 0], [2, 1]), source: Tensor.zeros([1, 1])) }
                == "scatterAdd: source is [1, 1], expected at least [2, 1] as the indices")
        #expect(mistake { indices([0]).scatterAdd(axis: 0, indices: indices([0]), source: Tensor([1])) } != nil)
        #expect(mistake { indices([3]).oneHot(classes: 3) } == "oneHot: index 3 at position 0 is outside 0..<3")
        #expect(mistake { Tensor([1]).oneHot(classes: 3) } == "oneHot: indices are float32, expected int32")
    }
}
