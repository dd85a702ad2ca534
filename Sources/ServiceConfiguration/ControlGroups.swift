import Foundation

/// The control groups of Linux that a process is in, of version 1 and 2: what they, and those above
/// them, leave it of the machine.
public struct ControlGroups {
  /// As in `/proc/self/cgroup`: a line has a number, controllers and a path.
  public var membership: String
  /// The text of the file at a path, where there is one.
  public var read: (String) -> String?

  public init(membership: String, read: @escaping (String) -> String?) {
    self.membership = membership
    self.read = read
  }

  /// Those of this process.
  public static var current: ControlGroups {
    func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    return ControlGroups(membership: read("/proc/self/cgroup") ?? "", read: read)
  }

  /// The least limit of memory in bytes; nil where there is none.
  public var memoryBytesMax: Int? {
    membership.split(separator: "\n").flatMap { line -> [Int] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      if fields[1].split(separator: ",").contains("memory") {
        return limits("/sys/fs/cgroup/memory", fields[2], "memory.limit_in_bytes")
      }
      return fields[0] == "0" ? limits("/sys/fs/cgroup", fields[2], "memory.max") : []
    }.min()
  }

  /// Of a group and of all above it. In a container the path may be one that only its host sees:
  /// what is mounted is then the group itself.
  private func limits(_ mount: String, _ path: Substring, _ file: String) -> [Int] {
    let names = path.split(separator: "/").filter { $0 != ".." }
    return (0...names.count).compactMap { depth in
      let group = names.prefix(depth).reduce(mount) { "\($0)/\($1)" }
      // No limit is `max`, or in version 1 a number above any machine's memory.
      return read("\(group)/\(file)").flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
  }
}
