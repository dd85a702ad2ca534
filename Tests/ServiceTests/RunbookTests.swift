import Foundation
import Testing

/// Whoever is woken by an alert finds what to do under its name, and the runbook has no others.
struct RunbookTests {
  private static let top = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: top.appending(path: path), encoding: .utf8)
  }

  private static func names(_ pattern: Regex<(Substring, Substring)>, in text: String) -> [String] {
    text.matches(of: pattern).map { String($0.1) }
  }

  @Test func everyAlertHasItsSectionAndEverySectionItsAlert() throws {
    let alerts = Self.names(
      /- alert: (\w+)/, in: try Self.text("Deploy/prometheus/alerts.yaml"))
    let page = try Self.text("Sources/Service/Service.docc/Runbook.md")
    let sections = Self.names(/\n### (Preimage\w+)\n/, in: page)
    #expect(alerts.count > 10 && Set(alerts).count == alerts.count)
    #expect(sections == alerts, "they stand in one order")
    // Each says what it means, how to look and what to do.
    for section in page.split(separator: "\n### Preimage").dropFirst() {
      let text = section.prefix { $0 != "#" }
      for part in ["**Means.**", "**Look.**", "**Do.**"] {
        #expect(text.contains(part), "\(section.prefix(40)): \(part)")
      }
    }
  }

  @Test func everyAlertIsTried() throws {
    let alerts = Self.names(
      /- alert: (\w+)/, in: try Self.text("Deploy/prometheus/alerts.yaml"))
    let tried = try Self.text("Deploy/prometheus/alerts-test.yaml")
    for alert in alerts { #expect(tried.contains(alert), "\(alert)") }
  }
}
