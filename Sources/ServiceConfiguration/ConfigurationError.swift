/// Why a configuration cannot be used: everything that is wrong with it, not only the first.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One fault, naming where it stands, the key, the value and what was expected.
  public struct Fault: Sendable, Equatable, CustomStringConvertible {
    /// The key as the setting has it, or as it was written where no setting has it.
    public var key: String
    public var description: String

    public init(key: String, description: String) {
      self.key = key
      self.description = description
    }
  }

  public var faults: [Fault]

  public init(faults: [Fault]) {
    self.faults = faults
  }

  public var description: String { faults.map(\.description).joined(separator: "\n") }
}

extension ConfigurationError.Fault {
  static func unreadable(_ source: String, _ reason: String) -> Self {
    Self(key: "", description: "\(source): \(reason)")
  }

  static func unknown(_ key: String, from source: String, known: [String]) -> Self {
    let nearest = nearest(to: key, among: known).map { "; did you mean '\($0)'?" } ?? ""
    return Self(key: key, description: "\(source): unknown setting '\(key)'\(nearest)")
  }

  static func wrong(_ setting: Setting, value: String, from source: String) -> Self {
    Self(
      key: setting.key,
      description: "\(source): \(setting.key) is '\(value)', expected \(setting.expectation)")
  }

  /// The known key with the fewest letters to change, the first of equals.
  private static func nearest(to key: String, among known: [String]) -> String? {
    known.min { distance($0, key) < distance($1, key) }
  }

  /// Levenshtein's distance, row by row.
  private static func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, x) in a.utf8.enumerated() {
      var corner = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = corner + (x == y ? 0 : 1)
        corner = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
