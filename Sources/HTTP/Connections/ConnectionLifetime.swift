/// How a connection ends: deadlines, the peer's leaving, lingering and closing.
extension Connection {
  /// What epoll has to say.
  func notice(isReadable: Bool, isWritable: Bool, hasPeerEnded: Bool, isBroken: Bool) {
    if isBroken {
      close()
      return
    }
    if isReadable || hasPeerEnded { self.isReadable = true }
    if isWritable { self.isWritable = true }
    if hasPeerEnded, !self.hasPeerEnded {
      self.hasPeerEnded = true
      if phase == .answering { notifyGone() }
    }
    service()
  }

  /// A feed has bytes, or a handler reads its body.
  func look(number: UInt64) {
    guard let exchange, exchange.id.number == number else { return }
    if exchange.owesGoAhead, exchange.isAnswerAwaited, exchange.pipe?.wasAsked ?? false {
      exchange.owesGoAhead = false
      exchange.resume(now: loop.now)
      if input.isEmpty { output.append(ResponseEncoder.goAhead) }
    }
  }

  /// Tells whoever waits for this request that its client has gone. A feed ends at once; an answer
  /// that still comes is sent, for a client that only closed its sending side.
  func notifyGone() {
    guard let exchange else { return }
    if case .feeding = exchange.answer {
      close()
      return
    }
    if let link = exchange.link { loop.runOnHandlers(link.disconnect()) }
  }

  func checkDeadlines() {
    let now = loop.now
    let pause = nanoseconds(context.limits.lingerPauseSeconds)
    if let since = blockedSince, now > since + nanoseconds(context.limits.writeStallSeconds) {
      close(resetting: true)
      return
    }
    switch phase {
    case .head:
      if let since = headStartedAt {
        if now > since + nanoseconds(context.limits.headerSeconds) {
          refuseUnparsed(
            .tooSlow("The request's head was not complete after \(context.limits.headerSeconds) s.")
          )
          service()
        }
      } else if output.isEmpty, loop.isDraining {
        close()
      } else if output.isEmpty, now > idleSince + nanoseconds(context.limits.idleSeconds) {
        close()
      }
    case .body:
      if let exchange, exchange.pausedAt == nil, now > exchange.bodyDeadline(context.limits) {
        failBody(
          .tooSlow(
            "The body came more slowly than \(context.limits.bodyBytesPerSecondMin) bytes a second."
          ))
        service()
      }
    case .answering:
      break
    case .closing:
      if let linger, now > linger.until || now > linger.heardAt + pause { close() }
    }
  }

  private func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) }

  /// The loop wants to end: what is idle goes now, what is not after its answer.
  func drain() {
    service()
    if !isClosed, phase == .head, output.isEmpty, !parser.hasBegun { close() }
    exchange?.keepsAlive = false
  }

  /// Nothing more will be answered. `lingers` when the peer may still be sending: closing at once
  /// would reset the connection and could cost it the answer (RFC 9112 section 9.6).
  func startClosing(lingers: Bool) {
    exchange = nil
    phase = .closing
    self.lingers = lingers
    input.removeAll()
  }

  /// The output is out.
  func endWriting() {
    guard lingers, !(hasPeerEnded && !isReadable) else {
      close()
      return
    }
    socket.shutdownWriting()
    linger = Linger(
      until: loop.now + nanoseconds(context.limits.lingerSeconds), heardAt: loop.now)
  }

  func close(resetting: Bool = false) {
    if isClosed { return }
    isClosed = true
    if let exchange {
      exchange.pipe?.fail(.incompleteRequest)
      if let link = exchange.link { loop.runOnHandlers(link.disconnect()) }
      if case .feeding(let feed) = exchange.answer { loop.runOnHandlers(feed.close()) }
      if !exchange.isAnswerComplete { record(exchange) }
    }
    exchange = nil
    loop.forget(self)
    if resetting { socket.reset() } else { socket.close() }
  }
}
