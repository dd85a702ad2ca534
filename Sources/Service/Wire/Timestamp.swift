import Foundation

/// Times as RFC 3339 UTC with milliseconds, such as `2026-01-31T12:00:00.000Z`.
enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  static func text(_ date: Date) -> String { style.format(date) }

  /// - Throws: `Problem` 400 naming the parameter.
  static func parse(_ text: String, parameter: String) throws(Problem) -> Date {
    let date =
      (try? style.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
    guard let date else {
      throw .malformed(
        "invalid_parameter",
        "\(parameter) is \"\(text.prefix(64))\"; expected an RFC 3339 time such as "
          + "2026-01-31T12:00:00Z.")
    }
    return date
  }
}
