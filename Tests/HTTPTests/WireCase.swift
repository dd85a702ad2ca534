import Foundation

/// One case of `Fixtures/wire-cases.txt`: bytes, and what a strict server answers to them.
struct WireCase: Sendable, CustomStringConvertible {
  let name: String
  /// Every final status, in order.
  let statuses: [Int]
  /// Whether the server ends the connection and answers nothing that is sent on.
  let closes: Bool
  /// The section that asks for it, and why.
  let reason: String
  fileprivate(set) var bytes: [UInt8] = []
  /// Whether the client ends its side after the bytes.
  fileprivate(set) var finishes = false

  var description: String { "[\(name)] \(reason)" }

  static let all: [WireCase] = {
    guard
      let file = Bundle.module.url(forResource: "Fixtures/wire-cases", withExtension: "txt"),
      let text = try? String(contentsOf: file, encoding: .utf8)
    else { preconditionFailure("Fixtures/wire-cases.txt is not in the bundle") }
    return read(text)
  }()

  /// The cases of a text whose header describes the format; anything else traps, naming the line.
  private static func read(_ text: String) -> [WireCase] {
    var cases: [WireCase] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.isEmpty {
        isInside = false
      } else if isInside {
        cases[cases.count - 1].take(line)
      } else if line.hasPrefix("[") {
        cases.append(WireCase(heading: line))
        isInside = true
      } else {
        precondition(line.hasPrefix("#"), "outside a case: \(line)")
      }
    }
    return cases
  }

  private init(heading: String) {
    guard let end = heading.firstIndex(of: "]"), let bar = heading.firstIndex(of: "|"), end < bar
    else { preconditionFailure("no heading of a case: \(heading)") }
    name = String(heading[heading.index(after: heading.startIndex)..<end])
    reason = heading[heading.index(after: bar)...].trimmingCharacters(in: .whitespaces)
    var words = heading[heading.index(after: end)..<bar].split(separator: " ")
    let last = words.popLast()
    precondition(last == "open" || last == "close", "open or close: \(heading)")
    closes = last == "close"
    statuses = words.flatMap { word in
      let parts = word.split(separator: "*").compactMap { Int($0) }
      precondition((1...2).contains(parts.count), "a status, or a status*count: \(heading)")
      return [Int](repeating: parts[0], count: parts.count == 2 ? parts[1] : 1)
    }
  }

  private mutating func take(_ line: String) {
    precondition(!finishes, "bytes after !fin in \(name)")
    if line == "!fin" {
      finishes = true
    } else if line.hasPrefix("*"), let space = line.firstIndex(of: " "),
      let count = Int(line[line.index(after: line.startIndex)..<space])
    {
      let piece = Self.unescaped(line[line.index(after: space)...])
      for _ in 0..<count { bytes += piece }
    } else {
      bytes += Self.unescaped(line[...])
    }
  }

  private static func unescaped(_ text: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "\\") {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "r"): bytes.append(13)
      case UInt8(ascii: "n"): bytes.append(10)
      case UInt8(ascii: "t"): bytes.append(9)
      case UInt8(ascii: "0"): bytes.append(0)
      case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x"):
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard digits.count == 2, let value = UInt8(digits, radix: 16) else {
          preconditionFailure("\\x wants two digits: \(text)")
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: preconditionFailure("unknown escape: \(text)")
      }
    }
    return bytes
  }
}
