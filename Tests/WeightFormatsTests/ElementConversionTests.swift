import Foundation
import Networks
import Testing
import WeightFormats

/// Every stored element type becomes the `Float` it stands for, or is refused by name and index.
@Suite struct ElementConversionTests {
  typealias Fixture = SafetensorsFixture

  /// (-1)^sign 2^(exponent - bias) (1 + fraction), or 2^(1 - bias) fraction, from the standard.
  private func meaning(_ bits: Int, exponentBits: Int, fractionBits: Int) -> Double? {
    let fraction = Double(bits & (1 << fractionBits - 1)) / pow(2, Double(fractionBits))
    let exponent = bits >> fractionBits & (1 << exponentBits - 1)
    let bias = 1 << (exponentBits - 1) - 1
    guard exponent < 1 << exponentBits - 1 else { return nil }
    let magnitude =
      exponent == 0
      ? pow(2, Double(1 - bias)) * fraction : pow(2, Double(exponent - bias)) * (1 + fraction)
    return bits >> (exponentBits + fractionBits) == 1 ? -magnitude : magnitude
  }

  @Test(arguments: [("F16", 5, 10), ("BF16", 8, 7)])
  func everyPatternOf16Bits(type: String, exponentBits: Int, fractionBits: Int) throws {
    let all = (0..<65_536).map {
      ($0, meaning($0, exponentBits: exponentBits, fractionBits: fractionBits))
    }
    let finite = all.filter { $0.1 != nil }
    #expect(finite.count == 65_536 - (2 << fractionBits))
    let data = Fixture.data(finite.map { UInt16($0.0) })
    let values = try #require(
      try Fixture.single(type, data: data, width: 2).read().tensors["w"]
    ).values
    #expect(values.map(\.bitPattern) == finite.map { Float($0.1 ?? 0).bitPattern })
    for (bits, _) in all.filter({ $0.1 == nil }) {
      let data = Fixture.data([0, UInt16(bits), 0])
      let error = refusal { _ = try Fixture.single(type, data: data, width: 2).read() }
      guard case .nonFinite("w", 1, let value) = error else {
        Issue.record("\(bits): \(String(describing: error))")
        continue
      }
      #expect(!value.isFinite)
    }
  }

  /// Lengths on both sides of a piece, at every alignment of the data in the file.
  @Test(arguments: [1, 65_535, 65_536, 65_537, 200_000])
  func piecesJoin(count: Int) throws {
    var random = SeededGenerator(seed: UInt64(count))
    let values = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    for padding in 0..<4 {
      var fixture = Fixture.single(
        "F32", data: Fixture.data(values.map(\.bitPattern)), width: 4)
      fixture.header += String(repeating: " ", count: padding)
      #expect(try fixture.read().tensors["w"]?.values == values)
      let doubles = Fixture.data(values.map { Double($0).bitPattern })
      #expect(
        try Fixture.single("F64", data: doubles, width: 8).read().tensors["w"]?.values == values)
    }
  }

  @Test func theFirstNonFiniteValueIsNamed() throws {
    for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      for index in [0, 1, 7, 70_000, 99_999] {
        var values = [Float](repeating: 1, count: 100_000)
        values[index] = bad
        values[99_999] = index == 99_999 ? bad : .nan
        let data = Fixture.data(values.map(\.bitPattern))
        let error = refusal { _ = try Fixture.single("F32", data: data, width: 4).read() }
        guard case .nonFinite("w", index, _) = error else {
          Issue.record("\(bad) at \(index): \(String(describing: error))")
          continue
        }
      }
    }
    _ = try Fixture.single(
      "F32", data: Fixture.data([Float.greatestFiniteMagnitude.bitPattern]), width: 4
    ).read()
  }

  /// Doubles round; what rounds to infinity is refused with the value it was.
  @Test func doublesOnBothSidesOfTheRange() throws {
    func read(_ value: Double) throws(WeightFormatError) -> Float? {
      try Fixture.single("F64", data: Fixture.data([value.bitPattern]), width: 8)
        .read().tensors["w"]?.values[0]
    }
    #expect(try read(0.1) == 0.1 as Float)
    #expect(try read(1e-60) == 0)
    // Half a unit above the largest Float is where rounding turns to infinity.
    let edge = 0x1.ffffffp127
    #expect(try read(edge.nextDown) == .greatestFiniteMagnitude)
    #expect(throws: WeightFormatError.nonFinite(tensor: "w", index: 0, value: edge)) {
      try read(edge)
    }
    #expect(throws: WeightFormatError.nonFinite(tensor: "w", index: 0, value: -1e300)) {
      try read(-1e300)
    }
  }

  @Test func integersMustBeExact() throws {
    func read<Number: FixedWidthInteger>(
      _ type: String, _ numbers: [Number]
    ) throws(WeightFormatError) -> [Float]? {
      try Fixture.single(type, data: Fixture.data(numbers), width: Number.bitWidth / 8)
        .read().tensors["w"]?.values
    }
    #expect(try read("I8", [-128, 127] as [Int8]) == [-128, 127])
    #expect(try read("U8", [0, 255] as [UInt8]) == [0, 255])
    #expect(try read("I16", [-32_768, 32_767] as [Int16]) == [-32_768, 32_767])
    #expect(try read("U16", [0, 65_535] as [UInt16]) == [0, 65_535])
    #expect(try read("I32", [-1, 1 << 24, .min] as [Int32]) == [-1, 0x1p24, -0x1p31])
    #expect(try read("U32", [1 << 31] as [UInt32]) == [0x1p31])
    #expect(try read("I64", [30_069, -5, 1 << 24] as [Int64]) == [30_069, -5, 0x1p24])
    #expect(try read("I64", [.min] as [Int64]) == [-0x1p63])
    #expect(try read("U64", [1 << 63] as [UInt64]) == [0x1p63])
    #expect(try read("BOOL", [0, 1, 1] as [UInt8]) == [0, 1, 1])
    func refusal(_ value: String, _ type: ElementType) -> WeightFormatError {
      .inexact(tensor: "w", index: 1, value: value, elementType: type)
    }
    #expect(throws: refusal("16777217", .int64)) { try read("I64", [0, 16_777_217] as [Int64]) }
    #expect(throws: refusal("-16777217", .int32)) { try read("I32", [0, -16_777_217] as [Int32]) }
    #expect(throws: refusal("\(UInt64.max)", .uint64)) { try read("U64", [0, .max] as [UInt64]) }
    #expect(throws: refusal("2147483647", .int32)) { try read("I32", [0, .max] as [Int32]) }
    #expect(throws: refusal("2", .bool)) { try read("BOOL", [1, 2] as [UInt8]) }
  }
}
