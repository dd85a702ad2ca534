/// The bytes of responses that the socket has not taken yet: small ones are gathered, so that
/// pipelined answers leave in one call, large ones are kept whole and never copied.
struct OutputBuffer {
  enum Outcome { case empty, blocked, failed }

  private static let largeBytes = 16 << 10

  private var sealed: [[UInt8]] = []
  private var firstSealed = 0
  private var offset = 0
  /// The segment being gathered, in storage that is lent; it follows the sealed ones.
  var tail: [UInt8] = []
  private var sealedBytes = 0

  var count: Int { sealedBytes + tail.count - offset }
  var isEmpty: Bool { sealedBytes == 0 && tail.isEmpty }

  /// Makes sure that small pieces can be gathered without growing.
  mutating func borrow(from pool: inout BufferPool) {
    if tail.capacity == 0 { tail = pool.takeOutput() }
  }

  /// Returns the storage of a buffer that is empty.
  mutating func giveBack(to pool: inout BufferPool) {
    guard isEmpty, tail.capacity > 0 else { return }
    let lent = tail
    tail = []
    pool.giveBack(output: lent)
  }

  mutating func append(_ bytes: [UInt8]) {
    guard bytes.count >= Self.largeBytes else {
      tail.append(contentsOf: bytes)
      return
    }
    seal()
    sealed.append(bytes)
    sealedBytes += bytes.count
  }

  /// Sends as much as the socket takes; how many bytes that was.
  mutating func flush(to socket: Socket) -> (Outcome, sent: Int) {
    if sealedBytes > 0 { seal() }
    var sent = 0
    while sealedBytes > 0 {
      let segment = sealed[firstSealed]
      let isLast = sealedBytes == segment.count
      switch socket.write(segment, from: offset, more: !isLast) {
      case .bytes(let count):
        sent += count
        offset += count
        if offset == segment.count { dropFirst(segment.count) }
      case .wouldBlock, .end: return (.blocked, sent)
      case .failed: return (.failed, sent)
      }
    }
    while !tail.isEmpty {
      switch socket.write(tail, from: offset, more: false) {
      case .bytes(let count):
        sent += count
        offset += count
        if offset == tail.count {
          offset = 0
          tail.removeAll(keepingCapacity: true)
        }
      case .wouldBlock, .end:
        // The rest may wait long and be joined by more: keep it out of the gathering segment.
        if offset > 0 { tail.removeFirst(offset) }
        offset = 0
        return (.blocked, sent)
      case .failed: return (.failed, sent)
      }
    }
    return (.empty, sent)
  }

  private mutating func seal() {
    if tail.isEmpty { return }
    sealedBytes += tail.count
    sealed.append(tail)
    tail = []
  }

  private mutating func dropFirst(_ count: Int) {
    sealed[firstSealed] = []
    firstSealed += 1
    sealedBytes -= count
    offset = 0
    if sealedBytes == 0 {
      sealed.removeAll(keepingCapacity: true)
      firstSealed = 0
    }
  }
}
