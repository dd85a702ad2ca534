/// One request and its response while they are under way on a connection.
final class Exchange {
  /// What to do once the body is complete.
  enum Plan {
    case run(Route)
    case reply(Response)
    case refuse(HTTPFailure)
  }

  /// Where the body goes.
  enum Sink {
    case buffer(bytesMax: Int)
    case discard(bytesLeft: Int)
    case pipe(BodyPipe, bytesMax: Int)
  }

  enum Answer {
    case awaited
    case producing(BodyProducer, bytesLeft: Int?)
    case feeding(BodyFeed)
    case complete
  }

  let id: ExchangeID
  let startedAt: UInt64
  /// Its body is kept apart until it is complete.
  let request: Request
  @exclusivity(unchecked) var body: [UInt8] = []
  var plan: Plan
  @exclusivity(unchecked) var decoder = BodyDecoder.none
  var sink = Sink.discard(bytesLeft: 0)
  var answer = Answer.awaited
  var link: ExchangeLink?

  var isBodyComplete = false
  /// The body cannot be read to its end: nothing after it can be trusted.
  var isBodyBroken = false
  var keepsAlive: Bool
  /// The client waits for `100 Continue`.
  var owesGoAhead = false
  /// The response's body is sent in chunks.
  var sendsChunks = false
  /// A producer has been asked and has not answered yet.
  var isPulling = false

  var bodyBytes = 0
  /// Moves forward over the time in which the handler, not the client, was slow.
  var bodyStartedAt: UInt64
  var bodyMovedAt: UInt64
  var pausedAt: UInt64?

  var status = AccessRecord.clientGoneStatus
  var responseBodyBytes = 0

  init(id: ExchangeID, request: Request, plan: Plan, now: UInt64) {
    self.id = id
    self.request = request
    self.plan = plan
    keepsAlive = request.head.control.keepsAlive
    startedAt = now
    bodyStartedAt = now
    bodyMovedAt = now
  }

  var head: RequestHead { request.head }

  /// The request with the body that was read, which is no longer kept here.
  func takeRequest() -> Request {
    var taken = request
    taken.body = body
    body = []
    return taken
  }

  var pipe: BodyPipe? {
    if case .pipe(let pipe, _) = sink { return pipe }
    return nil
  }

  var isAnswerAwaited: Bool {
    if case .awaited = answer { return true }
    return false
  }

  var isAnswerComplete: Bool {
    if case .complete = answer { return true }
    return false
  }

  /// The handler is behind: the client's clock stands still.
  func pause(now: UInt64) {
    if pausedAt == nil { pausedAt = now }
  }

  func resume(now: UInt64) {
    guard let since = pausedAt else { return }
    pausedAt = nil
    bodyStartedAt += now - since
    bodyMovedAt = now
  }

  /// When the body must have moved on: a pause may last for the grace, and over all the body keeps
  /// its mean speed after it.
  func bodyDeadline(_ limits: ServerLimits) -> UInt64 {
    let grace = UInt64(limits.bodyGraceSeconds * 1e9)
    if limits.bodyBytesPerSecondMin == 0 { return bodyMovedAt + grace }
    let earned = UInt64(Double(bodyBytes) / Double(limits.bodyBytesPerSecondMin) * 1e9)
    return min(bodyStartedAt + grace + earned, bodyMovedAt + grace)
  }
}
