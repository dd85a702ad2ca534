import ArgumentParser
import CLinux
import Dispatch
import Foundation
import HTTP
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

      Settings come from options, then PREIMAGE_... variables, then the file given by --config, \
      then the defaults.
      """)

  @OptionGroup var options: SettingsOptions

  func run() throws {
    let settings = try options.load().settings
    Allocator.keepLargeBlocks()
    FilePermissions.keepToOneself()
    signal(SIGPIPE, SIG_IGN)
    let configuration = PreimageService.Configuration(settings)
    let service = try PreimageService(configuration)
    let address = try service.start()
    // Whoever started the server may read this from a pipe, where it would stay in the buffer.
    FileHandle.standardOutput.write(Data("preimage listening on http://\(address)\n".utf8))
    StopSignals.wait()
    service.stop()
  }
}

/// SIGTERM and SIGINT.
enum StopSignals {
  /// Returns at the first signal; the second ends the process.
  static func wait() {
    let first = DispatchSemaphore(value: 0)
    var sources: [any DispatchSourceSignal] = []
    let queue = DispatchQueue(label: "preimage.signals")
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        // The default again, so that a second signal of the kind is not waited for.
        signal(number, SIG_DFL)
        first.signal()
      }
      source.resume()
      sources.append(source)
    }
    first.wait()
    withExtendedLifetime(sources) {}
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
