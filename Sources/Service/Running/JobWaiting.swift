import Dispatch
import HTTP
import Jobs
import Synchronization

/// Answers requests that wait for a job: when it changes as they wish, or when their time is up.
/// A waiting request costs an observation and a timer, no thread.
final class JobWaiting: Sendable {
  private let store: any JobStore
  private let changes: JobChanges
  private let queue = DispatchQueue(label: "preimage.waiting")

  init(store: any JobStore, changes: JobChanges) {
    self.store = store
    self.changes = changes
  }

  /// - Parameters:
  ///   - isEnough: whether this state of the job ends the wait.
  ///   - answer: the response for the job as it is then; called once, on a queue of its own.
  func wait(
    for jobID: String, seconds: Int, responder: Responder,
    until isEnough: @escaping @Sendable (Job) -> Bool,
    answer: @escaping @Sendable (Job) throws -> Response
  ) {
    let wait = Wait()
    let settle: @Sendable (_ isTimeUp: Bool) -> Void = { [store, queue] isTimeUp in
      queue.async {
        guard !wait.isDone else { return }
        let response: Response
        do {
          guard let job = try store.find(jobID) else {
            throw Problem.notFound("inversion", jobID)
          }
          guard isTimeUp || isEnough(job) else { return }
          response = try answer(job)
        } catch {
          response = Problem(error).response(requestID: responder.requestID)
        }
        wait.end()
        responder.respond(response)
      }
    }
    wait.begin(changes.observe(jobID) { _ in settle(false) })
    responder.onDisconnect { wait.end() }
    // The job may have changed before it was observed.
    settle(false)
    queue.asyncAfter(deadline: .now() + .seconds(seconds)) { settle(true) }
  }

  private final class Wait: Sendable {
    private let observation = Mutex<JobObservation?>(nil)
    private let done = Atomic(false)

    var isDone: Bool { done.load(ordering: .acquiring) }

    func begin(_ observation: JobObservation) {
      self.observation.withLock { $0 = observation }
    }

    func end() {
      done.store(true, ordering: .releasing)
      observation.withLock { held in
        held?.cancel()
        held = nil
      }
    }
  }
}
