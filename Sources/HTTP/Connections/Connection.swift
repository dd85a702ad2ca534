/// One client's connection, owned by one event loop: reads requests in order, has them answered one
/// after another, and writes the answers.
///
/// Requests of a pipeline are taken up one by one (RFC 9112 section 9.3.2 lets a server do so), so
/// their answers are in order by construction; inline answers gather in one write.
final class Connection {
  enum Phase {
    /// Between requests or inside a head.
    case head
    /// Inside a body; its handler may be running or have answered already.
    case body
    /// The request is complete, its answer is not.
    case answering
    /// Everything is said; the peer may still be talking.
    case closing
  }

  /// Listening to a peer that has its last answer.
  struct Linger {
    let until: UInt64
    var heardAt: UInt64
    var bytes = 0
  }

  let token: UInt64
  let socket: Socket
  let peer: SocketAddress
  let admission: ConnectionLedger.Admission
  let context: ServerContext
  /// The loop lets go of a connection that is closed, and ends when it has none.
  let loop: EventLoop

  var phase = Phase.head
  @exclusivity(unchecked) var exchange: Exchange?
  // One loop touches these, in plain calls that never meet themselves: no check is needed.
  @exclusivity(unchecked) var input: InputBuffer
  @exclusivity(unchecked) var output = OutputBuffer()
  @exclusivity(unchecked) var parser: RequestParser
  var requestCount: UInt64 = 0

  // Edge-triggered: what epoll said stays true until a call says otherwise.
  var isReadable = true
  var isWritable = true
  /// The peer has closed its sending side, or all of it.
  var hasPeerEnded = false
  var isClosed = false
  /// Leaves the rest for the loop's next round, so that others get their turn.
  var isYielding = false
  var isQueuedForLater = false

  var idleSince: UInt64
  var headStartedAt: UInt64?
  var blockedSince: UInt64?
  var lingers = false
  var linger: Linger?

  private static let readsPerTurnMax = 16

  init(
    token: UInt64, socket: Socket, peer: SocketAddress, admission: ConnectionLedger.Admission,
    loop: EventLoop
  ) {
    self.token = token
    self.socket = socket
    self.peer = peer
    self.admission = admission
    self.loop = loop
    context = loop.context
    parser = RequestParser(limits: loop.context.limits)
    input = InputBuffer(capacityMax: loop.context.limits.headRoomBytes)
    idleSince = loop.now
  }

  /// Goes on as far as the socket and the handlers allow.
  func service() {
    goOn()
    input.giveBack(to: &loop.buffers)
    output.giveBack(to: &loop.buffers)
  }

  private func goOn() {
    var reads = 0
    isYielding = false
    while !isClosed {
      processInput()
      flush()
      if isClosed { return }
      if output.isEmpty {
        if phase == .closing, linger == nil { endWriting() }
        if isClosed { return }
        if pump() { continue }
        if phase == .head, isStoppedForOutput {
          isStoppedForOutput = false
          continue
        }
      }
      if isClosed || isYielding { return }
      guard isReadable, wantsInput else { return }
      if reads == Self.readsPerTurnMax {
        loop.serviceLater(self)
        return
      }
      reads += 1
      readOnce()
    }
  }

  private var isStoppedForOutput = false

  private var wantsInput: Bool {
    switch phase {
    case .head: !input.isFull && output.count < context.limits.outputBytesMax
    case .body: !input.isFull && !(exchange?.pipe?.isFull ?? false)
    case .answering: false
    case .closing: true
    }
  }

  private func processInput() {
    var requests = 0
    while !isClosed {
      switch phase {
      case .head:
        if input.isEmpty { return }
        if output.count >= context.limits.outputBytesMax {
          isStoppedForOutput = true
          return
        }
        if requests == context.limits.pipelineDepthMax {
          isYielding = true
          loop.serviceLater(self)
          return
        }
        requests += 1
        if headStartedAt == nil { headStartedAt = loop.now }
        switch parser.parse(input.storage, in: input.range) {
        case .incomplete:
          return
        case .head(let head, let byteCount):
          input.consume(byteCount)
          headStartedAt = nil
          begin(head)
        case .failure(let failure):
          refuseUnparsed(failure)
        }
      case .body:
        guard readBody() else { return }
      case .answering:
        return
      case .closing:
        input.removeAll()
        return
      }
    }
  }

  private func readOnce() {
    input.borrow(from: &loop.buffers)
    switch socket.read(into: &input) {
    case .bytes(let count):
      context.counters.bytesReceived.add(count)
      // A short read emptied the socket: new bytes will raise a new edge.
      if input.freeBytes > 0, !hasPeerEnded { isReadable = false }
      if phase == .closing {
        input.removeAll()
        linger?.heardAt = loop.now
        linger?.bytes += count
        if linger?.bytes ?? 0 > context.limits.lingerBytesMax { close() }
      }
    case .wouldBlock:
      isReadable = false
    case .end:
      isReadable = false
      hasPeerEnded = true
      endInput()
    case .failed:
      close()
    }
  }

  /// The peer will send no more; what it began and did not finish is refused.
  private func endInput() {
    switch phase {
    case .head:
      if !parser.hasBegun {
        if output.isEmpty { close() } else { startClosing(lingers: false) }
      } else {
        refuseUnparsed(.incompleteRequest)
      }
    case .body:
      failBody(.incompleteRequest)
    case .answering:
      break
    case .closing:
      if output.isEmpty { close() }
    }
  }

  func flush() {
    guard isWritable, !output.isEmpty else { return }
    let (outcome, sent) = output.flush(to: socket)
    if sent > 0 { context.counters.bytesSent.add(sent) }
    switch outcome {
    case .empty:
      blockedSince = nil
    case .blocked:
      isWritable = false
      if sent > 0 || blockedSince == nil { blockedSince = loop.now }
    case .failed:
      close()
    }
  }
}
