import Foundation
import HoneKernels
import Testing

/// Tests that set the number of threads, which is one for the whole process: these take turns.
@Suite(.serialized) enum ThreadCountTests {}

/// Runs `body` with so many threads and puts the former number back.
func withThreads<Result>(_ count: Int32, _ body: () throws -> Result) rethrows -> Result {
    let former = hone_threads()
    hone_set_threads(count)
    defer { hone_set_threads(former) }
    return try body()
}

/// Whether `body` holds with so many threads. Suites of other targets set the number as well, so it has some tries.
private func holds(threads count: Int32, _ body: () -> Bool) -> Bool {
    (0..<20).contains { _ in withThreads(count, body) }
}

/// Runs `body` as a task of the pool. The closure may be called from several threads at once.
private func parallelFor(_ count: Int, grain: Int, _ body: @escaping @Sendable (Range<Int>) -> Void) {
    final class Box {
        let body: @Sendable (Range<Int>) -> Void
        init(_ body: @escaping @Sendable (Range<Int>) -> Void) { self.body = body }
    }
    let box = Box(body)
    withExtendedLifetime(box) {
        hone_parallel_for(
            count, grain,
            { context, begin, end in
                guard let context else { return }
                Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().body(begin..<end)
            }, Unmanaged.passUnretained(box).toOpaque())
    }
}

/// Counts that several threads add to.
private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [Int]
    private var pieces: [Range<Int>] = []
    private var running = 0
    private var mostRunning = 0

    init(_ count: Int) {
        counts = [Int](repeating: 0, count: count)
    }

    func enter(_ range: Range<Int>) {
        lock.withLock {
            for i in range { counts[i] += 1 }
            pieces.append(range)
            running += 1
            mostRunning = max(mostRunning, running)
        }
    }

    func leave() {
        lock.withLock { running -= 1 }
    }

    var result: (counts: [Int], pieces: [Range<Int>], mostRunning: Int) {
        lock.withLock { (counts, pieces, mostRunning) }
    }
}

extension ThreadCountTests {
    @Suite struct ParallelTests {
        @Test(arguments: [1, 2, 3, 8] as [Int32])
        func everyItemIsWorkedOnOnce(threads: Int32) {
            withThreads(threads) {
                for count in [1, 2, 3, 7, 16, 17, 100, 1001] {
                    for grain in [0, 1, 2, 5, 64, 2000] {
                        let tally = Tally(count)
                        parallelFor(count, grain: grain) { range in
                            tally.enter(range)
                            tally.leave()
                        }
                        #expect(tally.result.counts.allSatisfy { $0 == 1 }, "\(count) items, grain \(grain)")
                    }
                }
            }
        }

        @Test func onlyTheLastPieceIsBelowTheGrain() {
            withThreads(4) {
                for (count, grain) in [(100, 7), (1000, 1), (33, 32), (64, 16)] {
                    let tally = Tally(count)
                    parallelFor(count, grain: grain) { range in
                        tally.enter(range)
                        tally.leave()
                    }
                    for piece in tally.result.pieces where piece.upperBound < count {
                        #expect(piece.count >= grain)
                    }
                }
            }
        }

        @Test func nothingIsCalledForNoItems() {
            let tally = Tally(0)
            parallelFor(0, grain: 1) { tally.enter($0) }
            #expect(tally.result.pieces.isEmpty)
        }

        @Test func workWithinTheGrainIsOneCallOnTheCaller() {
            withThreads(4) {
                let caller = ObjectIdentifier(Thread.current)
                let tally = Tally(50)
                parallelFor(50, grain: 50) { range in
                    #expect(ObjectIdentifier(Thread.current) == caller)
                    tally.enter(range)
                }
                #expect(tally.result.pieces == [0..<50])
            }
        }

        @Test func withOneThreadTheCallerDoesAllInOneCall() {
            let caller = ObjectIdentifier(Thread.current)
            let alone = holds(threads: 1) {
                let tally = Tally(1000)
                parallelFor(1000, grain: 1) { range in
                    if ObjectIdentifier(Thread.current) == caller { tally.enter(range) }
                }
                return tally.result.pieces == [0..<1000]
            }
            #expect(alone)
        }

        @Test func aCallWithinATaskRunsThereInOneCall() {
            // While another suite has the pool, the outer call is the one that runs on its caller.
            let alone = holds(threads: 4) {
                let (outer, inner, cuts) = (Tally(20), Tally(20), Tally(20))
                parallelFor(20, grain: 1) { range in
                    outer.enter(range)
                    let thread = ObjectIdentifier(Thread.current)
                    for i in range {
                        parallelFor(1000, grain: 1) { part in
                            if part.lowerBound == 0 { inner.enter(i..<(i + 1)) }
                            let whole = part == 0..<1000 && ObjectIdentifier(Thread.current) == thread
                            if !whole { cuts.enter(i..<(i + 1)) }
                        }
                    }
                }
                #expect(outer.result.counts.allSatisfy { $0 == 1 })
                #expect(inner.result.counts.allSatisfy { $0 == 1 })
                return cuts.result.pieces.isEmpty
            }
            #expect(alone)
        }

        @Test func noMoreThreadsWorkAtOnceThanAreSet() {
            let kept = holds(threads: 3) {
                let tally = Tally(60)
                parallelFor(60, grain: 1) { range in
                    tally.enter(range)
                    usleep(200)
                    tally.leave()
                }
                return tally.result.mostRunning <= 3
            }
            #expect(kept)
        }

        @Test func callersOnSeveralThreadsAllGetTheirWorkDone() {
            withThreads(4) {
                let tallies = (0..<6).map { _ in Tally(200) }
                DispatchQueue.concurrentPerform(iterations: 6) { caller in
                    for _ in 0..<50 {
                        parallelFor(200, grain: 3) { range in
                            tallies[caller].enter(range)
                            tallies[caller].leave()
                        }
                    }
                }
                for tally in tallies {
                    #expect(tally.result.counts.allSatisfy { $0 == 50 })
                }
            }
        }

        @Test func workersThatSleepComeBack() {
            withThreads(4) {
                for _ in 0..<5 {
                    usleep(2000)
                    let tally = Tally(64)
                    parallelFor(64, grain: 1) { range in
                        tally.enter(range)
                        tally.leave()
                    }
                    #expect(tally.result.counts.allSatisfy { $0 == 1 })
                }
            }
        }

        @Test func theNumberOfThreadsIsOneAtLeastAndBounded() {
            for (asked, got) in [(0, 1), (-5, 1), (.min, 1), (1, 1), (3, 3)] as [(Int32, Int32)] {
                #expect(holds(threads: asked) { hone_threads() == got })
            }
            withThreads(.max) { #expect((1...4096).contains(hone_threads())) }
        }
    }
}
