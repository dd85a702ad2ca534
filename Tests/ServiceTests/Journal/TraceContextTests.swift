import Service
import Testing

/// `traceparent` [W3C Trace Context, section 3.2].
struct TraceContextTests {
  private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func aTraceIsContinuedWithASpanOfItsOwn() throws {
    var random = SystemRandomNumberGenerator()
    let trace = try #require(TraceContext(continuing: Self.parent, using: &random))
    #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" && trace.flags == "01")
    #expect(trace.spanID != "00f067aa0ba902b7" && trace.isContinued)
    #expect(trace.traceparent == "00-\(trace.traceID)-\(trace.spanID)-01")
    #expect(TraceContext(continuing: trace.traceparent, using: &random) != nil)
    #expect(TraceContext.traceID(of: trace.traceparent) == trace.traceID)
    #expect(TraceContext.traceID(of: "x") == nil && TraceContext.traceID(of: nil) == nil)
  }

  @Test func aTraceBeginsWhereNoneIs() {
    var random = SystemRandomNumberGenerator()
    let trace = TraceContext(using: &random)
    #expect(!trace.isContinued && trace.traceID.count == 32 && trace.spanID.count == 16)
    #expect(TraceContext(continuing: trace.traceparent, using: &random)?.traceID == trace.traceID)
  }

  @Test(
    arguments: [
      "", "x", String(parent.dropLast()), parent + "0", parent + "-", parent + "-more",
      parent.uppercased(), parent.replacing("-", with: "_"), "ff" + parent.dropFirst(2),
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    ])
  func whatIsNoneIsIgnored(field: String) {
    var random = SystemRandomNumberGenerator()
    #expect(TraceContext(continuing: field, using: &random) == nil)
  }

  /// What is known of a later version is read, what follows it is not.
  @Test func laterVersionsAreRead() {
    var random = SystemRandomNumberGenerator()
    let later = "cc" + Self.parent.dropFirst(2)
    #expect(TraceContext(continuing: later, using: &random) != nil)
    #expect(TraceContext(continuing: later + "-what-the-future-holds", using: &random) != nil)
    #expect(TraceContext(continuing: later + ".x", using: &random) == nil)
  }
}
