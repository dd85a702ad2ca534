import Foundation

/// Times as RFC 3339 UTC with milliseconds, such as `2026-01-31T12:00:00.000Z`.
package enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// To the nearest millisecond; the style itself cuts off what is beyond.
  package static func text(_ date: Date) -> String { style.format(date.addingTimeInterval(0.0005)) }

  /// - Throws: `Problem` 400 naming the parameter.
  package static func parse(_ text: String, parameter: String) throws(Problem) -> Date {
    guard let date = date(text, style) ?? date(text, Date.ISO8601FormatStyle()) else {
      throw .malformed(
        "invalid_parameter",
        "\(parameter) is \"\(text.prefix(64))\"; expected an RFC 3339 time such as "
          + "2026-01-31T12:00:00Z.")
    }
    return date
  }

  /// The whole text as a time: the style's own `parse` is content with a beginning that is one.
  private static func date(_ text: String, _ style: Date.ISO8601FormatStyle) -> Date? {
    let whole = text.startIndex..<text.endIndex
    guard let found = try? style.consuming(text, startingAt: text.startIndex, in: whole),
      found.upperBound == text.endIndex
    else { return nil }
    return found.output
  }
}
