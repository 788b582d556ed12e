import Foundation
import HoneKernels
import Testing

@Suite struct MemoryTests {
    /// Runs `body` with a pool of its own.
    private func withPool(cap: Int = 1 << 30, _ body: (OpaquePointer) throws -> Void) throws {
        let pool = try #require(hone_pool_create(cap))
        defer { hone_pool_release(pool) }
        try body(pool)
    }

    @Test func blocksAreAlignedAndHoldWhatWasAskedFor() throws {
        try withPool { pool in
            let sizes = [0, 1, 63, 64, 65, 255, 256, 257, 1000, 4096, 100_000, 2 << 20, (2 << 20) + 1, 5_000_000]
            var blocks: [UnsafeMutableRawPointer] = []
            for size in sizes {
                let block = try #require(hone_pool_allocate(pool, size))
                #expect(UInt(bitPattern: block) % 64 == 0)
                memset(block, Int32(blocks.count + 1), size)
                blocks.append(block)
            }
            for (index, (block, size)) in zip(blocks, sizes).enumerated() {
                let bytes = UnsafeRawBufferPointer(start: block, count: size)
                let whole = bytes.first.map { $0 == UInt8(index + 1) && bytes.last == $0 } ?? true
                #expect(whole, "blocks do not overlap")
                hone_pool_free(block)
            }
        }
    }

    @Test func aBlockWastesAFifthAtMost() throws {
        try withPool { pool in
            for size in [257, 300, 1000, 5000, 65_537, 1_000_000, 3_000_000] {
                let block = hone_pool_allocate(pool, size)
                #expect(hone_pool_read(pool).live_bytes >= size)
                #expect(Double(hone_pool_read(pool).live_bytes) <= Double(size) * 1.25)
                hone_pool_free(block)
            }
        }
    }

    @Test func aBlockThatComesBackIsHandedOutAgain() throws {
        try withPool { pool in
            let first = try #require(hone_pool_allocate(pool, 1000))
            hone_pool_free(first)
            #expect(hone_pool_read(pool).kept_bytes >= 1000)
            let second = hone_pool_allocate(pool, 1020)
            #expect(second == first)
            let statistics = hone_pool_read(pool)
            #expect(statistics.kept_bytes == 0)
            #expect(statistics.allocations == 2)
            #expect(statistics.system_allocations == 1)
            hone_pool_free(second)
        }
    }

    @Test func aBlockOfAnotherSizeIsNotHandedOut() throws {
        try withPool { pool in
            hone_pool_free(hone_pool_allocate(pool, 100))
            let block = hone_pool_allocate(pool, 1000)
            #expect(hone_pool_read(pool).system_allocations == 2)
            hone_pool_free(block)
        }
    }

    @Test func noMoreIsKeptThanTheCap() throws {
        try withPool(cap: 2500) { pool in
            let blocks = (0..<5).map { _ in hone_pool_allocate(pool, 1024) }
            for block in blocks { hone_pool_free(block) }
            #expect(hone_pool_read(pool).kept_bytes == 2048)
            #expect(hone_pool_read(pool).live_blocks == 0)
        }
    }

    @Test func aCapOfZeroKeepsNothing() throws {
        try withPool(cap: 0) { pool in
            hone_pool_free(hone_pool_allocate(pool, 10))
            #expect(hone_pool_read(pool).kept_bytes == 0)
        }
    }

    @Test func aLoweredCapReleasesWhatIsKeptBeyondIt() throws {
        try withPool { pool in
            let live = hone_pool_allocate(pool, 1024)
            for block in (0..<4).map({ _ in hone_pool_allocate(pool, 1024) }) { hone_pool_free(block) }
            hone_pool_set_cap(pool, 4096)
            #expect(hone_pool_read(pool).kept_bytes == 4096)
            hone_pool_set_cap(pool, 4095)
            #expect(hone_pool_cap(pool) == 4095)
            #expect(hone_pool_read(pool).kept_bytes == 0)
            for block in (0..<4).map({ _ in hone_pool_allocate(pool, 1024) }) { hone_pool_free(block) }
            #expect(hone_pool_read(pool).kept_bytes == 3072)
            hone_pool_free(live)
        }
    }

    @Test func trimmingReturnsWhatIsKeptAndNothingElse() throws {
        try withPool { pool in
            let live = try #require(hone_pool_allocate(pool, 500))
            memset(live, 7, 500)
            hone_pool_free(hone_pool_allocate(pool, 500))
            hone_pool_free(hone_pool_allocate(pool, 3 << 20))
            #expect(hone_pool_read(pool).kept_bytes > 3 << 20)
            hone_pool_trim(pool)
            let statistics = hone_pool_read(pool)
            #expect(statistics.kept_bytes == 0)
            #expect(statistics.live_blocks == 1)
            #expect(live.load(as: UInt8.self) == 7)
            hone_pool_free(live)
        }
    }

    @Test func thePeakStaysUntilItIsReset() throws {
        try withPool { pool in
            let small = hone_pool_allocate(pool, 256)
            hone_pool_free(hone_pool_allocate(pool, 1024))
            #expect(hone_pool_read(pool).live_bytes == 256)
            #expect(hone_pool_read(pool).peak_bytes == 1280)
            hone_pool_reset_peak(pool)
            #expect(hone_pool_read(pool).peak_bytes == 256)
            hone_pool_free(small)
            #expect(hone_pool_read(pool).peak_bytes == 256)
        }
    }

    @Test func aSizeThatCannotBeIsRefused() throws {
        try withPool { pool in
            for size in [Int(bitPattern: UInt.max), .max, .max / 2] {
                #expect(hone_pool_allocate(pool, size) == nil)
            }
            #expect(hone_pool_read(pool).live_blocks == 0)
            #expect(hone_pool_read(pool).allocations == 0)
        }
    }

    @Test func freeingNothingIsAllowed() {
        hone_pool_free(nil)
        hone_pool_release(nil)
    }

    @Test func aBlockOutlivesTheOwnersHold() throws {
        let pool = try #require(hone_pool_create(1 << 20))
        let block = try #require(hone_pool_allocate(pool, 300))
        let other = try #require(hone_pool_allocate(pool, 300))
        hone_pool_release(pool)
        memset(block, 1, 300)
        hone_pool_free(other)
        #expect(hone_pool_read(pool).live_blocks == 1, "the pool is there as long as a block is")
        #expect(hone_pool_read(pool).kept_bytes == 0, "and keeps nothing that nobody can ask for")
        hone_pool_free(block)
    }

    @Test func severalThreadsShareAPool() throws {
        try withPool { pool in
            let address = UInt(bitPattern: pool)
            DispatchQueue.concurrentPerform(iterations: 4) { worker in
                guard let pool = OpaquePointer(bitPattern: address) else { return }
                var live: [(UnsafeMutableRawPointer, Int)] = []
                var numbers = TestNumbers(seed: UInt64(worker))
                for _ in 0..<2000 {
                    if live.count < 20, let block = hone_pool_allocate(pool, Int(numbers.next() % 3000) + 1) {
                        block.storeBytes(of: UInt8(worker), as: UInt8.self)
                        live.append((block, worker))
                    } else {
                        let (block, owner) = live.remove(at: Int(numbers.next() % UInt64(live.count)))
                        #expect(block.load(as: UInt8.self) == UInt8(owner))
                        hone_pool_free(block)
                    }
                }
                for (block, _) in live { hone_pool_free(block) }
            }
            let statistics = hone_pool_read(pool)
            #expect(statistics.live_bytes == 0)
            #expect(statistics.live_blocks == 0)
        }
    }
}
