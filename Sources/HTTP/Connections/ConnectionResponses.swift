import HTTPTypes
import Logging

/// From a response to bytes in the output, and what becomes of the connection after it.
extension Connection {
  /// A response arrived from another thread.
  func receive(_ response: Response, number: UInt64) {
    guard let exchange, exchange.id.number == number, exchange.isAnswerAwaited else { return }
    respond(exchange, response)
  }

  func respond(_ exchange: Exchange, _ answer: Response) {
    settleBody(exchange)
    var response = answer
    context.configuration.gate?.finish(exchange.request, &response)
    let minor = exchange.head.minorVersion
    let framing = ResponseEncoder.framing(response, minorVersion: minor)
    if framing == .untilClose || loop.isDraining || ResponseEncoder.asksToClose(response) {
      exchange.keepsAlive = false
    }
    exchange.status = response.status.code
    exchange.sendsChunks = framing == .chunked
    output.borrow(from: &loop.buffers)
    ResponseEncoder.appendHead(
      response, framing: framing, requestID: exchange.request.id, minorVersion: minor,
      keepsAlive: exchange.keepsAlive, beginnings: loop.headBeginnings,
      standing: context.standingFields, to: &output.tail)
    if exchange.head.method == .head || framing == .bodiless {
      if case .feed(let feed) = response.body { loop.runOnHandlers(feed.close()) }
      completeAnswer(exchange)
      return
    }
    switch response.body {
    case .none:
      completeAnswer(exchange)
    case .bytes(let bytes):
      exchange.responseBodyBytes = bytes.count
      output.append(bytes)
      completeAnswer(exchange)
    case .stream(let byteCount, let producer):
      exchange.answer = .producing(producer, bytesLeft: byteCount)
      if byteCount == 0 { completeAnswer(exchange) }
    case .feed(let feed):
      exchange.answer = .feeding(feed)
      let id = exchange.id
      let mailbox = loop.mailbox
      feed.attach { mailbox.post(.look(id)) }
      if hasPeerEnded { close() }
    }
  }

  /// An answer before the end of the body: the rest is thrown away if that is little, else the
  /// connection ends with the answer.
  private func settleBody(_ exchange: Exchange) {
    if exchange.isBodyComplete { return }
    exchange.pipe?.fail(
      .badRequest("already_answered", "The request was answered before its body was read."))
    let canDiscard =
      !exchange.isBodyBroken && !exchange.owesGoAhead
      && exchange.decoder.bytesAhead <= context.limits.discardedBodyBytesMax
    if canDiscard {
      exchange.resume(now: loop.now)
      exchange.sink = .discard(bytesLeft: context.limits.discardedBodyBytesMax)
    } else {
      exchange.isBodyBroken = true
      exchange.keepsAlive = false
      phase = .answering
    }
  }

  /// Refuses and ends the connection: its next request could not be found reliably.
  func refuse(_ exchange: Exchange, _ failure: HTTPFailure) {
    exchange.isBodyBroken = exchange.isBodyBroken || !exchange.isBodyComplete
    refuseKeeping(exchange, failure)
  }

  /// Refuses; the connection goes on if the request allows it.
  func refuseKeeping(_ exchange: Exchange, _ failure: HTTPFailure) {
    if let link = exchange.link, !link.claim() { return }
    respond(exchange, context.response(failure, requestID: exchange.request.id))
  }

  /// Refuses what is not a request.
  func refuseUnparsed(_ failure: HTTPFailure) {
    let requestID = context.configuration.makeRequestID()
    let response = context.response(failure, requestID: requestID)
    ResponseEncoder.appendHead(
      response, framing: ResponseEncoder.framing(response, minorVersion: 1), requestID: requestID,
      minorVersion: 1, keepsAlive: false, beginnings: loop.headBeginnings,
      standing: context.standingFields, to: &output.tail)
    var bodyBytes = 0
    if case .bytes(let bytes) = response.body {
      bodyBytes = bytes.count
      output.append(bytes)
    }
    context.counters.count(status: response.status.code)
    context.configuration.accessLog?(
      AccessRecord(
        requestID: requestID, method: nil, routePattern: nil, status: response.status.code,
        responseBodyBytes: bodyBytes, requestBodyBytes: 0, durationSeconds: 0,
        remoteAddress: peer, context: nil))
    startClosing(lingers: true)
  }

  /// Tells a connection over the limit why it gets no more than that.
  func turnAway() {
    refuseUnparsed(.overloaded("There are too many connections.", retryAfterSeconds: 1))
  }

  /// Gets the next piece of a body that comes in pieces; whether there is something to write.
  func pump() -> Bool {
    guard let exchange else { return false }
    switch exchange.answer {
    case .awaited, .complete:
      return false
    case .producing(let producer, _):
      if exchange.isPulling { return false }
      exchange.isPulling = true
      let id = exchange.id
      let mailbox = loop.mailbox
      context.handlers.submitContinuation {
        mailbox.post(.piece(id, Result { try producer.next() }))
      }
      return false
    case .feeding(let feed):
      switch feed.take() {
      case .bytes(let bytes):
        if bytes.isEmpty { return false }
        appendPiece(bytes, exchange)
      case .finished(let bytes):
        if !bytes.isEmpty { appendPiece(bytes, exchange) }
        endPieces(exchange)
      case .closed:
        abort("The client fell behind its feed", exchange)
      }
      return true
    }
  }

  /// A producer answered.
  func receive(_ piece: Result<[UInt8]?, any Error>, number: UInt64) {
    guard let exchange, exchange.id.number == number,
      case .producing(let producer, let bytesLeft) = exchange.answer
    else { return }
    exchange.isPulling = false
    switch piece {
    case .failure(let error):
      abort("A response body failed: \(error)", exchange)
    case .success(nil):
      if let bytesLeft, bytesLeft > 0 {
        abort("A response body ended \(bytesLeft) bytes early", exchange)
      } else {
        endPieces(exchange)
      }
    case .success(let bytes?):
      if bytes.isEmpty { return }
      if let bytesLeft {
        guard bytes.count <= bytesLeft else {
          abort("A response body is longer than announced", exchange)
          return
        }
        exchange.answer = .producing(producer, bytesLeft: bytesLeft - bytes.count)
      }
      appendPiece(bytes, exchange)
      if bytesLeft == bytes.count { endPieces(exchange) }
    }
  }

  private func appendPiece(_ bytes: [UInt8], _ exchange: Exchange) {
    exchange.responseBodyBytes += bytes.count
    if exchange.sendsChunks { ResponseEncoder.appendChunkSize(bytes.count, to: &output.tail) }
    output.append(bytes)
    if exchange.sendsChunks { output.tail.append(contentsOf: "\r\n".utf8) }
  }

  private func endPieces(_ exchange: Exchange) {
    if exchange.sendsChunks { output.append(ResponseEncoder.lastChunk) }
    completeAnswer(exchange)
  }

  /// Ends the connection so that the client cannot take what it got for the whole.
  private func abort(_ why: String, _ exchange: Exchange) {
    context.configuration.logger.warning(
      "\(why)", metadata: ["request_id": "\(exchange.request.id)"])
    close(resetting: true)
  }

  private func completeAnswer(_ exchange: Exchange) {
    if case .feeding(let feed) = exchange.answer { _ = feed.close() }
    exchange.answer = .complete
    record(exchange)
    if !exchange.keepsAlive {
      // While the server ends, nobody is waited for who has said all.
      startClosing(
        lingers: !loop.isDraining || !exchange.isBodyComplete || isReadable || !input.isEmpty)
    } else if exchange.isBodyComplete {
      finishExchange()
    }
  }

  func finishExchange() {
    exchange = nil
    phase = .head
    idleSince = loop.now
  }

  func record(_ exchange: Exchange) {
    context.counters.count(status: exchange.status)
    guard let log = context.configuration.accessLog else { return }
    let now = context.configuration.clock.monotonicNanoseconds()
    log(
      AccessRecord(
        requestID: exchange.request.id, method: exchange.head.method,
        routePattern: exchange.request.routePattern, status: exchange.status,
        responseBodyBytes: exchange.responseBodyBytes, requestBodyBytes: exchange.bodyBytes,
        durationSeconds: Double(now &- exchange.startedAt) * 1e-9, remoteAddress: peer,
        context: exchange.request.context))
  }
}
