import Networks
import Testing
import WeightFormats

/// Each limit accepts its own value and refuses the next, by name.
@Suite struct WeightLimitsTests {
  @Test func defaults() {
    let limits = WeightLimits()
    #expect(limits.bytesMax == 2 << 30)
    #expect(limits.headerBytesMax == 16 << 20)
    #expect(limits.tensorsMax == 10_000)
    #expect(limits.elementsMax == 1 << 29)
    #expect(limits.dimensionsMax == 8)
    #expect(limits.nameBytesMax == 512)
    #expect(limits.nodesMax == 10_000)
  }

  @Test func everyLimitOnBothSides() throws {
    let bytes = Safetensors.write(
      tensors: [
        "ab": Tensor(shape: [1, 2, 3], values: [1, 2, 3, 4, 5, 6]),
        "c": Tensor(shape: [4], values: [7, 8, 9, 10]),
      ], metadata: ["not": "a tensor"])
    let headerBytes = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let exact = WeightLimits(
      bytesMax: bytes.count, headerBytesMax: headerBytes, tensorsMax: 2, elementsMax: 10,
      dimensionsMax: 3, nameBytesMax: 2)
    let names: [(String, WritableKeyPath<WeightLimits, Int>)] = [
      ("bytesMax", \.bytesMax), ("headerBytesMax", \.headerBytesMax),
      ("tensorsMax", \.tensorsMax), ("elementsMax", \.elementsMax),
      ("dimensionsMax", \.dimensionsMax), ("nameBytesMax", \.nameBytesMax),
    ]
    #expect(try WeightFormats.read(MemoryBytes(bytes), limits: exact).tensors.count == 2)
    for (name, path) in names {
      var less = exact
      less[keyPath: path] -= 1
      let source = MemoryBytes(bytes)
      let error = refusal { _ = try WeightFormats.read(source, limits: less) }
      #expect(refusal { _ = try WeightFormats.summary(of: source, limits: less) } == error)
      #expect(refusal { _ = try Safetensors().read(source, limits: less) } == error)
      guard case .limit(name, _, let value, let limit) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(value == limit + 1)
    }
  }

  /// Shapes that would overflow, or hide an absurd extent behind an empty one.
  @Test func absurdShapesAreRefused() {
    let unlimited = WeightLimits(
      bytesMax: .max, headerBytesMax: .max, tensorsMax: .max, elementsMax: .max - 1,
      dimensionsMax: .max, nameBytesMax: .max)
    for shape in [
      "[4294967296,4294967296]", "[3037000500,3037000500]", "[9007199254740992,1024,0]",
      "[0,9007199254740992,1024]", "[2,2,2,2,2,2,2,2,2]", "[2305843009213693952]",
    ] {
      let fixture = SafetensorsFixture.single("F64", shape: shape, data: [0], width: 8)
      for limits in [WeightLimits(), unlimited] {
        #expect(throws: WeightFormatError.self, "\(shape)") { try fixture.read(limits) }
      }
    }
  }

  /// A gigabyte that is claimed but not there costs nothing.
  @Test func claimsAreCheckedBeforeMemoryIsTaken() {
    let entry = SafetensorsFixture.entry("w", "F32", "[500000000]", "[0,2000000000]")
    #expect(throws: WeightFormatError.self) {
      try SafetensorsFixture(header: "{\(entry)}", data: [0, 0, 0, 0]).read()
    }
  }
}
