/// Swift source with what is not code blanked out: comments and the contents of string literals.
///
/// A reader of imports and words must not be fooled by an example in a comment or by a sample in a
/// test. This is no full lexer: regex literals are read as operators, which costs at most the rest
/// of their line.
struct SourceText {
  /// The code, line by line; the count and order of lines are the source's.
  let lines: [Substring]

  init(_ source: String) {
    var blanker = Blanker(Array(source.unicodeScalars))
    blanker.run()
    var code = String.UnicodeScalarView()
    code.append(contentsOf: blanker.code)
    lines = String(code).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Every identifier, keyword and number in the code, with the line (from 1) it stands on.
  var words: [(word: Substring, line: Int)] {
    lines.enumerated().flatMap { index, line in
      line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { ($0, index + 1) }
    }
  }
}

/// Walks over a source once and keeps what is code.
private struct Blanker {
  private let source: [Unicode.Scalar]
  private var at = 0
  private(set) var code: [Unicode.Scalar] = []

  init(_ source: [Unicode.Scalar]) {
    self.source = source
  }

  mutating func run() {
    while at < source.count {
      readCode()
    }
  }

  /// One piece of code, comment or literal.
  private mutating func readCode() {
    if starts("//") {
      while at < source.count, source[at] != "\n" { at += 1 }
    } else if starts("/*") {
      skipBlockComment()
    } else if let hashes = literalHashes() {
      skipLiteral(hashes: hashes)
    } else {
      keep()
    }
  }

  private func starts(_ text: String) -> Bool {
    let text = text.unicodeScalars
    return at + text.count <= source.count && source[at..<at + text.count].elementsEqual(text)
  }

  private mutating func keep() {
    code.append(source[at])
    at += 1
  }

  /// Drops a scalar, but keeps the lines where they were.
  private mutating func drop() {
    if source[at] == "\n" { code.append("\n") }
    at += 1
  }

  /// Block comments nest in Swift.
  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        at += 2
      } else if starts("*/") {
        depth -= 1
        at += 2
      } else {
        drop()
      }
    } while depth > 0 && at < source.count
    code.append(" ")
  }

  /// The number of `#` before a quote that begins here; `nil` where no literal begins.
  private func literalHashes() -> Int? {
    var end = at
    while end < source.count, source[end] == "#" { end += 1 }
    return end < source.count && source[end] == "\"" ? end - at : nil
  }

  private mutating func skipLiteral(hashes: Int) {
    let fence = String(repeating: "#", count: hashes)
    at += hashes
    let isMultiline = starts("\"\"\"")
    let quotes = isMultiline ? "\"\"\"" : "\""
    at += quotes.count
    while at < source.count {
      if starts(quotes + fence) {
        at += quotes.count + hashes
        break
      }
      if starts("\\" + fence + "(") {
        at += hashes + 2
        skipInterpolation()
      } else if starts("\\" + fence) {
        at += hashes + 1
        if at < source.count { drop() }
      } else if !isMultiline && source[at] == "\n" {
        break
      } else {
        drop()
      }
    }
    code.append(contentsOf: "\"\"".unicodeScalars)
  }

  /// What is interpolated is code, up to the parenthesis that closes it.
  private mutating func skipInterpolation() {
    var depth = 1
    code.append(" ")
    while at < source.count && depth > 0 {
      switch source[at] {
      case "(": depth += 1
      case ")": depth -= 1
      default: break
      }
      readCode()
    }
  }
}
