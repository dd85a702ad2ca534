/// What an experiment found.
public struct ExperimentReport: Sendable {
  public var tables: [ResultTable]
  public var figures: [Figure]
  /// Which figure it redraws, what is to be seen there, and what is seen here.
  public var closing: String

  public init(tables: [ResultTable], figures: [Figure], closing: String) {
    self.tables = tables
    self.figures = figures
    self.closing = closing
  }

  /// Tables and closing words as a terminal shows them.
  public var text: String {
    let parts = tables.map { "\($0.title)\n\n\($0.text)" } + [Self.wrapped(closing)]
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// In lines of at most `width` characters, as far as words allow.
  static func wrapped(_ text: String, width: Int = 96) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { paragraph in
      var lines = [""]
      for word in paragraph.split(separator: " ") {
        let line = lines[lines.count - 1]
        if line.isEmpty {
          lines[lines.count - 1] = String(word)
        } else if line.count + 1 + word.count <= width {
          lines[lines.count - 1] = "\(line) \(word)"
        } else {
          lines.append(String(word))
        }
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
