import HTTPTypes

/// Fields that every response carries unless it sets them itself, encoded once.
struct StandingFields: Sendable {
  static let none = StandingFields([:])

  private let names: [HTTPField.Name]
  private let lines: [[UInt8]]
  private let whole: [UInt8]
  /// The lengths of the names as a set of bits: most names are none of them by that alone.
  private let lengths: UInt64

  init(_ fields: HTTPFields) {
    names = fields.map(\.name)
    lines = fields.map { Array("\r\n\($0.name.rawName): \($0.value)".utf8) }
    whole = Array(lines.joined())
    lengths = names.reduce(0) { $0 | 1 << UInt64($1.canonicalName.utf8.count & 63) }
  }

  func contains(_ name: HTTPField.Name) -> Bool {
    lengths & 1 << UInt64(name.canonicalName.utf8.count & 63) != 0 && names.contains(name)
  }

  /// - Parameter own: whether the response sets any of them.
  func append(to output: inout [UInt8], unlessIn response: Response, own: Bool) {
    guard own else {
      output.append(contentsOf: whole)
      return
    }
    for (name, line) in zip(names, lines) where !response.fields.contains(name) {
      output.append(contentsOf: line)
    }
  }
}
