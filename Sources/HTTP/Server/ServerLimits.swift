/// Every bound the server keeps, by name, so that no peer decides how much memory, time or how many
/// threads a connection costs.
public struct ServerLimits: Sendable {
  /// Request line without its CRLF; over it 414 (RFC 9112 section 3 recommends at least 8000).
  public var requestLineBytesMax = 8192
  /// All field lines with their CRLFs; over it 431 (RFC 6585 section 5).
  public var headerBytesMax = 32_768
  /// Field lines in one head; over it 431.
  public var headerFieldsMax = 100
  /// Body of a route that reads it whole, unless the route says otherwise; over it 413.
  public var bufferedBodyBytesMax = 8 << 20
  /// Body of a streaming route, unless the route says otherwise; over it 413.
  public var streamedBodyBytesMax = 2 << 30
  /// Bytes of a streamed body waiting for its handler before the socket is no longer read.
  public var streamWindowBytes = 256 << 10
  /// All chunk extensions of one body together; over it 400.
  public var chunkExtensionBytesMax = 4096
  /// The trailer section of one body; over it 431.
  public var trailerBytesMax = 8192
  /// Fields in one trailer section; over it 431.
  public var trailerFieldsMax = 32
  /// Body that is read and thrown away so that a refused request need not cost its connection.
  public var discardedBodyBytesMax = 64 << 10

  /// From the first byte of a head to its last; over it 408.
  public var headerSeconds = 10.0
  /// A body may take its time for this long; also the longest pause inside a body.
  public var bodyGraceSeconds = 20.0
  /// Mean speed a body must keep after the grace; under it 408. 0 for none.
  public var bodyBytesPerSecondMin = 500
  /// A connection without a request is closed after this.
  public var idleSeconds = 60.0
  /// A response of which the peer takes no byte for this long is given up.
  public var writeStallSeconds = 30.0
  /// How long a peer that was told its last answer is listened to, so that it can read it
  /// (RFC 9112 section 9.6).
  public var lingerSeconds = 30.0
  /// How long such a peer may say nothing.
  public var lingerPauseSeconds = 5.0
  /// How many bytes such a peer may still send.
  public var lingerBytesMax = 2 << 30

  /// Open connections; the next is told 503 and closed.
  public var connectionsMax = 1024
  /// Open connections from one address; loopback is exempt.
  public var connectionsPerAddressMax = 64
  /// Connections over these limits that are being told so at the same time; what comes beyond them
  /// is closed without a word.
  public var connectionsTurnedAwayMax = 64
  /// Pipelined requests answered in a row before other connections get their turn.
  public var pipelineDepthMax = 64
  /// Bytes of responses not yet taken by the peer before no further request is read.
  public var outputBytesMax = 256 << 10

  /// Threads for queued handlers and response producers.
  public var handlerThreads = 8
  /// Requests waiting for such a thread; over it 503 with `Retry-After`.
  public var handlerQueueMax = 256
  /// Streaming handlers at once, each with a thread of its own; over it 503 with `Retry-After`.
  public var streamingHandlersMax = 8

  public init() {}

  /// Room for the longest acceptable head and the CRLFs around it.
  var headRoomBytes: Int { requestLineBytesMax + headerBytesMax + 8 }

  /// Why these limits cannot work, or nil.
  var defect: String? {
    let counts = [
      ("requestLineBytesMax", requestLineBytesMax), ("headerBytesMax", headerBytesMax),
      ("headerFieldsMax", headerFieldsMax), ("streamWindowBytes", streamWindowBytes),
      ("connectionsMax", connectionsMax),
      ("connectionsPerAddressMax", connectionsPerAddressMax),
      ("pipelineDepthMax", pipelineDepthMax), ("outputBytesMax", outputBytesMax),
      ("handlerThreads", handlerThreads), ("streamingHandlersMax", streamingHandlersMax),
    ]
    if let (name, value) = counts.first(where: { $0.1 < 1 }) {
      return "\(name) is \(value), expected at least 1"
    }
    let allowances = [
      ("bufferedBodyBytesMax", bufferedBodyBytesMax),
      ("streamedBodyBytesMax", streamedBodyBytesMax),
      ("chunkExtensionBytesMax", chunkExtensionBytesMax), ("trailerBytesMax", trailerBytesMax),
      ("trailerFieldsMax", trailerFieldsMax), ("discardedBodyBytesMax", discardedBodyBytesMax),
      ("bodyBytesPerSecondMin", bodyBytesPerSecondMin), ("lingerBytesMax", lingerBytesMax),
      ("handlerQueueMax", handlerQueueMax),
      ("connectionsTurnedAwayMax", connectionsTurnedAwayMax),
    ]
    if let (name, value) = allowances.first(where: { $0.1 < 0 }) {
      return "\(name) is \(value), expected at least 0"
    }
    let seconds = [
      ("headerSeconds", headerSeconds), ("bodyGraceSeconds", bodyGraceSeconds),
      ("idleSeconds", idleSeconds), ("writeStallSeconds", writeStallSeconds),
      ("lingerSeconds", lingerSeconds), ("lingerPauseSeconds", lingerPauseSeconds),
    ]
    if let (name, value) = seconds.first(where: { !($0.1 > 0 && $0.1 <= 1e6) }) {
      return "\(name) is \(value), expected more than 0 and at most 1000000"
    }
    return nil
  }
}
