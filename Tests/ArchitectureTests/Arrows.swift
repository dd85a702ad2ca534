/// Who may import whom: the arrows of the design, target by target.
///
/// The compiler lets a file import what any dependency of its target drags in, so `Package.swift`
/// alone does not hold these. The table is the `dependencies` there; change both, or neither.
enum Arrows {
  /// What a target may import besides the system's modules.
  static let allowed: [String: Set<String>] = [
    "COpenBLAS": [], "CPNG": [], "CZlib": [], "CCrypto": [], "CGLPK": [], "CLinux": [],
    "CAllocations": [],

    "Documents": [],
    "LinearAlgebra": ["COpenBLAS"],
    "SignalFormats": ["CPNG"],

    "Networks": ["LinearAlgebra", "Documents"],
    "WeightFormats": ["Networks", "SignalFormats", "Documents", "CZlib", "SwiftProtobuf"],
    "Measurements": ["LinearAlgebra", "SignalFormats", "Documents"],
    "Inversion": ["Networks", "Measurements", "LinearAlgebra", "Documents", "CGLPK"],
    "BundledGenerators": [],
    "Experiments": [
      "Inversion", "Networks", "Measurements", "WeightFormats", "SignalFormats", "LinearAlgebra",
      "Documents", "BundledGenerators",
    ],

    "Jobs": [],
    "Storage": ["Jobs", "CCrypto", "GRDB", "GRDBSQLite"],
    "HTTP": ["CLinux", "HTTPTypes", "Logging"],
    "Service": [
      "HTTP", "Storage", "Jobs", "Inversion", "Networks", "Measurements", "WeightFormats",
      "SignalFormats", "LinearAlgebra", "Documents", "BundledGenerators", "CZlib", "HTTPTypes",
      "Logging",
    ],
    "ServiceConfiguration": ["Configuration", "Yams"],
    "preimage": [
      "Service", "ServiceConfiguration", "HTTP", "Storage", "Jobs", "Inversion", "Networks",
      "Measurements", "WeightFormats", "SignalFormats", "LinearAlgebra", "Documents",
      "BundledGenerators", "Experiments", "CLinux", "Logging", "ArgumentParser",
    ],
    "Fuzzing": ["WeightFormats", "Networks", "SignalFormats", "Documents", "HTTP"],
    "Benchmarks": [
      "Service", "HTTP", "Storage", "Jobs", "Inversion", "Networks", "Measurements",
      "WeightFormats", "LinearAlgebra", "Documents", "BundledGenerators", "SignalFormats",
      "CAllocations", "Logging", "ArgumentParser",
    ],
  ]

  /// The system's modules that any target may import: mathematics, memory, locks.
  static let system: Set<String> = [
    "Foundation", "FoundationEssentials", "Synchronization", "Glibc", "Musl", "Darwin",
  ]

  /// Targets that may also start work of their own: queues, sources, timers. Of those that compute only
  /// the one that lends spare cores.
  static let dispatching: Set<String> = [
    "LinearAlgebra", "HTTP", "Jobs", "Storage", "Service", "preimage", "Benchmarks",
  ]

  /// Targets that compute and nothing else: time, randomness and IO are passed in.
  static let pure: Set<String> = [
    "Documents", "Networks", "Measurements", "Inversion", "Experiments",
  ]

  /// Words that a target in `pure` has no use for.
  static let impureWords: Set<Substring> = [
    "ContinuousClock", "DispatchQueue", "FileHandle", "FileManager", "Process", "ProcessInfo",
    "SuspendingClock", "SystemRandomNumberGenerator", "Thread", "URLSession", "accept", "bind",
    "epoll_create1", "fopen", "listen", "socket",
  ]

  /// The imports of `source`, a file of `target`, that break an arrow.
  static func broken(in source: String, of target: String) -> [ImportScanner.Import] {
    var permitted = system.union(allowed[target] ?? [])
    if dispatching.contains(target) { permitted.insert("Dispatch") }
    return ImportScanner.imports(in: source).filter { !permitted.contains($0.module) }
  }

  /// The words of `source`, a file of `target`, that reach out of a pure target.
  static func impurities(in source: String, of target: String) -> [(word: Substring, line: Int)] {
    guard pure.contains(target) else { return [] }
    return SourceText(source).words.filter { impureWords.contains($0.word) }
  }
}
