import HoneTensor
import Testing

@Suite struct HoneTensorTests {}
