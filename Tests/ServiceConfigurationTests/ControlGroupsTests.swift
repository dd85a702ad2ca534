import ServiceConfiguration
import Testing

/// What control groups leave of a machine's memory.
struct ControlGroupsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var membership: String
    /// Below `/sys/fs/cgroup`.
    var files: [String: String]
    var bytes: Int?
  }

  private static let unlimited = "9223372036854771712\n"

  @Test(
    arguments: [
      Case(
        testDescription: "a unit of systemd", membership: "0::/system.slice/preimage.service\n",
        files: [
          "system.slice/preimage.service/memory.max": "1000\n", "system.slice/memory.max": "max\n",
        ], bytes: 1000),
      Case(
        testDescription: "a slice above it", membership: "0::/system.slice/preimage.service\n",
        files: [
          "system.slice/preimage.service/memory.max": "1000\n", "system.slice/memory.max": "70\n",
        ], bytes: 70),
      Case(
        testDescription: "a container", membership: "0::/\n", files: ["memory.max": "5\n"],
        bytes: 5),
      Case(
        testDescription: "a container of version 1 that names its host's path",
        membership: "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n",
        files: ["memory/memory.limit_in_bytes": "6\n", "memory.max": "5\n"], bytes: 6),
      Case(
        testDescription: "version 1 beside version 2", membership: "4:memory:/one\n0::/two\n",
        files: [
          "memory/one/memory.limit_in_bytes": "7\n", "memory/memory.limit_in_bytes": unlimited,
        ], bytes: 7),
      Case(
        testDescription: "a group outside of what is seen", membership: "0::/../other\n",
        files: ["memory.max": "8\n"], bytes: 8),
      Case(
        testDescription: "others only", membership: "5:cpu:/a\n1:name=systemd:/a\n",
        files: ["memory/a/memory.limit_in_bytes": "9\n", "a/memory.max": "9\n"]),
      Case(testDescription: "no limit", membership: "0::/a\n", files: ["a/memory.max": "max\n"]),
      Case(testDescription: "nothing understood", membership: "0:\n::\nmemory\n", files: [:]),
    ])
  func leave(given: Case) {
    let groups = ControlGroups(membership: given.membership) { path in
      path.hasPrefix("/sys/fs/cgroup/")
        ? given.files[String(path.dropFirst("/sys/fs/cgroup/".count))] : nil
    }
    #expect(groups.memoryBytesMax == given.bytes)
  }
}
