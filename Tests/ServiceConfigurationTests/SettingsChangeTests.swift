import ServiceConfiguration
import Testing

/// What a running server takes up of other settings.
struct SettingsChangeTests {
  @Test func theSameSettingsChangeNothing() {
    let change = SettingsChange(from: ServiceSettings(), to: ServiceSettings())
    #expect(change.taken.isEmpty && change.waiting.isEmpty)
    #expect(change.settings == ServiceSettings())
  }

  @Test func whatIsBuiltInWaitsForARestart() {
    var wanted = ServiceSettings()
    wanted.http.port = 9999
    wanted.log.level = .debug
    wanted.quotas.requestsPerSecond = 0.1
    let change = SettingsChange(from: ServiceSettings(), to: wanted)
    #expect(change.taken == ["quotas.requests_per_second=0.1", "log.level=debug"])
    #expect(change.waiting == ["http.port=9999"])
    var running = ServiceSettings()
    running.log.level = .debug
    running.quotas.requestsPerSecond = 0.1
    #expect(change.settings == running)
    // It is said again for as long as it waits.
    let again = SettingsChange(from: change.settings, to: wanted)
    #expect(again.taken.isEmpty && again.waiting == ["http.port=9999"])
  }

  /// Every setting that says so is taken up: another value, of those that its expectation names.
  @Test func everyReloadableSettingIsTakenUp() throws {
    let reloadable = Setting.all.filter(\.isReloadable)
    for setting in reloadable {
      let before = setting.text(in: ServiceSettings())
      let others = setting.expectation.split { $0 == " " || $0 == "," }.compactMap { word in
        var wanted = ServiceSettings()
        return setting.read(String(word), into: &wanted) && setting.text(in: wanted) != before
          ? wanted : nil
      }
      let wanted = try #require(others.first, "\(setting.key): \(setting.expectation)")
      let change = SettingsChange(from: ServiceSettings(), to: wanted)
      #expect(change.taken == ["\(setting.key)=\(setting.text(in: wanted))"])
      #expect(change.waiting.isEmpty && change.settings == wanted, "\(setting.key)")
    }
    #expect(reloadable.count == 22)
    #expect(!reloadable.contains { $0.key == "storage.database" || $0.key == "http.host" })
    let file = ServiceSettings.documentedDefaults
    #expect(file.split(separator: "\n").count { $0.hasSuffix("; read again at SIGHUP") } == 22)
  }
}
