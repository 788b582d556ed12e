import HoneNN
import Testing

@Suite struct HoneNNTests {}
