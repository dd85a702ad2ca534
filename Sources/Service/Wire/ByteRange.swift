/// `Range` with one range of bytes [RFC 9110, section 14.1.2].
package enum ByteRange {
  /// The bytes of a file of `count` that are asked for: `nil` for what is to be ignored (another
  /// unit, bad syntax, several ranges), empty for what lies beyond the file.
  package static func parse(_ field: String, count: Int) -> Range<Int>? {
    guard field.prefix(6).lowercased() == "bytes=" else { return nil }
    let bounds = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }) else {
      return nil
    }
    let first = position(bounds[0])
    let last = position(bounds[1])
    switch (first, last) {
    case (nil, nil): return nil
    case (nil, let suffix?): return max(count - suffix, 0)..<count
    case (let first?, nil): return min(first, count)..<count
    case (let first?, let last?):
      guard first <= last else { return nil }
      return min(first, count)..<min(last, count - 1) + 1
    }
  }

  /// Digits as a number; what is beyond counting is beyond every file.
  private static func position(_ digits: Substring) -> Int? {
    digits.isEmpty ? nil : Int(digits) ?? .max
  }
}
