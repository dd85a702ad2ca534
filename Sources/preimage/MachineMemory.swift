import Foundation
import ServiceConfiguration

/// How much memory the process may use.
enum MachineMemory {
  /// The machine's, or what the process's control groups leave of it.
  static var bytes: Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return min(machine, ControlGroups.current.memoryBytesMax ?? machine)
  }
}
