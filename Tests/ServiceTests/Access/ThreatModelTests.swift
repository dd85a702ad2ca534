import Foundation
import Testing

/// The threat model names the test that guards against each threat; all of them must be there.
struct ThreatModelTests {
  private static let top = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `Suite.function` of every test that the page names.
  private static func named(in page: String) -> [(suite: String, function: String)] {
    page.matches(of: /`([A-Z][A-Za-z0-9]+)\.([a-z][A-Za-z0-9]+)`/).map {
      (String($0.1), String($0.2))
    }
  }

  @Test func everyTestThatIsNamedExists() throws {
    let page = try String(
      contentsOf: Self.top.appending(path: "Sources/Service/Service.docc/ThreatModel.md"),
      encoding: .utf8)
    let folder = Self.top.appending(path: "Tests").path
    let sources = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8) }
    let named = Self.named(in: page)
    #expect(named.count > 40)
    for (suite, function) in named {
      let isThere = sources.contains { source in
        source.contains("struct \(suite)") && source.contains("func \(function)(")
          && source.contains("@Test")
      }
      #expect(isThere, "\(suite).\(function) is named in ThreatModel.md and is not there")
    }
    // No threat stands without a test: each row of a table with tests ends with one.
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains(" | ") }
    let threats = rows.filter { $0.split(separator: "|").count >= 3 && !$0.contains("| why |") }
      .filter { !$0.hasPrefix("| threat |") && $0.split(separator: "|").count == 3 }
    #expect(threats.count > 25)
    for row in threats { #expect(!Self.named(in: String(row)).isEmpty, "\(row)") }
  }
}
