import COpenBLAS
import Foundation
import LinearAlgebra
import Testing

struct OpenBLASTests {
  /// Debian's library takes recent processors for machines of 2004; this module must not.
  @Test func runsTheKernelsThatTheProcessorDeserves() {
    let core = OpenBLAS.coreName
    print("OpenBLAS kernels: \(core); \(OpenBLAS.configuration)")
    guard let suitable = OpenBLAS.suitableCore else { return }
    if ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil
      || getenv("OPENBLAS_CORETYPE").map({ String(cString: $0) }) == suitable
    {
      #expect(core == suitable)
      #expect(!["Prescott", "Core2", "generic", "Unknown"].contains(core))
    } else {
      print("OPENBLAS_CORETYPE is set by the user and left alone: \(core)")
    }
  }

  @Test func takesOneThreadACall() {
    _ = OpenBLAS.coreName
    #expect(openblas_get_num_threads() == 1)
  }
}
