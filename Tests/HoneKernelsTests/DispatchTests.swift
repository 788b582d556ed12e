import HoneKernels
import Testing

@Suite struct DispatchTests {
    /// What HONE_CPU=`asked` leads to, and the complaint about it.
    private func resolve(_ asked: String?, room: Int = 256) -> (isa: hone_isa, complaint: String) {
        var buffer = [CChar](repeating: 1, count: room)
        let isa = asked.map { hone_isa_resolve($0, &buffer, room) } ?? hone_isa_resolve(nil, &buffer, room)
        let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        #expect(bytes.count < room, "the complaint is terminated within its buffer")
        return (isa, String(decoding: bytes, as: UTF8.self))
    }

    @Test func everyNameIsReadBack() {
        for isa in [HONE_ISA_AUTO, HONE_ISA_PORTABLE, HONE_ISA_AVX2, HONE_ISA_AVX512, HONE_ISA_NEON] {
            var parsed = hone_isa(rawValue: -1)
            #expect(hone_isa_parse(hone_isa_name(isa), &parsed))
            #expect(parsed == isa)
        }
    }

    @Test func capitalsAreReadAsSmallLetters() {
        var parsed = HONE_ISA_AUTO
        #expect(hone_isa_parse("Avx512", &parsed))
        #expect(parsed == HONE_ISA_AVX512)
    }

    @Test(arguments: ["", "avx", "avx2 ", " avx2", "avx1024", "portablé"])
    func whatIsNoNameIsRefusedAndLeavesTheResultAlone(name: String) {
        var parsed = HONE_ISA_NEON
        #expect(!hone_isa_parse(name, &parsed))
        #expect(parsed == HONE_ISA_NEON)
    }

    @Test func portableIsAlwaysAvailableAndAutoIsNoSetOfItsOwn() {
        #expect(hone_isa_available(HONE_ISA_PORTABLE))
        #expect(!hone_isa_available(HONE_ISA_AUTO))
        #expect(!hone_isa_available(hone_isa(rawValue: 99)))
        #expect(!hone_isa_available(hone_isa(rawValue: -1)))
    }

    @Test func theActiveSetIsAvailable() {
        #expect(hone_isa_available(hone_isa_active()))
        #expect(hone_isa_usable(HONE_ISA_AUTO) == hone_isa_active())
    }

    @Test func aKernelRunsTheSetAskedForWhereItCan() {
        for isa in availableVariants {
            #expect(hone_isa_usable(isa) == isa)
        }
        for isa in [HONE_ISA_AVX2, HONE_ISA_AVX512, HONE_ISA_NEON] where !hone_isa_available(isa) {
            #expect(hone_isa_usable(isa) == hone_isa_active())
        }
    }

    @Test func askingForNothingGivesTheBestWithoutComplaint() {
        let best = resolve(nil)
        #expect(best.complaint.isEmpty)
        #expect(hone_isa_available(best.isa))
        #expect(resolve("") == best)
        #expect(resolve("auto") == best)
    }

    @Test func anAvailableSetIsForcedWithoutComplaint() {
        for isa in availableVariants {
            let forced = resolve(String(cString: hone_isa_name(isa)))
            #expect(forced.isa == isa)
            #expect(forced.complaint.isEmpty)
        }
    }

    @Test func anUnknownNameIsNamedInTheComplaintBesideWhatThereIs() {
        let (isa, complaint) = resolve("sse9")
        #expect(isa == resolve(nil).isa)
        #expect(complaint.contains("HONE_CPU=sse9"))
        for available in availableVariants {
            #expect(complaint.contains(String(cString: hone_isa_name(available))))
        }
    }

    @Test func aSetOfAnotherMachineIsNamedInTheComplaint() {
        for isa in [HONE_ISA_AVX2, HONE_ISA_AVX512, HONE_ISA_NEON] where !hone_isa_available(isa) {
            let name = String(cString: hone_isa_name(isa))
            let (chosen, complaint) = resolve(name)
            #expect(chosen == resolve(nil).isa)
            #expect(complaint.contains("HONE_CPU=\(name) is not available"))
        }
    }

    @Test func aComplaintFitsAnyBuffer() {
        let long = String(repeating: "x", count: 10_000)
        #expect(resolve(long).complaint.contains("available: portable"))
        #expect(resolve(long, room: 8).complaint.count == 7)
        #expect(resolve(long, room: 1).complaint.isEmpty)
    }
}
