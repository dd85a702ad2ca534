import HTTPTypes

/// From a parsed head to a running handler: routing, limits, early refusals and the body.
extension Connection {
  func begin(_ head: RequestHead) {
    requestCount &+= 1
    let id = head.control.requestID.map(head.text) ?? context.configuration.makeRequestID()
    var request = Request(id: id, remoteAddress: peer, head: head)
    var plan = plan(&request)
    if let gate = context.configuration.gate {
      do throws(HTTPFailure) {
        try gate.admit(&request)
      } catch {
        if case .run = plan { plan = .refuse(error) }
      }
    }
    let exchange = Exchange(
      id: ExchangeID(connection: token, number: requestCount), request: consume request,
      plan: plan, now: loop.now)
    self.exchange = exchange
    if loop.isDraining { exchange.keepsAlive = false }
    let refusal = earlyRefusal(exchange)
    if head.framing == .none {
      if let refusal { exchange.plan = .refuse(refusal) }
      completeBody(exchange)
      return
    }
    if let refusal {
      refuse(exchange, refusal)
      return
    }
    exchange.decoder = BodyDecoder(head.framing, limits: context.limits)
    phase = .body
    exchange.owesGoAhead = head.control.expectation == .goAhead
    prepareBody(exchange)
  }

  private func plan(_ request: inout Request) -> Exchange.Plan {
    let method = request.method
    let path = request.head.path
    switch context.router.match(method, path.bytes, path.range) {
    case .found(let route, let parameters):
      request.route = route
      request.parameterRanges = parameters
      return .run(route.choice(for: request))
    case .wrongMethod(let allow):
      if method == .options { return .reply(Response(.noContent, fields: [.allow: allow])) }
      return .refuse(.methodNotAllowed(method, path: request.path, allow: allow))
    case .notFound:
      if method == .options, path.bytes[path.range.lowerBound] == Byte.asterisk {
        return .reply(
          Response(.noContent, fields: [.allow: context.router.allowEverywhere]))
      }
      return .refuse(.notFound(request.path))
    }
  }

  /// What can be refused before the body is read, and is not worth reading it for.
  private func earlyRefusal(_ exchange: Exchange) -> HTTPFailure? {
    let head = exchange.head
    if head.control.expectation == .unknown {
      return HTTPFailure(
        .expectationFailed, "unknown_expectation", "Expect may only ask for 100-continue.")
    }
    if case .run(let route) = exchange.plan, route.bodyRule.length == .required,
      !head.control.declaresLength
    {
      return .lengthRequired
    }
    if case .length(let count) = head.framing {
      let bytesMax: Int
      switch exchange.plan {
      case .run(let route): bytesMax = route.bodyBytesMax(context.limits)
      case .refuse, .reply: bytesMax = context.limits.streamedBodyBytesMax
      }
      if count > bytesMax { return .bodyTooLarge(bytesMax: bytesMax, announced: count) }
    }
    // Otherwise the refusal waits for the end of the body: the connection can then be kept, and a
    // malformed body is refused as such.
    if case .refuse(let failure) = exchange.plan, head.framing != .none,
      head.control.expectation == .goAhead
        || head.framing.bytesAhead > context.limits.discardedBodyBytesMax
    {
      return failure
    }
    return nil
  }

  private func prepareBody(_ exchange: Exchange) {
    guard case .run(let route) = exchange.plan else {
      exchange.sink = .discard(bytesLeft: context.limits.discardedBodyBytesMax)
      return
    }
    let bytesMax = route.bodyBytesMax(context.limits)
    if case .streaming(let handler) = route.handler {
      startStreaming(exchange, handler, bytesMax: bytesMax)
      return
    }
    exchange.sink = .buffer(bytesMax: bytesMax)
    exchange.body.reserveCapacity(min(exchange.decoder.bytesAhead, 1 << 20))
    // A client that did not wait needs no word (RFC 9110 section 10.1.1).
    if exchange.owesGoAhead, input.isEmpty { output.append(ResponseEncoder.goAhead) }
    exchange.owesGoAhead = false
  }

  /// Moves body bytes from the input to where they go; false when it must wait.
  func readBody() -> Bool {
    guard let exchange else { return false }
    if let pipe = exchange.pipe {
      if pipe.isFull {
        exchange.pause(now: loop.now)
        return false
      }
      if !exchange.owesGoAhead { exchange.resume(now: loop.now) }
    }
    var rest = input.range
    do throws(HTTPFailure) {
      let step = try exchange.decoder.next(input.storage, &rest)
      switch step {
      case .needsMore:
        input.consume(rest.lowerBound - input.range.lowerBound)
        return false
      case .data(let piece):
        try take(piece, exchange)
        input.consume(rest.lowerBound - input.range.lowerBound)
      case .finished:
        input.consume(rest.lowerBound - input.range.lowerBound)
        completeBody(exchange)
      }
    } catch {
      failBody(error)
    }
    return true
  }

  private func take(_ piece: Range<Int>, _ exchange: Exchange) throws(HTTPFailure) {
    exchange.bodyBytes += piece.count
    exchange.bodyMovedAt = loop.now
    let announced = exchange.bodyBytes + exchange.decoder.bytesAhead
    switch exchange.sink {
    case .buffer(let bytesMax):
      guard announced <= bytesMax else { throw .bodyTooLarge(bytesMax: bytesMax) }
      exchange.body.append(contentsOf: input.storage[piece])
    case .pipe(let pipe, let bytesMax):
      guard announced <= bytesMax else { throw .bodyTooLarge(bytesMax: bytesMax) }
      if !pipe.push(Array(input.storage[piece])) { exchange.pause(now: loop.now) }
    case .discard(let bytesLeft):
      guard piece.count + exchange.decoder.bytesAhead <= bytesLeft else {
        throw .bodyTooLarge(bytesMax: context.limits.discardedBodyBytesMax)
      }
      exchange.sink = .discard(bytesLeft: bytesLeft - piece.count)
    }
  }

  private func completeBody(_ exchange: Exchange) {
    exchange.isBodyComplete = true
    phase = .answering
    if exchange.isAnswerComplete {
      finishExchange()
      return
    }
    if let pipe = exchange.pipe {
      pipe.finish()
      return
    }
    guard exchange.isAnswerAwaited, exchange.link == nil else { return }
    switch exchange.plan {
    case .run(let route): run(route, exchange)
    case .reply(let response): respond(exchange, response)
    case .refuse(let failure): refuseKeeping(exchange, failure)
    }
  }

  /// The body broke off, broke a rule or came too slowly.
  func failBody(_ failure: HTTPFailure) {
    guard let exchange else { return }
    exchange.isBodyBroken = true
    exchange.keepsAlive = false
    if exchange.isAnswerComplete {
      startClosing(lingers: true)
    } else if let pipe = exchange.pipe {
      // The handler learns of it from its reader and answers.
      phase = .answering
      pipe.fail(failure)
      if hasPeerEnded { notifyGone() }
    } else if exchange.isAnswerAwaited {
      refuse(exchange, failure)
    } else {
      phase = .answering
    }
  }

  private func run(_ route: Route, _ exchange: Exchange) {
    switch route.handler {
    case .inline(let handler):
      if exchange.body.isEmpty {
        respond(exchange, handler(exchange.request))
      } else {
        respond(exchange, handler(exchange.takeRequest()))
      }
    case .queued(let handler):
      let request = exchange.takeRequest()
      start(exchange, in: context.handlers) { $0.respond(try handler(request)) }
    case .deferred(let handler):
      let request = exchange.takeRequest()
      start(exchange, in: context.handlers) { try handler(request, $0) }
    case .prompt(let look, let handler):
      let request = exchange.takeRequest()
      if context.configuration.gate?.isVerified(request) ?? true, let response = look(request) {
        respond(exchange, response)
      } else {
        start(exchange, in: context.handlers) { try handler(request, $0) }
      }
    case .streaming(let handler):
      startStreaming(exchange, handler, bytesMax: 0)
    }
  }

  private func startStreaming(
    _ exchange: Exchange,
    _ handler: @escaping @Sendable (Request, BodyReader, Responder) throws -> Void, bytesMax: Int
  ) {
    let id = exchange.id
    let mailbox = loop.mailbox
    let pipe = BodyPipe(windowBytes: context.limits.streamWindowBytes) { mailbox.post(.look(id)) }
    exchange.sink = .pipe(pipe, bytesMax: bytesMax)
    if exchange.isBodyComplete { pipe.finish() }
    if exchange.owesGoAhead { exchange.pause(now: loop.now) }
    let request = exchange.request
    start(exchange, in: context.streamingHandlers) { responder in
      // The reader outlives the handler's frame only if the handler keeps it.
      try handler(request, BodyReader(pipe), responder)
    }
  }

  private func start(
    _ exchange: Exchange, in pool: HandlerPool,
    _ body: @escaping @Sendable (Responder) throws -> Void
  ) {
    let id = exchange.id
    let mailbox = loop.mailbox
    let context = context
    let link = ExchangeLink(
      requestID: exchange.request.id, errorResponse: context.configuration.errorResponse
    ) { mailbox.post(.answer(id, $0)) }
    exchange.link = link
    let request = exchange.request
    let accepted = pool.submit {
      let responder = Responder(link)
      do {
        try context.configuration.gate?.verify(request)
        try body(responder)
      } catch {
        responder.fail(context.failure(error, requestID: link.requestID))
      }
    }
    if accepted {
      if hasPeerEnded { notifyGone() }
      return
    }
    exchange.link = nil
    refuseKeeping(
      exchange,
      .overloaded(
        "All handlers are busy and the line is full.",
        retryAfterSeconds: pool.retryAfterSeconds))
  }
}
