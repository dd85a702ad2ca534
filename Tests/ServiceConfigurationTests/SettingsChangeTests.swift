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

  /// Every setting that says so is taken up, at the least value that differs from the default.
  @Test func everyReloadableSettingIsOneOfTheTable() {
    let reloadable = Setting.all.filter(\.isReloadable)
    #expect(reloadable.count == 22)
    #expect(reloadable.contains { $0.key == "log.level" })
    #expect(!reloadable.contains { $0.key == "storage.database" || $0.key == "http.host" })
    let file = ServiceSettings.documentedDefaults
    #expect(file.split(separator: "\n").count { $0.hasSuffix("; read again at SIGHUP") } == 22)
  }
}
