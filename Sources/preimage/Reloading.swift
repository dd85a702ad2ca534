import Foundation
import Logging
import Service
import ServiceConfiguration
import Synchronization

/// Reads the configuration again while the server runs, takes up what can be taken up, and says so.
final class Reloading: Sendable {
  private let options: SettingsOptions.Given
  private let service: PreimageService
  private let sink: LogSink
  private let manager: ServiceManager
  private let standing: String
  private let running: Mutex<ServiceSettings>

  /// - Parameters:
  ///   - options: what the configuration was read with at the start.
  ///   - settings: what it was.
  ///   - standing: what the manager shows while all is well.
  init(
    _ options: SettingsOptions.Given, running settings: ServiceSettings, service: PreimageService,
    sink: LogSink, manager: ServiceManager, standing: String
  ) {
    self.options = options
    self.service = service
    self.sink = sink
    self.manager = manager
    self.standing = standing
    running = Mutex(settings)
  }

  /// What cannot be read, or is refused, changes nothing; nor does anything once the server stops.
  func reload() {
    guard !service.isStopping else { return }
    manager.tell(.reloading)
    do {
      let change = SettingsChange(
        from: running.withLock { $0 }, to: try SettingsOptions.load(options).settings)
      take(change)
      manager.tell(.ready, .status(standing))
    } catch {
      tell(.error, "the configuration was not read again; what runs stays", [("error", "\(error)")])
      manager.tell(.ready, .status("Runs with its earlier configuration; the new one is refused"))
    }
  }

  private func take(_ change: SettingsChange) {
    let configuration = PreimageService.Configuration(change.settings, log: sink)
    service.adjust(limits: configuration.limits, access: configuration.access)
    sink.adjust(to: change.settings.log)
    running.withLock { $0 = change.settings }
    tell(
      .notice, "the configuration was read again",
      [
        ("taken", Self.list(change.taken)), ("needs_restart", Self.list(change.waiting)),
      ])
  }

  private static func list(_ changes: [String]) -> String {
    changes.isEmpty ? "nothing" : changes.joined(separator: " ")
  }

  /// Whatever the level of the log is: somebody asked, and this is the answer.
  private func tell(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) {
    sink.add(LogLine(Date(), level, message, fields.map { (name: $0.0, value: .text($0.1)) }))
  }
}
