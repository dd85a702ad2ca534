import Dispatch
import Foundation
import Logging
import Synchronization

/// Where lines of the log go: written in order, on a thread of its own.
///
/// Whoever has a line hands it over and goes on; lines that come soon after one another are written
/// together. When the reader of the log is slower than the server, lines beyond the bound are left
/// out, and a line says how many.
public final class LogSink: Sendable {
  public enum Format: Sendable {
    case text
    case json
  }

  private struct State {
    var waiting: [LogLine] = []
    var leftOut = 0
    var isScheduled = false
  }

  private let format: LogLine.Format
  private let waitingMax: Int
  private let write: @Sendable ([UInt8]) -> Void
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "preimage.log", qos: .utility)
  /// How long a line may wait for others: waking the thread costs more than writing a line.
  private static let gathering = DispatchTimeInterval.milliseconds(10)
  private let leftOutInAll = Atomic(0)

  /// - Parameters:
  ///   - waitingMax: lines that may wait to be written.
  ///   - write: writes some whole lines; may block. One call at a time.
  public init(
    format: Format, waitingMax: Int = 8192, write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.format = format == .json ? .json : .text
    self.waitingMax = waitingMax
    self.write = write
  }

  /// Lines go to a file descriptor. A reader that is gone loses them.
  public convenience init(format: Format, waitingMax: Int, descriptor: Int32) {
    self.init(format: format, waitingMax: waitingMax) { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Foundation.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        sent += count
      }
    }
  }

  /// Lines that were left out so far.
  package var leftOutCount: Int { leftOutInAll.load(ordering: .relaxed) }

  package func add(_ line: LogLine) {
    let begins = state.withLock { state in
      guard state.waiting.count < waitingMax else {
        state.leftOut += 1
        leftOutInAll.wrappingAdd(1, ordering: .relaxed)
        return false
      }
      state.waiting.append(line)
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if begins { queue.asyncAfter(deadline: .now() + Self.gathering) { [self] in drain() } }
  }

  /// Returns once everything that was added before is written.
  public func flush() { queue.sync { drain() } }

  private func drain() {
    while true {
      let (lines, leftOut) = state.withLock { state in
        defer {
          state.waiting = []
          state.leftOut = 0
          state.isScheduled = false
        }
        return (state.waiting, state.leftOut)
      }
      guard !lines.isEmpty || leftOut > 0 else { return }
      var bytes: [UInt8] = []
      for line in lines { line.append(to: &bytes, as: format) }
      if leftOut > 0 {
        LogLine(
          Date(), .warning, "lines were left out of the log", [("count", .count(leftOut))]
        ).append(to: &bytes, as: format)
      }
      write(bytes)
    }
  }
}

/// swift-log's messages as lines of a sink.
public struct SinkLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel = Logger.Level.info
  private let sink: LogSink

  public init(_ sink: LogSink) {
    self.sink = sink
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, given in given }
    sink.add(
      LogLine(
        Date(), event.level, "\(event.message)",
        all.sorted { $0.key < $1.key }.map { ($0.key, .text("\($0.value)")) }))
  }
}
