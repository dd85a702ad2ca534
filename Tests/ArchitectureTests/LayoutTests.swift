import Testing

/// The shape of the repository: what may lie at its top, how long a file may be, what code and
/// tests may not resort to.
struct LayoutTests {
  @Test func theTopHoldsOnlyWhatBelongsThere() throws {
    let permitted: Set = [
      "Package.swift", "Sources", "Tests", "Config", "Deploy", "README.md", "LICENSE",
    ]
    let others = try Checkout.namesAtTop().subtracting(permitted).filter { !$0.hasPrefix(".") }
    #expect(others.isEmpty, "does not belong at the top: \(others.sorted())")
  }

  @Test func noSourceHidesAConcept() throws {
    let extensions: Set = ["swift", "c", "h", "py"]
    for file in try Checkout.files(under: "Sources", extensions: extensions) {
      let lineCount = file.contents.split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(lineCount <= 401, "\(file.path) has \(lineCount - 1) lines; which concept is hiding?")
    }
  }

  @Test func noFolderIsADrawer() throws {
    let drawers: Set<Substring> = ["Utils", "Utilities", "Helpers", "Common", "Misc"]
    for file in try Checkout.files(under: "Sources") + Checkout.files(under: "Tests") {
      let parts = Set(file.path.split(whereSeparator: { $0 == "/" || $0 == "." }))
      #expect(parts.isDisjoint(with: drawers), "\(file.path): name what it holds")
    }
  }

  @Test func sourcesNeitherPromiseNorForce() throws {
    for file in try Checkout.files(under: "Sources") {
      for (pattern, line) in Self.forced(in: file.contents) {
        Issue.record("\(file.path):\(line): '\(pattern)'")
      }
      for word in ["TODO", "FIXME"] where file.contents.contains(word) {
        Issue.record("\(file.path): '\(word)'")
      }
    }
  }

  @Test func testsCanFailAndDoNotSleep() throws {
    for file in try Checkout.files(under: "Tests") {
      for (pattern, line) in Self.empty(in: file.contents) {
        Issue.record("\(file.path):\(line): '\(pattern)'")
      }
    }
  }

  @Test func theseChecksCanFail() {
    let forced = "let a = try! b()\nlet c = d as! Int\nfatalError(\"e\")\n// try! f"
    #expect(Self.forced(in: forced).map(\.line) == [1, 2, 3])
    let empty =
      "#expect(true)\nsleep(1)\nlet a = \"#expect(true)\"\n@Test(.disabled(\"b\"))\nusleep(1)"
    #expect(Self.empty(in: empty).map(\.line) == [1, 2, 4, 5])
    #expect(Self.empty(in: "#expect(trueAngle == 1)\nasleep(1)").isEmpty)
  }

  private static func forced(in source: String) -> [(pattern: String, line: Int)] {
    occurrences(of: ["try!", "as!", "fatalError("], in: source)
  }

  private static func empty(in source: String) -> [(pattern: String, line: Int)] {
    occurrences(
      of: [
        "#expect(true)", "#expect(Bool(true))", "XCTAssertTrue(true)", "XCTAssert(true)", "sleep(",
        "usleep(", "nanosleep(", "Task.sleep", ".disabled(",
      ], in: source)
  }

  /// Where a pattern stands in the code as written, not as the tail of a longer word.
  private static func occurrences(
    of patterns: [String], in source: String
  ) -> [(pattern: String, line: Int)] {
    SourceText(source).lines.enumerated().flatMap { index, line in
      patterns.filter { pattern in
        line.ranges(of: pattern).contains { range in
          guard range.lowerBound > line.startIndex else { return true }
          let before = line[line.index(before: range.lowerBound)]
          return !(before.isLetter || before.isNumber || before == "_")
        }
      }.map { ($0, index + 1) }
    }
  }
}
