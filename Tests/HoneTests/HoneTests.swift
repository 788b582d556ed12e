import Hone
import Testing

@Suite struct HoneTests {}
