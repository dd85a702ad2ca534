import Foundation

/// How much memory the process may use.
enum MachineMemory {
  /// The machine's, or what the process's control group leaves of it.
  static var bytes: Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8),
      let most = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), most > 0
    else { return machine }
    return min(machine, most)
  }
}
