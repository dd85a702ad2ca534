import Foundation
import Glibc

/// A process of ours: what it prints, how it ends, and that it does not outlive its test.
final class Child {
  struct Ending {
    /// `nil` when a signal ended it.
    var status: Int32?
    /// The signal that ended it, if one did.
    var signal: Int32?
    var output: String
    var errors: String
  }

  struct Failure: Error {
    var detail: String
  }

  private let process = Process()
  private let pipe = Pipe()
  private let errorsFile: URL
  private let ended = DispatchSemaphore(value: 0)
  private var buffer: [UInt8] = []

  /// - Parameter environment: beside this process's own, of which nothing of the program's is left.
  init(
    _ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]
  ) throws {
    errorsFile = folder.appending(path: "errors-\(UUID().uuidString)")
    try Data().write(to: errorsFile)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("PREIMAGE_") }
      .merging(environment) { _, given in given }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = try FileHandle(forWritingTo: errorsFile)
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  deinit { kill() }

  var processIdentifier: Int32 { process.processIdentifier }

  /// The next line that it prints.
  func line(seconds: Double) throws -> String {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line
      }
      guard try fill(until: deadline) else { throw Failure(detail: "it ended: \(errors)") }
    }
  }

  func signal(_ number: Int32) { _ = Glibc.kill(process.processIdentifier, number) }

  /// Waits until it has ended.
  func wait(seconds: Double) throws -> Ending {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try fill(until: deadline) {}
    guard ended.wait(timeout: .now() + seconds) == .success else {
      throw Failure(detail: "it did not end: \(errors)")
    }
    ended.signal()
    return Ending(
      status: process.terminationReason == .exit ? process.terminationStatus : nil,
      signal: process.terminationReason == .exit ? nil : process.terminationStatus,
      output: String(decoding: buffer, as: UTF8.self), errors: errors)
  }

  /// Ends it with no chance to do anything about it.
  func kill() {
    guard process.isRunning else { return }
    signal(SIGKILL)
    process.waitUntilExit()
  }

  private var errors: String { (try? String(contentsOf: errorsFile, encoding: .utf8)) ?? "" }

  /// Reads what there is; false at the end.
  private func fill(until deadline: ContinuousClock.Instant) throws -> Bool {
    let left = deadline - ContinuousClock.now
    let milliseconds = Int32(max(0, left / .milliseconds(1)))
    var ready = pollfd(
      fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&ready, 1, milliseconds)
    // A child that ended meanwhile interrupts; the deadline still holds.
    if count < 0, errno == EINTR { return true }
    guard count > 0 else {
      throw Failure(detail: "it printed nothing: \(errors)")
    }
    var piece = [UInt8](repeating: 0, count: 65_536)
    let readCount = read(ready.fd, &piece, piece.count)
    guard readCount > 0 else { return false }
    buffer += piece[..<readCount]
    return true
  }
}
