import Documents
import Testing

/// A parameter decodes within its range, defaults when absent, and lists itself as a schema.
@Suite struct ParameterTests {
  private let step = Parameter("step", default: 0.5, in: 0.25...2, "Step length.")
  private let count = Parameter("count", default: 3, in: 1...8, "How many.")

  private func reader(_ text: String) throws -> ObjectReader {
    try ObjectReader(try JSONParser().parse(text))
  }

  @Test func absentIsTheDefault() throws {
    #expect(try reader("{}").value(step) == 0.5)
    #expect(try reader("{}").value(count) == 3)
    #expect(try reader(#"{"count": null}"#).value(count) == 3)
  }

  @Test func rangesAreClosedOnBothSides() throws {
    #expect(try reader(#"{"step": 0.25}"#).value(step) == 0.25)
    #expect(try reader(#"{"step": 2}"#).value(step) == 2)
    #expect(try reader(#"{"count": 1}"#).value(count) == 1)
    #expect(try reader(#"{"count": 8}"#).value(count) == 8)
    for text in ["0.2499", "2.0001", "\"1\"", "[1]"] {
      #expect(throws: DocumentError.self, "\(text)") {
        try reader(#"{"step": \#(text)}"#).value(step)
      }
    }
    for text in ["0", "9", "1.5", "true"] {
      #expect(throws: DocumentError.self, "\(text)") {
        try reader(#"{"count": \#(text)}"#).value(count)
      }
    }
  }

  @Test func schemasSayEverything() {
    #expect(
      step.schema == [
        "type": "number", "default": 0.5, "description": "Step length.", "minimum": 0.25,
        "maximum": 2,
      ])
    #expect(
      count.schema == [
        "type": "integer", "default": 3, "description": "How many.", "minimum": 1, "maximum": 8,
      ])
    let structured = StructuredParameter("shape", schema: ["type": "array"])
    let all: [any ParameterDescription] = [step, count, structured]
    #expect(all.map(\.name) == ["step", "count", "shape"])
    #expect(structured.schema == ["type": "array"])
  }

  /// JSON has no infinity: a `null` there would be no schema.
  @Test func infiniteBoundsAreLeftOut() {
    let open = Parameter("weight", default: 0.0, in: 0...Double.infinity, "Weight.")
    #expect(
      open.schema == ["type": "number", "default": 0, "description": "Weight.", "minimum": 0])
  }
}
