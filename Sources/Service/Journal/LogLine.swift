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

  /// The line with its line feed. Nothing in a message or a field can end the line or colour a
  /// terminal: control characters are escaped.
  package func bytes(_ format: Format) -> [UInt8] {
    switch format {
    case .json:
      var object = JSONObjectWriter()
      object.add("time", .string(Timestamp.text(moment)))
      object.add("level", .string(level.rawValue))
      object.add("message", .string(message))
      for (name, value) in fields { object.add(name, value.json) }
      return object.finish() + [UInt8(ascii: "\n")]
    case .text:
      let words =
        [Timestamp.text(moment), level.rawValue, Self.plain(message)]
        + fields.map { "\($0.name)=\($0.value.text)" }
      return Array((words.joined(separator: " ") + "\n").utf8)
    }
  }

  fileprivate static func plain(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { plain, scalar in
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      if isControl {
        plain += scalar.escaped(asASCII: true)
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
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

  /// In quotes where a blank or a quote is in it.
  fileprivate var text: String {
    switch self {
    case .text(let text):
      text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        ? "\"" + LogLine.plain(text).replacing("\"", with: "\\\"") + "\"" : LogLine.plain(text)
    case .count(let count): String(count)
    case .number(let number): String(number)
    }
  }
}
