import HoneOptim
import Testing

@Suite struct HoneOptimTests {}
