/// A number as any encoder can write it: JSON has none for what is not finite, which becomes text.
struct PortableNumber: Codable {
    let value: Double

    init(_ value: Double) { self.value = value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            guard let value = Double(text), !value.isFinite else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "\(text) is not nan, inf or -inf")
            }
            self.value = value
        } else {
            value = try container.decode(Double.self)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if value.isFinite { try container.encode(value) } else { try container.encode("\(value)") }
    }
}

extension KeyedEncodingContainer {
    mutating func encode(number: Double?, forKey key: Key) throws {
        try encodeIfPresent(number.map { PortableNumber($0) }, forKey: key)
    }
}

extension KeyedDecodingContainer {
    func number(forKey key: Key) throws -> Double { try decode(PortableNumber.self, forKey: key).value }

    func optionalNumber(forKey key: Key) throws -> Double? {
        try decodeIfPresent(PortableNumber.self, forKey: key)?.value
    }
}
