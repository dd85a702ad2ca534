import Documents
import Networks
import Testing
import WeightFormats

/// What is written is read as the same, and every claim of a header is checked.
@Suite struct SafetensorsTests {
  typealias Fixture = SafetensorsFixture

  @Test(arguments: [1, 2, 3] as [UInt64])
  func writtenThenReadIsTheSame(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var tensors: [String: Tensor] = [:]
    for name in ["a", "b.weight", "ünïcode \"quoted\" / ~", "empty", "scalar", "long"] {
      let shape: [Int] =
        switch name {
        case "empty": [0, 3]
        case "scalar": []
        case "long": [300_001]
        default: (0...random.next() % 4).map { _ in Int.random(in: 1...7, using: &random) }
        }
      let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -9...9, using: &random) }
      tensors[name] = Tensor(shape: shape, values: values)
    }
    let architecture: JSONValue = ["version": 1, "layers": [["type": "relu"]], "x": "\"\n"]
    let metadata = ["made by": "a test", "seed": "\(seed)"]
    let bytes = Safetensors.write(
      tensors: tensors, architecture: architecture, metadata: metadata)
    let expected = WeightFile(
      format: "safetensors", tensors: tensors, architecture: architecture, metadata: metadata)
    #expect(try WeightFormats.read(MemoryBytes(bytes)) == expected)
    let again = Safetensors.write(
      tensors: tensors, architecture: architecture, metadata: metadata)
    #expect(again == bytes, "the same file is not the same bytes")
  }

  @Test func nothingAtAllIsAFile() throws {
    let file = try WeightFormats.read(MemoryBytes(Safetensors.write(tensors: [:])))
    #expect(file.tensors.isEmpty && file.architecture == nil && file.metadata.isEmpty)
  }

  @Test func summarySaysWhereEverythingIs() throws {
    let header =
      "{" + Fixture.entry("b", "F16", "[2]", "[8,12]") + ","
      + Fixture.entry("a", "I64", "[]", "[0,8]")
      + ",\"__metadata__\":{\"k\":\"v\",\"architecture\":\"{\\\"version\\\":1}\"}}"
    let fixture = Fixture(header: header, data: [UInt8](repeating: 255, count: 12))
    let start = 8 + header.utf8.count
    let summary = try fixture.summary()
    #expect(
      summary.tensors == [
        .init(name: "a", elementType: .int64, shape: [], byteRange: start..<start + 8),
        .init(name: "b", elementType: .float16, shape: [2], byteRange: start + 8..<start + 12),
      ])
    #expect(summary.format == "safetensors")
    #expect(summary.metadata == ["k": "v"])
    #expect(summary.architecture == ["version": 1])
  }

  /// Headers that are wrong in one place, and a word of the reason.
  static let wrongHeaders: [(header: String, reason: String)] = [
    ("{", "unexpected end"), ("{]", "member name"), ("{} x", "unexpected text"),
    ("{\"w\":1}", "expected an object"), ("{\"w\":{}}", "dtype: is missing"),
    ("{\"w\":{\"dtype\":\"F32\"}}", "shape: is missing"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", "data_offsets: is missing"),
    ("{\"w\":{\"dtype\":1,\"shape\":[1],\"data_offsets\":[0,4]}}", "expected a string"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", "array"),
    ("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", "unknown field"),
    ("{" + Fixture.entry("w", "F32", "[1.5]", "[0,4]") + "}", "is 1.5"),
    ("{" + Fixture.entry("w", "F32", "[-1]", "[0,4]") + "}", "is -1"),
    ("{" + Fixture.entry("w", "F32", "[1e300]", "[0,4]") + "}", "expected an integer"),
    ("{" + Fixture.entry("w", "F32", "[9007199254740994]", "[0,4]") + "}", "expected an integer"),
    ("{" + Fixture.entry("w", "F32", "[[1]]", "[0,4]") + "}", "nested deeper"),
    ("{" + Fixture.entry("w", "F32", "[true]", "[0,4]") + "}", "array of numbers"),
    ("{" + Fixture.entry("w", "F32", "[1]", "[0]") + "}", "expected 2"),
    ("{" + Fixture.entry("w", "F32", "[1]", "[0,4,4]") + "}", "expected 2"),
    ("{" + Fixture.entry("w", "F32", "[1]", "[-4,0]") + "}", "is -4"),
    ("{" + Fixture.entry("w", "F32", "[1]", "[4,0]") + "}", "before its start"),
    ("{" + Fixture.entry("w", "F32", "[2]", "[0,4]") + "}", "needs 8"),
    ("{" + Fixture.entry("w", "F32", "[1]", "[4,8]") + "}", "belong to no tensor"),
    ("{" + Fixture.entry("w", "F32", "[2]", "[0,8]") + "}", "cut off"),
    ("{" + Fixture.entry("w", "U8", "[3]", "[0,3]") + "}", "need 3 bytes"),
    (
      "{" + Fixture.entry("w", "F32", "[1]", "[9007199254740988,9007199254740992]") + "}",
      "no tensor"
    ),
    ("{" + Fixture.entry("", "F32", "[1]", "[0,4]") + "}", "empty name"),
    ("{}", "need 0 bytes"),
    (
      "{" + Fixture.entry("v", "F32", "[1]", "[0,4]") + ","
        + Fixture.entry("w", "F32", "[1]", "[0,4]") + "}", "overlaps"
    ),
    (
      "{" + Fixture.entry("v", "U8", "[3]", "[0,3]") + ","
        + Fixture.entry("w", "U8", "[2]", "[2,4]") + "}", "overlaps"
    ),
    (
      "{" + Fixture.entry("v", "U8", "[1]", "[0,1]") + ","
        + Fixture.entry("w", "U8", "[2]", "[2,4]") + "}", "belong to no tensor"
    ),
    (
      "{" + Fixture.entry("w", "F32", "[1]", "[0,4]") + ","
        + Fixture.entry("w", "F32", "[1]", "[0,4]") + "}", "named twice"
    ),
    ("{\"__metadata__\":1}", "expected an object"),
    ("{\"__metadata__\":{\"a\":1}}", "expected a string"),
    ("{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", "expected a string"),
  ]

  @Test func wrongHeadersAreRefusedWithTheReason() {
    for (header, reason) in Self.wrongHeaders {
      let fixture = Fixture(header: header, data: [0, 0, 0, 0])
      let error = refusal { _ = try fixture.read() }
      #expect(refusal { _ = try fixture.summary() } == error)
      guard case .malformed("safetensors", let detail) = error else {
        Issue.record("\(header): \(String(describing: error))")
        continue
      }
      #expect(detail.contains(reason), "\(header): \(detail)")
    }
  }

  @Test func unknownElementTypesAreNamed() {
    for type in ["F8_E4M3", "f32", "C64", "", "F32 "] {
      let fixture = Fixture.single(type, data: [0, 0, 0, 0], width: 4)
      #expect(
        throws: WeightFormatError.elementType(
          tensor: "w", found: type, known: ElementType.allCases.map(\.rawValue))
      ) { try fixture.read() }
    }
  }

  @Test func architectureMustBeJSON() throws {
    func fixture(_ text: String) -> Fixture {
      let quoted = String(decoding: JSONWriter.bytes(of: .string(text)), as: UTF8.self)
      return Fixture(header: "{\"__metadata__\":{\"architecture\":\(quoted)}}")
    }
    #expect(try fixture("{\"version\": 1}").read().architecture == ["version": 1])
    for text in ["", "{", "{\"a\":1,}", "not json"] {
      let error = refusal { _ = try fixture(text).read() }
      guard case .architecture("safetensors", _) = error else {
        Issue.record("\(text): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func headerLengthsAreChecked() {
    for length in [3, 1000, 1 << 24, (1 << 24) + 1, 1 << 40, 1 << 47, .max] as [UInt64] {
      #expect(throws: WeightFormatError.self, "\(length)") {
        try Fixture(header: "{}", length: length).read()
      }
      #expect(throws: WeightFormatError.self, "\(length)") {
        try Safetensors().read(
          MemoryBytes(Fixture(header: "{}", length: length).bytes), limits: WeightLimits())
      }
    }
  }

  @Test func truncationAndTrailingBytesAreRefused() {
    let bytes = Safetensors.write(
      tensors: ["a": Tensor(shape: [2], values: [1, 2]), "b": Tensor(shape: [1], values: [3])])
    for count in 0..<bytes.count {
      #expect(throws: WeightFormatError.self, "\(count)") {
        try WeightFormats.read(MemoryBytes(Array(bytes.prefix(count))))
      }
      #expect(throws: WeightFormatError.self, "\(count)") {
        try Safetensors().read(
          MemoryBytes(Array(bytes.prefix(count))), limits: WeightLimits())
      }
    }
    #expect(throws: WeightFormatError.self) { try WeightFormats.read(MemoryBytes(bytes + [0])) }
  }

  @Test func corruptionNeverCrashes() {
    let bytes = Safetensors.write(
      tensors: ["a": Tensor(shape: [2, 1], values: [1, 2]), "b": Tensor(shape: [], values: [3])],
      architecture: ["version": 1], metadata: ["k": "v"])
    for place in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var damaged = bytes
        damaged[place] = byte
        guard let file = try? WeightFormats.read(MemoryBytes(damaged)) else { continue }
        #expect(file.tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) })
      }
    }
  }
}
