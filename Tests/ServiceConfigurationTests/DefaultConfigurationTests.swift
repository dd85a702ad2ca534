import Foundation
import ServiceConfiguration
import Testing

/// `Config/preimage.yaml` is complete, documented, and says what the code does.
struct DefaultConfigurationTests {
  private static let file = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Config/preimage.yaml")

  /// After a change to the table: `preimage check --defaults > Config/preimage.yaml`.
  @Test func theFileIsTheTable() throws {
    let written = try String(contentsOf: Self.file, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let expected = ServiceSettings.documentedDefaults
      .split(separator: "\n", omittingEmptySubsequences: false)
    for (index, (written, expected)) in zip(written, expected).enumerated()
    where written != expected {
      Issue.record("line \(index + 1) is '\(written)', the table says '\(expected)'")
      break
    }
    #expect(written.count == expected.count)
  }

  @Test func loadingTheFileSetsEverySettingToItsDefault() throws {
    let loaded = try SettingsLoader(options: ["config": Self.file.path()]).load()
    #expect(loaded.settings == ServiceSettings())
    #expect(Set(loaded.sources.keys) == Set(Setting.all.map(\.key)))
  }

  @Test func linesFitTheirPage() {
    for line in ServiceSettings.documentedDefaults.split(separator: "\n") {
      #expect(line.count <= 100, "\(line)")
    }
  }

  @Test func keysOptionsAndVariablesAreUnique() {
    #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
    let options = Setting.all.compactMap(\.option)
    #expect(Set(options).count == options.count)
    let variables =
      Setting.all.map(\.environmentVariable)
      + Setting.all.compactMap(\.shortEnvironmentVariable)
    #expect(Set(variables).count == variables.count)
  }

  /// A property that the table forgets could not be configured.
  @Test func everyPropertyHasASetting() {
    let groups = Mirror(reflecting: ServiceSettings()).children
    let properties = groups.flatMap { Array(Mirror(reflecting: $0.value).children) }
    #expect(properties.count == Setting.all.count)
  }

  /// The limits that clients rely on, as `api.md` promises them.
  @Test func promisedLimitsAreTheDefaults() {
    let http = ServiceSettings().http
    #expect(http.host == "127.0.0.1" && http.port == 8080)
    #expect(http.requestLineBytesMax == 8192 && http.headerBytesMax == 32_768)
    #expect(http.headerFieldsMax == 100)
    #expect(http.jsonBodyBytesMax == 8_388_608 && http.jsonDepthMax == 64)
    #expect(http.weightBytesMax == 2_147_483_648)
    #expect(http.headerSeconds == 10 && http.bodyGraceSeconds == 20)
    #expect(http.bodyBytesPerSecondMin == 500)
    #expect(http.idleSeconds == 60 && http.writeStallSeconds == 30)
    #expect(http.connectionsMax == 1024 && http.connectionsPerAddressMax == 64)
  }
}
