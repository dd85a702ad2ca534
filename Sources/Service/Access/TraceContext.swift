import HTTP
import HTTPTypes
import Synchronization

/// A request's place in a distributed trace: `traceparent` of W3C Trace Context, section 3.2.
package struct TraceContext: Sendable, Equatable {
  /// 32 lower-case hexadecimal digits, not all zero.
  package var traceID: String
  /// The span of this request, 16 digits.
  package var spanID: String
  /// Two digits; 01 is "sampled".
  package var flags: String
  /// Whether the client brought it.
  package var isContinued: Bool

  /// What those who are called from here are told, and what is kept with a job.
  package var traceparent: String { "00-\(traceID)-\(spanID)-\(flags)" }

  /// A trace that begins here.
  package init(using randomness: inout some RandomNumberGenerator) {
    traceID = Self.digits(randomness.next()) + Self.digits(randomness.next() | 1)
    spanID = Self.digits(randomness.next() | 1)
    flags = "00"
    isContinued = false
  }

  /// The client's trace with a span of its own for this request.
  ///
  /// - Returns: `nil` for what the standard says to ignore. Of later versions than 00 what is known
  ///   is read.
  package init?(
    continuing traceparent: String, using randomness: inout some RandomNumberGenerator
  ) {
    let bytes = Array(traceparent.utf8)
    let isLowerHexadecimal: (UInt8) -> Bool = {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
    }
    guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
      [0..<2, 3..<35, 36..<52, 53..<55].allSatisfy({ bytes[$0].allSatisfy(isLowerHexadecimal) }),
      case let version = bytes[0..<2], !version.elementsEqual("ff".utf8),
      bytes.count == 55
        || !version.elementsEqual("00".utf8) && bytes[55] == UInt8(ascii: "-"),
      bytes[3..<35].contains(where: { $0 != 0x30 }), bytes[36..<52].contains(where: { $0 != 0x30 })
    else { return nil }
    traceID = String(decoding: bytes[3..<35], as: UTF8.self)
    spanID = Self.digits(randomness.next() | 1)
    flags = String(decoding: bytes[53..<55], as: UTF8.self)
    isContinued = true
  }

  /// Of a request: the client's trace, or one that begins here.
  init(_ request: Request) {
    var randomness = TraceNumbers()
    let brought = request.field(.traceparent)
    self =
      brought.flatMap { TraceContext(continuing: $0, using: &randomness) }
      ?? TraceContext(using: &randomness)
  }

  /// The trace's id in a `traceparent` that was kept.
  package static func traceID(of traceparent: String?) -> String? {
    guard let parts = traceparent?.split(separator: "-"), parts.count >= 4, parts[1].count == 32
    else { return nil }
    return String(parts[1])
  }

  private static func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

/// Numbers for traces: distinct within 2^64 of them and no secret, so that a request costs no system
/// call. A counter from a random place, through the finaliser of SplitMix64.
private struct TraceNumbers: RandomNumberGenerator {
  private static let counter = Atomic(UInt64.random(in: 0 ... .max))

  mutating func next() -> UInt64 {
    let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    var mixed = Self.counter.wrappingAdd(step, ordering: .relaxed).newValue
    mixed = (mixed ^ mixed &>> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed &>> 31
  }
}

extension HTTPField.Name {
  static let traceparent = Self("traceparent")!
}
