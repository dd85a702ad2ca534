import Dispatch
import HTTP
import Jobs
import Logging
import Synchronization

/// Answers requests that wait for a job: when it changes as they wish, or when their time is up.
/// A waiting request costs an observation and a timer, no thread; once it is answered, nothing of
/// it is kept but the timer.
final class JobWaiting: Sendable {
  private let store: any JobStore
  private let changes: JobChanges
  private let logger: Logger
  private let queue = DispatchQueue(label: "preimage.waiting")
  private let waits = Mutex<[ObjectIdentifier: Wait]>([:])

  init(store: any JobStore, changes: JobChanges, logger: Logger) {
    self.store = store
    self.changes = changes
    self.logger = logger
  }

  /// - Parameters:
  ///   - isEnough: whether this state of the job ends the wait.
  ///   - answer: the response for the job as it is then; called once, on a queue of its own.
  func wait(
    for jobID: String, seconds: Int, responder: Responder,
    until isEnough: @escaping @Sendable (Job) -> Bool,
    answer: @escaping @Sendable (JobRecord) throws -> Response
  ) {
    let wait = Wait()
    waits.withLock { $0[ObjectIdentifier(wait)] = wait }
    let observation = changes.observe(jobID) { [weak wait, weak self] _ in
      self?.look(wait, isLast: false)
    }
    wait.begin(observation) { [store, logger] isLast in
      do {
        guard let record = try store.record(of: jobID) else {
          throw Problem.notFound("inversion", jobID)
        }
        guard isLast || isEnough(record.job) else { return false }
        responder.respond(try answer(record))
      } catch {
        let problem = Problem(error, requestID: responder.requestID, log: logger)
        responder.respond(problem.response(requestID: responder.requestID))
      }
      return true
    }
    responder.onDisconnect { [weak wait, weak self] in
      if let wait { self?.end(wait) }
    }
    // The job may have changed before it was observed.
    look(wait, isLast: false)
    queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak wait, weak self] in
      self?.look(wait, isLast: true)
    }
  }

  /// Answers every waiting request with the job as it is, for a server that is about to stop.
  func answerAll() {
    for wait in waits.withLock({ Array($0.values) }) { look(wait, isLast: true) }
  }

  private func look(_ wait: Wait?, isLast: Bool) {
    guard let wait else { return }
    queue.async { [self] in
      if wait.settle(isLast: isLast) { end(wait) }
    }
  }

  private func end(_ wait: Wait) {
    wait.end()
    waits.withLock { $0[ObjectIdentifier(wait)] = nil }
  }
}

/// One request that waits.
private final class Wait: Sendable {
  /// Answers the request if it may; whether it did.
  typealias Settle = @Sendable (_ isLast: Bool) -> Bool

  private let state = Mutex<(observation: JobObservation, settle: Settle)?>(nil)

  func begin(_ observation: JobObservation, settle: @escaping Settle) {
    state.withLock { $0 = (observation, settle) }
  }

  func settle(isLast: Bool) -> Bool {
    state.withLock { $0?.settle }?(isLast) ?? false
  }

  func end() {
    let held = state.withLock { held in
      defer { held = nil }
      return held
    }
    held?.observation.cancel()
  }
}
