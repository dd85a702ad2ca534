import COpenBLAS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The BLAS library as a whole: which kernels it runs, and on how many threads.
public enum OpenBLAS {
  /// Chooses the kernels that this processor deserves and one thread a call. Debian's OpenBLAS
  /// does not recognise recent processors and then runs kernels of the year 2004, four to five
  /// times slower; a value of `OPENBLAS_CORETYPE` that the user set is left alone.
  ///
  /// Every BLAS call of this module passes through here first, so there is nothing to remember.
  @inline(__always)
  static func prepare() {
    _ = prepared
  }

  /// The name of the kernels in use, such as `SkylakeX` or `Haswell`.
  public static var coreName: String {
    prepare()
    return String(cString: openblas_get_corename())
  }

  /// What the library says of its version and build.
  public static var configuration: String {
    prepare()
    return String(cString: openblas_get_config())
  }

  /// The kernels that suit the processor's instruction sets; `nil` where OpenBLAS's own choice
  /// should stand.
  public static let suitableCore: String? = {
    let flags = processorFlags()
    if flags.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"]) { return "SkylakeX" }
    if flags.isSuperset(of: ["avx2", "fma"]) { return "Haswell" }
    return nil
  }()

  /// Multiplications up to which a product of matrices that are not transposed is computed without
  /// copying them first; 0 where the kernels cannot.
  static let smallProductMax = coreName == "SkylakeX" ? 1_000_000 : 0

  private static let prepared: Void = {
    if getenv("OPENBLAS_CORETYPE") == nil, let core = suitableCore,
      String(cString: openblas_get_corename()) != core
    {
      setenv("OPENBLAS_CORETYPE", core, 1)
      gotoblas_dynamic_quit()
      gotoblas_dynamic_init()
    }
    openblas_set_num_threads(1)
    keepFreedMemory()
  }()

  /// Batches are of the same sizes again and again. By default the allocator hands large ones back
  /// to the system each time, and the system clears their pages anew at the next: 4000 page faults
  /// and 5 % of the time of a convolutional generator's value and pullback for 32 samples. Up to
  /// 256 MiB of free memory stay with the process instead.
  private static func keepFreedMemory() {
    #if canImport(Glibc)
      _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
      _ = mallopt(M_TRIM_THRESHOLD, 256 << 20)
    #endif
  }

  private static func processorFlags() -> Set<Substring> {
    guard let file = fopen("/proc/cpuinfo", "r") else { return [] }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("flags") {
        return Set(text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }))
      }
    }
    return []
  }
}
