import Documents
import Foundation
import HTTP
import HTTPTypes
import Service
import SignalFormats
import Testing

/// Times, numbers and signals as they are written, and read again.
struct WireFormTests {
  @Test func timesRoundTripToTheMillisecond() throws {
    for milliseconds in [0, 1, 999, 1_700_000_000_123, 4_102_444_799_999] {
      let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
      let text = Timestamp.text(date)
      let again = try Timestamp.parse(text, parameter: "t")
      #expect(abs(again.timeIntervalSince(date)) < 0.0006, "\(text)")
    }
    #expect(
      Timestamp.text(Date(timeIntervalSince1970: 1_769_860_800)) == "2026-01-31T12:00:00.000Z")
  }

  /// From the year 1600, before which Foundation counts by the Julian calendar, to 9999; days about
  /// leap years and centuries among them.
  @Test func timesAreWrittenAsFoundationWritesThem() {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    var seconds = Array(stride(from: -11_676_096_000, to: 253_402_300_800, by: 157_788_061))
    for year in [1604, 1700, 1900, 1970, 2000, 2023, 2024, 2100, 9996] {
      let days = (year - 1970) * 365 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477
      seconds += (-2...400).map { (days + $0) * 86_400 + 1 }
    }
    for second in seconds {
      let date = Date(timeIntervalSince1970: Double(second) + 0.25)
      #expect(Timestamp.text(date) == style.format(date))
    }
  }

  @Test(arguments: [
    "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z", "2026-01-31T13:00:00+01:00",
    "2026-02-01T06:35:00+18:35", "2026-02-01T11:59:00.000+23:59", "2026-01-30T12:01:00-23:59",
  ])
  func timesOfEveryZoneAreRead(text: String) throws {
    let date = try Timestamp.parse(text, parameter: "t")
    #expect(date.timeIntervalSince1970 == 1_769_860_800)
  }

  @Test(arguments: [
    "", "yesterday", "2026-01-31", "12:00:00Z", "2026-13-31T12:00:00Z", "2026-01-31T12:00:00",
    "2026-01-31T12:00:00Zrubbish", "1769860800", "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+01:60", "2026-01-31T12:00:00Z+01:00",
  ])
  func whatIsNoTimeIsRefused(text: String) {
    let problem = #expect(throws: Problem.self) { try Timestamp.parse(text, parameter: "after") }
    #expect(problem?.code == "invalid_parameter")
    #expect(problem?.detail.hasPrefix("after is ") == true)
  }

  @Test func storedNumbersRoundTripBitForBit() {
    let values: [Float] = [0, -0.0, 1.5, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .nan]
    let again = StoredNumbers.values(StoredNumbers.bytes(values))
    #expect(again.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(StoredNumbers.bytes([1]) == [0, 0, 0x80, 0x3F])
    #expect(StoredNumbers.values([0, 0, 0x80, 0x3F, 7, 7, 7]) == [1])
    #expect(StoredNumbers.values([]).isEmpty)
  }

  private func response(
    _ representation: SignalRepresentation, _ values: [Float], count: Int, shape: [Int],
    isList: Bool
  ) throws -> (fields: HTTPFields, bytes: [UInt8]) {
    let response = try representation.response(
      values, count: count, shape: shape, range: 0...1, isList: isList)
    guard case .bytes(let bytes) = response.body else { return (response.fields, []) }
    return (response.fields, bytes)
  }

  private static let values: [Float] = [0, 1, 0.5, 0.25, 0.75, 0.1, 0.2, 1]

  @Test func aSignalReadsBackFromJSON() throws {
    let (fields, bytes) = try response(.json, Self.values, count: 1, shape: [2, 4], isList: false)
    #expect(fields[.contentType] == "application/json")
    #expect(fields[.vary] == "Accept")
    let json = try JSONParser().parse(bytes)
    #expect(json["shape"] == [2, 4])
    #expect(json["values"]?.numbers?.map { Float($0) } == Self.values)
  }

  @Test func aListReadsBackFromJSON() throws {
    let (_, bytes) = try response(.json, Self.values, count: 2, shape: [2, 2], isList: true)
    let json = try JSONParser().parse(bytes)
    #expect(json["shape"] == [2, 2, 2])
    let rows = (json["outputs"]?.elements ?? []).map { ($0.numbers ?? []).map { Float($0) } }
    #expect(rows == [Array(Self.values[..<4]), Array(Self.values[4...])])
  }

  @Test func aSignalReadsBackFromNPY() throws {
    for isList in [false, true] {
      let (fields, bytes) = try response(
        .npy, Self.values, count: 1, shape: [2, 4], isList: isList)
      #expect(fields[.contentType] == "application/x-npy")
      let array = try NPY.read(bytes)
      #expect(array.shape == (isList ? [1, 2, 4] : [2, 4]))
      #expect(array.values == Self.values)
    }
  }

  @Test func aSignalReadsBackFromPNGWithinHalfALevel() throws {
    let (fields, bytes) = try response(.png, Self.values, count: 1, shape: [2, 4], isList: false)
    #expect(fields[.contentType] == "image/png")
    let raster = try PNG.decode(bytes)
    #expect((raster.width, raster.height, raster.channels) == (4, 2, 1))
    let again = raster.signal(range: (lower: 0, upper: 1))
    #expect(zip(again, Self.values).allSatisfy { abs($0 - $1) <= 0.5 / 255 + 1e-6 })
  }

  @Test(arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (5, 3, 2), (9, 3, 3)])
  func aListAsPNGIsAboutAsWideAsHigh(count: Int, columns: Int, rows: Int) throws {
    let values = [Float](repeating: 0.5, count: 4 * count)
    let (_, bytes) = try response(.png, values, count: count, shape: [2, 2], isList: true)
    let sheet = try PNG.decode(bytes)
    #expect(sheet.width == columns * 4 + 2)
    #expect(sheet.height == rows * 4 + 2)
  }

  @Test(arguments: [
    ("/?format=npy", "image/png", SignalRepresentation.npy), ("/", "image/png", .png),
    ("/", "application/x-npy;q=0.2, text/html", .npy), ("/?format=json", "text/html", .json),
  ])
  func theFormatWinsOverAccept(target: String, accept: String, wanted: SignalRepresentation) throws
  {
    let request = try Request(.get, target, fields: [.accept: accept])
    #expect(try SignalRepresentation(request) == wanted)
  }

  @Test func unknownRepresentationsAreRefused() throws {
    let unknown = try Request(.get, "/?format=tiff")
    #expect(throws: Problem.self) { try SignalRepresentation(unknown) }
    let unwanted = try Request(.get, "/", fields: [.accept: "text/html"])
    let problem = #expect(throws: Problem.self) { try SignalRepresentation(unwanted) }
    #expect(problem?.status.code == 406)
  }
}
