/// Finds what a source imports, in every spelling the language has.
struct ImportScanner {
  struct Import: Equatable {
    var module: String
    var line: Int
  }

  /// The kinds of a scoped import, as in `import struct Module.Type`.
  private static let kinds: Set<Substring> = [
    "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
  ]
  private static let accessLevels: Set<Substring> = [
    "fileprivate", "internal", "package", "private", "public",
  ]

  /// The imports of `source` in order. Imports inside `#if` count, whatever the condition.
  static func imports(in source: String) -> [Import] {
    SourceText(source).lines.enumerated().flatMap { index, line in
      line.split(separator: ";").compactMap { statement in
        module(importedBy: statement).map { Import(module: $0, line: index + 1) }
      }
    }
  }

  private static func module(importedBy statement: Substring) -> String? {
    var words = statement.split(whereSeparator: \.isWhitespace)[...]
    while let first = words.first, first.hasPrefix("@") || accessLevels.contains(first) {
      words.removeFirst()
    }
    guard words.popFirst() == "import" else { return nil }
    if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
    guard let path = words.first else { return nil }
    return path.split(separator: ".").first.map { $0.filter { $0 != "`" } }
  }
}
