import HoneData
import Testing

@Suite struct HoneDataTests {}
