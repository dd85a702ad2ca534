/// Dates as HTTP writes them, IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`
/// (RFC 9110 section 5.6.7).
public enum HTTPDate {
  /// The date of `unixSeconds`, which must lie in the years 1970 to 9999.
  public static func text(unixSeconds: Int) -> String {
    String(decoding: bytes(unixSeconds: unixSeconds), as: UTF8.self)
  }

  static func bytes(unixSeconds: Int) -> [UInt8] {
    precondition((0..<253_402_300_800).contains(unixSeconds), "\(unixSeconds) s is out of range")
    let days = unixSeconds / 86_400
    let second = unixSeconds % 86_400
    let (year, month, day) = civil(days)
    var text = Array(weekdays[(days + 4) % 7].utf8)
    text += ", ".utf8
    append(day, digits: 2, to: &text)
    text += " \(months[month - 1]) ".utf8
    append(year, digits: 4, to: &text)
    text.append(Byte.space)
    append(second / 3600, digits: 2, to: &text)
    text.append(Byte.colon)
    append(second / 60 % 60, digits: 2, to: &text)
    text.append(Byte.colon)
    append(second % 60, digits: 2, to: &text)
    text += " GMT".utf8
    return text
  }

  /// Days since 1970, from the year 0001 on, to the Gregorian date, counting years from March so that the leap day is last
  /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
  package static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1
    )
  }

  private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
    var scale = 1
    for _ in 1..<digits { scale *= 10 }
    while scale > 0 {
      text.append(0x30 + UInt8(value / scale % 10))
      scale /= 10
    }
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
