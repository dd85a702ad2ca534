import Documents
import Foundation
import Testing

/// Numbers keep their bits, whichever way they go.
@Suite struct JSONNumberTests {
  private func parsed(_ text: String) throws -> Double {
    try #require(try JSONParser().parse(text).number)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func doublesComeBackBitForBit(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var numbers: [Double] = [0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude]
    while numbers.count < 50_000 {
      let number = Double(bitPattern: random.next())
      if number.isFinite { numbers.append(number) }
      numbers.append(.random(in: -1...1, using: &random))
      numbers.append(Double(Int64(truncatingIfNeeded: random.next()) >> Int(random.next() % 64)))
    }
    let text = JSONWriter.bytes(of: .numbers(numbers))
    let back = try #require(try JSONParser().parse(text).numbers)
    #expect(back.map(\.bitPattern) == numbers.map(\.bitPattern))
  }

  @Test func floatsComeBackBitForBit() throws {
    var random = SeededGenerator(seed: 4)
    var numbers: [Float] = [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e10]
    while numbers.count < 50_000 {
      let number = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if number.isFinite { numbers.append(number) }
      numbers.append(.random(in: -1...1, using: &random))
    }
    var writer = JSONWriter()
    writer.write(numbers)
    let back = try #require(try JSONParser().parse(writer.bytes).numbers)
    #expect(back.map { Float($0).bitPattern } == numbers.map(\.bitPattern))
  }

  /// Random decimal texts of every length and exponent, against the C library.
  @Test(arguments: [5, 6] as [UInt64])
  func decimalsAreRoundedAsStrtodRounds(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func digits(_ count: Int) -> String {
      String((0..<count).map { _ in Character(String(random.next() % 10)) })
    }
    for _ in 0..<50_000 {
      var text = random.next() % 2 == 0 ? "-" : ""
      text +=
        random.next() % 3 == 0
        ? "0" : "\(random.next() % 9 + 1)" + digits(Int(random.next() % 22))
      if random.next() % 4 != 0 { text += "." + digits(Int(random.next() % 24) + 1) }
      if random.next() % 3 == 0 { text += "e\(Int(random.next() % 600) - 330)" }
      let expected = strtod(text, nil)
      if expected.isFinite {
        #expect(try parsed(text).bitPattern == expected.bitPattern, "\(text)")
      } else {
        #expect(throws: JSONSyntaxError.self, "\(text)") { try JSONParser().parse(text) }
      }
    }
  }

  /// Where rounding is hardest: halfway between two doubles, and beside it.
  @Test func tiesAreRoundedToEven() throws {
    #expect(try parsed("9007199254740993") == 9_007_199_254_740_992)
    #expect(try parsed("9007199254740995") == 9_007_199_254_740_996)
    #expect(try parsed("9007199254740993.00000000000000000000000000001") == 9_007_199_254_740_994)
    // Doubles are 1 apart from 2^52 on, 0.5 below, and 2048 apart from 2^63 on.
    #expect(try parsed("4503599627370497.5") == 4_503_599_627_370_498)
    #expect(try parsed("4503599627370496.5") == 4_503_599_627_370_496)
    #expect(try parsed("4503599627370496.501") == 4_503_599_627_370_497)
    #expect(try parsed("2251799813685249.25") == 2_251_799_813_685_249)
    #expect(try parsed("2251799813685249.750") == 2_251_799_813_685_250)
    #expect(try parsed("9223372036854776832") == 9_223_372_036_854_775_808)
    #expect(try parsed("922337203685477683.3e1") == 9_223_372_036_854_777_856)
    #expect(try parsed("1." + String(repeating: "0", count: 1000) + "1") == 1)
    #expect(try parsed("0." + String(repeating: "0", count: 400) + "1e401") == 1)
    #expect(try parsed("1" + String(repeating: "0", count: 400) + "e-400") == 1)
    #expect(try parsed("2.2250738585072011e-308") == .leastNormalMagnitude.nextDown)
    #expect(try parsed("18446744073709551616") == 0x1p64)
    #expect(try parsed("100000000000000000000000000000000000000000") == 1e41)
    #expect(try parsed("-0").sign == .minus)
  }

  @Test func writesTheShortestDigits() {
    func text(_ number: Double) -> String {
      String(decoding: JSONWriter.bytes(of: .number(number)), as: UTF8.self)
    }
    #expect(text(1) == "1")
    #expect(text(-3) == "-3")
    #expect(text(0.1) == "0.1")
    #expect(text(1e15) == "1000000000000000")
    #expect(text(-0.0) == "-0.0")
    #expect(text(.nan) == "null")
    #expect(text(-.infinity) == "null")
    var writer = JSONWriter()
    writer.write([0.1, 1, .nan, 16_777_216] as [Float])
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "[0.1,1,null,16777216]")
  }

  @Test func writesWhatItReads() throws {
    let text = #"{"a":[1,"b\"\\\n\u0001\u007f"],"c":{"d":[null,true,false,[]]},"e":-1.5}"#
    let value = try JSONParser().parse(text)
    #expect(String(decoding: JSONWriter.bytes(of: value), as: UTF8.self) == text)
    var writer = JSONWriter()
    writer.write(verbatim: Array(text.utf8))
    #expect(writer.bytes == Array(text.utf8))
  }

  /// A floor that a regression by a factor would break, not a measurement.
  @Test func aMillionNumbersAreReadQuickly() throws {
    var random = SeededGenerator(seed: 7)
    let numbers = (0..<200_000).map { _ in Double.random(in: -1...1, using: &random) }
    let text = JSONWriter.bytes(of: .numbers(numbers))
    var best = Duration.seconds(100)
    for _ in 0..<5 {
      best = min(best, try ContinuousClock().measure { _ = try JSONParser().parse(text) })
    }
    // 4 MB at 20 MB/s; debug builds and busy machines are given ten times that.
    #expect(best < .seconds(2))
  }
}
