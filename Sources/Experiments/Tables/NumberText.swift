import Foundation

extension Double {
  /// With so many significant digits.
  func short(_ digits: Int = 3) -> String { String(format: "%.\(digits)g", self) }

  /// With so many digits after the point.
  func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
