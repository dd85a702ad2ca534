/// Byte sizes as people write them: `8MiB`, `512 KiB`, `8388608`.
enum ByteSize {
  private static let units = [("GiB", gibibyte), ("MiB", mebibyte), ("KiB", kibibyte), ("B", 1)]

  /// The size that `text` gives, or `nil` where it is none, or more than can be counted.
  static func bytes(in text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    let scale = unit.isEmpty ? 1 : units.first { $0.0 == unit }?.1
    guard let scale, let count = Int(digits) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: scale)
    return overflow ? nil : bytes
  }

  /// In the largest unit that gives a whole number.
  static func text(of bytes: Int) -> String {
    guard bytes > 0, let (unit, scale) = units.first(where: { bytes % $0.1 == 0 }) else {
      return String(bytes)
    }
    return scale == 1 ? String(bytes) : "\(bytes / scale)\(unit)"
  }
}
