import HTTP

/// Reads a connection's bytes as the server does, whole and in pieces, and insists that both say the
/// same: what a peer's segments are must mean nothing.
enum HTTPReading {
  /// The first byte says how long the pieces are, the rest is what is sent.
  static func read(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let sent = Array(bytes.dropFirst())
    let pieceBytes = Int(first) + 1
    let pieces = stride(from: 0, to: sent.count, by: pieceBytes).map {
      Array(sent[$0..<min($0 + pieceBytes, sent.count)])
    }
    let whole = RequestTranscript([sent], limits: limits).events
    let apart = RequestTranscript(pieces, limits: limits).events
    precondition(whole == apart, "whole: \(whole), in pieces of \(pieceBytes): \(apart)")
  }

  private static let limits = {
    var limits = ServerLimits()
    // Small enough for a fuzzer to reach.
    limits.requestLineBytesMax = 512
    limits.headerBytesMax = 1024
    limits.headerFieldsMax = 16
    limits.chunkExtensionBytesMax = 64
    limits.trailerBytesMax = 128
    limits.trailerFieldsMax = 4
    return limits
  }()
}
