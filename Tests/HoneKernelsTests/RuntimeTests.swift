import Foundation
import HoneKernels
import Testing

// Signals are not raised here, as all suites share a process: an interrupt is tested where a child process trains.
@Suite struct RuntimeTests {
    @Test func everyThreadHasASlotOfItsOwn() {
        let former = hone_thread_slot()
        defer { hone_set_thread_slot(former) }
        let mark = UnsafeMutableRawPointer(bitPattern: 0x1234)
        hone_set_thread_slot(mark)
        #expect(hone_thread_slot() == mark)

        final class Seen: @unchecked Sendable {
            var slot = UnsafeMutableRawPointer(bitPattern: 1)
        }
        let seen = Seen()
        let done = DispatchSemaphore(value: 0)
        Thread {
            seen.slot = hone_thread_slot()
            hone_set_thread_slot(UnsafeMutableRawPointer(bitPattern: 0x99))
            done.signal()
        }.start()
        done.wait()
        #expect(seen.slot == nil)
        #expect(hone_thread_slot() == mark)
    }

    @Test func theClockCountsNanosecondsForward() {
        let start = hone_clock_ns()
        var last = start
        for _ in 0..<1000 {
            let now = hone_clock_ns()
            #expect(now >= last)
            last = now
        }
        usleep(2000)
        #expect(hone_clock_ns() - start >= 2_000_000)
    }

    @Test func withoutAnInterruptTheFlagIsDown() {
        hone_interrupt_begin()
        hone_interrupt_begin()
        #expect(!hone_interrupted())
        hone_interrupt_end()
        #expect(!hone_interrupted())
        hone_interrupt_end()
    }
}
