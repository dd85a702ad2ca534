import Foundation
import HTTP

/// Times as RFC 3339 UTC with milliseconds, such as `2026-01-31T12:00:00.000Z`.
package enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// To the nearest millisecond. An answer holds several times, and the style takes longer for one
  /// than the database for the row.
  ///
  /// - Parameter date: in the years 0001 to 9999.
  package static func text(_ date: Date) -> String {
    let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded())
    let (day, ofDay) = milliseconds.flooredDivision(by: 86_400_000)
    let (year, month, dayOfMonth) = HTTPDate.civil(day)
    return String(unsafeUninitializedCapacity: 24) { bytes in
      func write(_ value: Int, _ digits: Int, at place: Int) {
        var value = value
        for digit in stride(from: place + digits - 1, through: place, by: -1) {
          bytes[digit] = UInt8(ascii: "0") + UInt8(value % 10)
          value /= 10
        }
      }
      _ = bytes.update(fromContentsOf: "0000-00-00T00:00:00.000Z".utf8)
      write(year, 4, at: 0)
      write(month, 2, at: 5)
      write(dayOfMonth, 2, at: 8)
      write(ofDay / 3_600_000, 2, at: 11)
      write(ofDay / 60_000 % 60, 2, at: 14)
      write(ofDay / 1000 % 60, 2, at: 17)
      write(ofDay % 1000, 3, at: 20)
      return 24
    }
  }

  /// - Throws: `Problem` 400 naming the parameter.
  package static func parse(_ text: String, parameter: String) throws(Problem) -> Date {
    guard let (time, offsetSeconds) = inUTC(text),
      let date = date(time, style) ?? date(time, Date.ISO8601FormatStyle())
    else {
      throw .malformed(
        "invalid_parameter",
        "\(parameter) is \"\(text.prefix(64))\"; expected an RFC 3339 time such as "
          + "2026-01-31T12:00:00Z.")
    }
    return date.addingTimeInterval(-Double(offsetSeconds))
  }

  /// The local time as if it were UTC, and how far it is ahead of UTC: the style itself knows fewer
  /// offsets than RFC 3339 has, `-23:59` to `+23:59`. `nil` for an offset beyond.
  private static func inUTC(_ text: String) -> (time: String, offsetSeconds: Int)? {
    let zone = Array(text.utf8.suffix(6))
    guard zone.count == 6, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(zone[0]),
      zone[3] == UInt8(ascii: ":"), [1, 2, 4, 5].allSatisfy({ zone[$0] &- 0x30 < 10 })
    else { return (text, 0) }
    func number(_ place: Int) -> Int { 10 * Int(zone[place] - 0x30) + Int(zone[place + 1] - 0x30) }
    guard number(1) < 24, number(4) < 60 else { return nil }
    let seconds = 3600 * number(1) + 60 * number(4)
    let isAhead = zone[0] == UInt8(ascii: "+")
    return (
      String(decoding: text.utf8.dropLast(6), as: UTF8.self) + "Z", isAhead ? seconds : -seconds
    )
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

extension Int {
  fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
