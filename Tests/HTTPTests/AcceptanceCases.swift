import Foundation

/// One case of `http_cases.py`, the acceptance script that may lie beside the checkout.
struct AcceptanceCase: Sendable, CustomStringConvertible {
  let name: String
  /// What is sent, pauses left out.
  let bytes: [UInt8]
  /// Whether the client ends its side after the bytes.
  let finishes: Bool
  /// What the script's own `meets` judges by.
  let expected: String

  var description: String { name }

  /// The folder of the script: `../shared/acceptance` beside the checkout.
  static let folder: URL? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.deletingLastPathComponent().appending(path: "shared/acceptance")
    let script = folder.appending(path: "http_cases.py")
    return FileManager.default.fileExists(atPath: script.path) ? folder : nil
  }()

  /// Every case of the script, as Python reads it.
  static func all() throws -> [AcceptanceCase] {
    guard let folder else { return [] }
    let program = """
      import sys
      sys.path.insert(0, sys.argv[1])
      import http_cases
      for name, pieces, expected in http_cases.CASES:
        data = b"".join(piece for piece in pieces if isinstance(piece, bytes))
        print(name, data.hex(), int("FIN" in pieces), expected, sep="\\t")
      """
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-B", "-c", program, folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return AcceptanceCase(
        name: parts[0], bytes: hexadecimal(parts[1]), finishes: parts[2] == "1",
        expected: parts[3])
    }
  }

  /// Whether it can be answered by going on: then only the client's end ends the connection.
  var mayBeAccepted: Bool { expected.contains("A") }

  /// The script's own judgement, of an answer that is over.
  func isMet(by statuses: [Int]) -> Bool {
    expected.split(separator: "|").contains { one in
      switch one {
      case "A": statuses.first.map(Self.isAccepted) ?? false
      case "A1": statuses.count == 1 && statuses.allSatisfy(Self.isAccepted)
      case "A2": statuses.count == 2 && statuses.allSatisfy(Self.isAccepted)
      default: statuses.isEmpty || statuses.count == 1 && Self.refusals(one).contains(statuses[0])
      }
    }
  }

  private static func isAccepted(_ status: Int) -> Bool {
    status / 100 == 2 || status == 404 || status == 405
  }

  private static func refusals(_ rule: Substring) -> Set<Int> {
    guard let colon = rule.firstIndex(of: ":") else {
      return [400, 408, 411, 413, 414, 417, 431, 501, 505]
    }
    return Set(rule[rule.index(after: colon)...].split { !$0.isNumber }.compactMap { Int($0) })
  }

  private static func hexadecimal(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { $0 > 0x39 ? $0 - 0x57 : $0 - 0x30 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
