import Foundation

/// What the kernel knows of this process, under the names that Prometheus' own clients use.
struct ProcessStatistics {
  var cpuSeconds: Double
  var residentBytes: Int
  var virtualBytes: Int
  /// Since 1970.
  var startSeconds: Double
  var threads: Int
  var openDescriptors: Int
  var descriptorsMax: Int

  /// - Returns: `nil` where there is no `/proc` [proc(5)].
  static func now() -> ProcessStatistics? {
    guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      // The name in brackets may hold anything; numbers follow the last one. The first is field 3.
      let end = stat.lastIndex(of: ")"),
      let system = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let bootLine = system.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = Double(bootLine.dropFirst("btime ".count)),
      let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ").compactMap { Double($0) }
    // Without the state, which is a letter: field n lies at n - 4.
    guard fields.count > 20 else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return ProcessStatistics(
      cpuSeconds: (fields[10] + fields[11]) / ticks,
      residentBytes: Int(fields[20]) * Int(sysconf(Int32(_SC_PAGESIZE))),
      virtualBytes: Int(fields[19]), startSeconds: boot + fields[18] / ticks,
      threads: Int(fields[16]), openDescriptors: descriptors.count,
      descriptorsMax: Int(clamping: limit.rlim_cur))
  }

  func add(to text: inout MetricsText) {
    text.family(
      "process_cpu_seconds_total", "User and system CPU time.", "counter", [([], cpuSeconds)])
    text.gauge("process_resident_memory_bytes", "Resident memory.", residentBytes)
    text.gauge("process_virtual_memory_bytes", "Virtual memory.", virtualBytes)
    text.gauge("process_start_time_seconds", "Start since the epoch.", startSeconds)
    text.gauge("process_threads", "Threads of the operating system.", threads)
    text.gauge("process_open_fds", "Open file descriptors.", openDescriptors)
    text.gauge("process_max_fds", "File descriptors that may be open.", descriptorsMax)
  }
}
