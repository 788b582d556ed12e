import Testing

@Suite struct FirstFitTests {}
