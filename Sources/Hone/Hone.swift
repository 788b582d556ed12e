@_exported import HoneData
import HoneKernels
@_exported import HoneNN
@_exported import HoneOptim
@_exported import HonePlot
@_exported import HoneSchedule
@_exported import HoneTensor

/// The number of threads that kernels use, `Hone.threads`: `HONE_THREADS` at the start, else all cores. It changes the
/// speed of a run and not one bit of its result. A number below 1 becomes 1.
public var threads: Int {
    get { Int(hone_threads()) }
    set { hone_set_threads(Int32(clamping: max(1, newValue))) }
}
