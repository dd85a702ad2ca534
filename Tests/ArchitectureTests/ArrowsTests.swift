import Testing

/// The design's arrows hold in every file of `Sources`, and the check can fail.
struct ArrowsTests {
  @Test func everyTargetHasARowAndEveryRowATarget() throws {
    #expect(try Set(Checkout.folders(under: "Sources")) == Set(Arrows.allowed.keys))
  }

  @Test func rowsNameTargetsOrPackages() {
    let packages: Set = [
      "ArgumentParser", "Configuration", "GRDB", "GRDBSQLite", "HTTPTypes", "Logging",
      "SwiftProtobuf", "Yams",
    ]
    let known = packages.union(Arrows.allowed.keys)
    for (target, row) in Arrows.allowed {
      #expect(row.isSubset(of: known), "\(target): \(row.subtracting(known))")
    }
  }

  /// An arrow back to where it came from, over any number of targets, would be a knot.
  @Test func arrowsHaveNoCycle() {
    var remaining = Arrows.allowed
    while let free = remaining.first(where: { $0.value.isDisjoint(with: remaining.keys) }) {
      remaining[free.key] = nil
    }
    #expect(remaining.isEmpty, "in a cycle, or above one: \(remaining.keys.sorted())")
  }

  @Test func noImportBreaksAnArrow() throws {
    let files = try Checkout.files(under: "Sources")
    #expect(!files.isEmpty)
    for file in files {
      for arrow in Arrows.broken(in: file.contents, of: file.target) {
        Issue.record(
          "\(file.path):\(arrow.line): \(file.target) must not import \(arrow.module)")
      }
    }
  }

  @Test func whatComputesReachesForNothingElse() throws {
    for file in try Checkout.files(under: "Sources") {
      for (word, line) in Arrows.impurities(in: file.contents, of: file.target) {
        Issue.record("\(file.path):\(line): \(file.target) must not know '\(word)'")
      }
    }
  }

  @Test func brokenArrowsAreSeen() {
    let source = """
      import Foundation
      public import GRDB
      import Documents
      import Dispatch
      """
    #expect(Arrows.broken(in: source, of: "Service").map(\.module) == ["GRDB"])
    #expect(Arrows.broken(in: source, of: "Networks").map(\.module) == ["GRDB", "Dispatch"])
    #expect(Arrows.broken(in: source, of: "Networks").map(\.line) == [2, 4])
    #expect(Arrows.broken(in: "import CLinux", of: "Service").map(\.module) == ["CLinux"])
    #expect(Arrows.broken(in: "import CLinux", of: "HTTP").isEmpty)
  }

  @Test func impuritiesAreSeen() {
    let source = """
      // A ContinuousClock in a comment is none.
      let text = "FileManager"
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
      """
    #expect(Arrows.impurities(in: source, of: "Inversion").map(\.word) == ["socket"])
    #expect(Arrows.impurities(in: source, of: "Inversion").map(\.line) == [3])
    #expect(Arrows.impurities(in: source, of: "HTTP").isEmpty)
  }
}
