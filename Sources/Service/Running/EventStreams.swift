import Dispatch
import HTTP
import HTTPTypes
import Jobs
import Logging
import Synchronization

/// Follows jobs for clients that listen: an event for what each job is now, whenever it changes.
///
/// An event is a state, not a step: a client that missed some, because it was away or slow, is told
/// the newest. A stream costs an observation and its feed, no thread; one timer keeps all of them
/// open.
final class EventStreams: Sendable {
  private let store: any JobStore
  private let changes: JobChanges
  private let countMax: Int
  /// When one of so many streams should have ended.
  private let retryAfterSeconds: @Sendable (_ streamCount: Int) -> Int
  private let logger: Logger
  private let queue = DispatchQueue(label: "preimage.events")
  private let state = Mutex(State())
  private let pingSeconds: Double

  private struct State {
    var streams: [ObjectIdentifier: EventStream] = [:]
    var isEnded = false
  }

  init(
    store: any JobStore, changes: JobChanges, countMax: Int, pingSeconds: Double,
    retryAfterSeconds: @escaping @Sendable (_ streamCount: Int) -> Int, logger: Logger
  ) {
    self.store = store
    self.changes = changes
    self.countMax = countMax
    self.retryAfterSeconds = retryAfterSeconds
    self.pingSeconds = pingSeconds
    self.logger = logger
    schedulePing()
  }

  /// How many streams are open.
  var count: Int { state.withLock { $0.streams.count } }

  /// Opens a stream of the events of a job.
  ///
  /// - Parameter known: the revision that the client was told of last, which is not told again.
  /// - Throws: `Problem` 503 when as many are open as are allowed, or the server drains.
  func open(_ jobID: String, known: Int?) throws(Problem) -> BodyFeed {
    let stream = EventStream(jobID: jobID, known: known ?? 0)
    let isOpen = state.withLock { state in
      guard !state.isEnded, state.streams.count < countMax else { return false }
      state.streams[ObjectIdentifier(stream)] = stream
      return true
    }
    guard isOpen else {
      throw Problem(
        .serviceUnavailable, "event_streams_full",
        "At most \(countMax) event streams are open at the same time; poll with ?wait= or try "
          + "again.", retryAfterSeconds: retryAfterSeconds(countMax))
    }
    stream.feed.onDisconnect { [weak self, weak stream] in
      if let stream { self?.close(stream) }
    }
    stream.observe(
      changes.observe(jobID) { [weak self, weak stream] _ in
        if let stream { self?.look(stream) }
      })
    // The job may have changed before it was observed.
    look(stream)
    return stream.feed
  }

  /// Ends every stream, and refuses others from now on: for a server that is about to stop.
  func endAll() {
    let streams = state.withLock { state in
      state.isEnded = true
      return Array(state.streams.values)
    }
    queue.sync {
      for stream in streams { close(stream) }
    }
  }

  private func schedulePing() {
    queue.asyncAfter(deadline: .now() + pingSeconds) { [weak self] in
      self?.ping()
      self?.schedulePing()
    }
  }

  private func ping() {
    for stream in state.withLock({ Array($0.streams.values) }) {
      stream.feed.send(ServerSentEvent.ping)
    }
  }

  private func look(_ stream: EventStream) {
    guard stream.wantsLook() else { return }
    queue.async { [self] in
      stream.looks()
      do {
        guard let job = try store.find(stream.jobID) else { return close(stream) }
        guard stream.isNews(job.revision) else { return }
        if job.state.isFinished {
          let documents = try store.documents(of: [job.id])[job.id]
          stream.feed.send(
            ServerSentEvent.bytes(
              "completed", id: job.revision, InversionDocument.bytes(job, documents)))
          close(stream)
        } else {
          stream.feed.send(
            ServerSentEvent.bytes("progress", id: job.revision, InversionDocument.progress(job)))
        }
      } catch {
        // The client comes back, and says which event it has.
        logger.error("an event stream failed", metadata: ["error": "\(error)"])
        close(stream)
      }
    }
  }

  private func close(_ stream: EventStream) {
    state.withLock { $0.streams[ObjectIdentifier(stream)] = nil }
    stream.end()
  }
}

/// One client that listens to one job.
private final class EventStream: Sendable {
  let jobID: String
  let feed = BodyFeed(bytesMax: 16 << 20)
  private let state: Mutex<State>

  private struct State {
    var known: Int
    var isLookDue = false
    var observation: JobObservation?
    var isEnded = false
  }

  init(jobID: String, known: Int) {
    self.jobID = jobID
    state = Mutex(State(known: known))
    feed.send(ServerSentEvent.opening)
  }

  func observe(_ observation: JobObservation) {
    let isLate = state.withLock { state in
      if !state.isEnded { state.observation = observation }
      return state.isEnded
    }
    if isLate { observation.cancel() }
  }

  /// Whether a look has to be asked for: changes that come in between are seen by the same one.
  func wantsLook() -> Bool {
    state.withLock { state in
      defer { state.isLookDue = true }
      return !state.isLookDue && !state.isEnded
    }
  }

  func looks() { state.withLock { $0.isLookDue = false } }

  /// Whether the client has not been told of this revision; it is, from now on.
  func isNews(_ revision: Int) -> Bool {
    state.withLock { state in
      guard revision > state.known, !state.isEnded else { return false }
      state.known = revision
      return true
    }
  }

  func end() {
    let observation = state.withLock { state in
      defer { state.observation = nil }
      state.isEnded = true
      return state.observation
    }
    observation?.cancel()
    feed.finish()
  }
}
