import ArgumentParser
import CLinux
import Dispatch
import Foundation
import HTTP
import LinearAlgebra
import Logging
import Service
import ServiceConfiguration

/// `preimage serve`: the service, until it is told to stop.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the service.",
    discussion: """
      Prints one line with its address once it accepts connections. SIGTERM and SIGINT stop it: \
      requests under way are answered, unfinished inversions go back to the queue and are done \
      after the next start. A second signal ends it at once; nothing that was accepted is lost.

      SIGHUP makes it read its configuration again and take up what it can without a restart; the \
      log says what. Started by systemd, it tells when it is ready, reloads and stops, and that it \
      is alive.

      Settings come from options, then PREIMAGE_... variables, then the file given by --config, \
      then the defaults.
      """)

  @OptionGroup var options: SettingsOptions

  func run() throws {
    let settings = try options.load().settings
    Allocator.keepLargeBlocks()
    SpareCores.shared.coreCount =
      settings.jobs.coresMax == 0
      ? ProcessInfo.processInfo.activeProcessorCount : settings.jobs.coresMax
    FilePermissions.keepToOneself()
    signal(SIGPIPE, SIG_IGN)
    let signals = ProcessSignals()
    let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    let sink = LogSink(settings.log)
    manager.tell(.status("Opens the database"))
    let service = try PreimageService(PreimageService.Configuration(settings, log: sink))
    let address = try service.start()
    // Whoever started the server may read this from a pipe, where it would stay in the buffer.
    FileHandle.standardOutput.write(Data("preimage listening on http://\(address)\n".utf8))
    let standing = "Listens at http://\(address)"
    let reloading = Reloading(
      options.given, running: settings, service: service, sink: sink, manager: manager,
      standing: standing)
    signals.onReload { reloading.reload() }
    manager.tell(.ready, .status(standing))
    let patience = manager.watchdogSeconds ?? 0
    let watchdog = Watchdog(manager) { service.isAlive(withinSeconds: patience / 2) }
    signals.waitForStop()
    manager.tell(.stopping, .status("Hands inversions back and answers what is under way"))
    // Threads that still compute must not see the libraries below them being taken down.
    if !service.stop() { _exit(EXIT_SUCCESS) }
    withExtendedLifetime((signals, watchdog)) {}
  }
}

/// Who may open what the program makes.
enum FilePermissions {
  /// What is made from now on, the database first of all, is for its user alone.
  static func keepToOneself() { umask(0o077) }
}

/// How the C library hands out memory.
enum Allocator {
  /// Batches of activations are freed and asked for again in every iteration: keep them in the
  /// process instead of returning them to the kernel, which would have to zero them anew.
  static func keepLargeBlocks() {
    mallopt(M_MMAP_THRESHOLD, 64 << 20)
    mallopt(M_TRIM_THRESHOLD, 256 << 20)
  }
}
