// How moments are stored: whole microseconds since 1970, so that what is compared is exact.

import Foundation

extension Date {
  /// Microseconds since 1970-01-01T00:00:00Z, rounded.
  var microseconds: Int64 {
    Int64(min(max((timeIntervalSince1970 * 1e6).rounded(), -9e18), 9e18))
  }

  init(microseconds: Int64) {
    self.init(timeIntervalSince1970: Double(microseconds) / 1e6)
  }
}
