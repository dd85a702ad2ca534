import Documents
import Foundation
import Logging

/// One line of the log: when, how grave, what, and the fields that say more.
package struct LogLine: Sendable {
  package enum Value: Sendable, Equatable {
    case text(String)
    case count(Int)
    case number(Double)
  }

  package enum Format: String, Sendable, CaseIterable {
    /// For people: the message and `name=value`.
    case text
    /// For machines: one JSON object.
    case json
  }

  package var moment: Date
  package var level: Logger.Level
  package var message: String
  /// In order; a name that is given twice stands twice.
  package var fields: [(name: String, value: Value)]

  package init(
    _ moment: Date, _ level: Logger.Level, _ message: String,
    _ fields: [(name: String, value: Value)]
  ) {
    self.moment = moment
    self.level = level
    self.message = message
    self.fields = fields
  }

  /// Adds the line with its line feed. Nothing in a message or a field can end the line or colour a
  /// terminal: control characters are escaped.
  package func append(to bytes: inout [UInt8], as format: Format) {
    switch format {
    case .json:
      var object = JSONObjectWriter()
      object.add("time", .string(Timestamp.text(moment)))
      object.add("level", .string(level.rawValue))
      object.add("message", .string(message))
      for (name, value) in fields { object.add(name, value.json) }
      bytes += object.finish()
    case .text:
      bytes.append(contentsOf: Timestamp.text(moment).utf8)
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: level.rawValue.utf8)
      bytes.append(UInt8(ascii: " "))
      bytes.appendPlain(message)
      for (name, value) in fields {
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        value.append(to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  package func bytes(_ format: Format) -> [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes, as: format)
    return bytes
  }
}

extension LogLine.Value {
  fileprivate var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .count(let count): JSONValue(count)
    case .number(let number): .number(number)
    }
  }

  /// In quotes where a blank, a quote or an equals sign is in it.
  fileprivate func append(to bytes: inout [UInt8]) {
    switch self {
    case .text(let text):
      let isWord = !text.utf8.isEmpty && text.utf8.allSatisfy { !Self.asksForQuotes($0) }
      guard !isWord else { return bytes.appendPlain(text) }
      bytes.append(UInt8(ascii: "\""))
      bytes.appendPlain(text.replacing("\"", with: "\\\""))
      bytes.append(UInt8(ascii: "\""))
    case .count(let count): bytes.append(contentsOf: String(count).utf8)
    case .number(let number): bytes.append(contentsOf: String(number).utf8)
    }
  }

  private static func asksForQuotes(_ byte: UInt8) -> Bool {
    [UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "=")].contains(byte)
  }
}

extension [UInt8] {
  /// The text with control characters as their escapes.
  fileprivate mutating func appendPlain(_ text: String) {
    // No byte of theirs is a control character by itself, but one of C1 may begin with 0xC2.
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 }
    guard !isPlain else { return append(contentsOf: text.utf8) }
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      append(contentsOf: isControl ? scalar.escaped(asASCII: true).utf8 : String(scalar).utf8)
    }
  }
}
