// Files as NumPy 2.4 writes them, in base 64.

/// An array in a file of NumPy's, and what it holds.
struct NumPySample {
    let name: String
    let file: String
    let shape: [Int]
    let values: [Double]

    static let arrays = [
        NumPySample(
            name: "float32",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAACDAAADAvwAAAL8AAAA/AADAPwAA"
                + "IEA=",
            shape: [2, 3], values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]),
        NumPySample(
            name: "fortranDouble",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqrqqqqqqrqv1VVVVVVVcU/AAAAAAAA"
                + "4L8AAAAAAADgP1VVVVVVVcW/q6qqqqqq6j8=",
            shape: [2, 3],
            values: [-0.8333333134651184, -0.5, -0.1666666716337204, 0.1666666716337204, 0.5, 0.8333333134651184]),
        NumPySample(
            name: "half",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPv/7AQAAfA==",
            shape: [4], values: [1.5, -65504, 5.960464477539063e-08, .infinity]),
        NumPySample(
            name: "int64",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDEpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr7/////////////38AAAAA",
            shape: [2, 1], values: [-5, 2147483647]),
        NumPySample(
            name: "uint8",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAyP8=",
            shape: [3], values: [0, 200, 255]),
        NumPySample(
            name: "bool",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAB",
            shape: [2, 2], values: [1, 0, 0, 1]),
        NumPySample(
            name: "bigEndian",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/oAAAwEAAAA==",
            shape: [2], values: [1.25, -3]),
        NumPySample(
            name: "version2",
            file: "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAA+P///w==",
            shape: [2], values: [7, -8]),
        NumPySample(
            name: "version3",
            file: "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIArNzMw9",
            shape: [], values: [0.10000000149011612]),
        NumPySample(
            name: "fortranCube",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAwABAAQAAgAFAABAA0ABQARAAkA"
                + "FQACAA4ABgASAAoAFgADAA8ABwATAAsAFwA=",
            shape: [2, 3, 4],
            values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]),
        NumPySample(
            name: "empty",
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=",
            shape: [0, 3], values: []),
    ]

    /// `numpy.savez` of `x` (the first sample) and of `labels`, 3 and 1.
    static let archive =
        "UEsDBC0AAAAAAAAAIQBtctun//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzog"
        + "JzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAgwAAAwL8AAAC/AAAAPwAAwD8AACBAUEsDBC0AAAAAAAAAIQCM3jPg"
        + "//////////8KABQAbGFiZWxzLm5weQEAEACQAAAAAAAAAJAAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRy"
        + "YW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgIAoDAAAAAAAAAAEAAAAAAAAAUEsBAi0DLQAAAAAAAAAhAG1y26eYAAAAmAAAAAUAAAAAAAAAAAAA"
        + "AIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAhAIzeM+CQAAAAkAAAAAoAAAAAAAAAAAAAAIABzwAAAGxhYmVscy5ucHlQSwUGAAAA"
        + "AAIAAgBrAAAAmwEAAAAA"

    /// `numpy.savez_compressed` of 50 zeros.
    static let compressed =
        "UEsDBC0AAAAIAAAAIQB1Uo2L//////////8FABQAeC5ucHkBABAASAEAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6l"
        + "oG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GqYGOpo6CrUK5AMuhmECAFBLAQItAy0AAAAIAAAAIQB1Uo2LSAAA"
        + "AEgBAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLBQYAAAAAAQABADMAAAB/AAAAAAA="

    /// 2³¹ with 64 bits.
    static let tooLarge =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAACAAAAAAA=="

    /// Two records.
    static let records =
        "k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg"
        + "fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAA=="
}
