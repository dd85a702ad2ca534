import HTTPTypes

/// Fields that every response carries unless it sets them itself, encoded once.
struct StandingFields: Sendable {
  static let none = StandingFields([:])

  private let names: [HTTPField.Name]
  private let lines: [[UInt8]]
  private let whole: [UInt8]

  init(_ fields: HTTPFields) {
    names = fields.map(\.name)
    lines = fields.map { Array("\r\n\($0.name.rawName): \($0.value)".utf8) }
    whole = Array(lines.joined())
  }

  func contains(_ name: HTTPField.Name) -> Bool {
    let length = name.canonicalName.utf8.count
    return names.contains { $0.canonicalName.utf8.count == length && $0 == name }
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
