import SignalFormats
import Testing

/// PNG files of every kind become the raster that they show, and damaged ones an error.
@Suite struct PNGTests {
  private func raster(_ width: Int, _ height: Int, _ channels: Int, seed: UInt64) -> Raster {
    var random = SeededGenerator(seed: seed)
    return Raster(
      width: width, height: height, channels: channels,
      values: (0..<width * height * channels).map { _ in .random(in: 0...255, using: &random) })
  }

  @Test(arguments: [(1, 1), (1, 7), (5, 1), (17, 9), (64, 64), (300, 200)])
  func encodedThenDecodedIsTheSame(width: Int, height: Int) throws {
    for channels in [1, 3] {
      let raster = raster(width, height, channels, seed: UInt64(width * height))
      #expect(try PNG.decode(try PNG.encode(raster)) == raster)
    }
  }

  /// Each colour type, depth and interlacing of one picture, from an encoder that is not libpng.
  @Test func everyColourTypeIsRead() throws {
    let grey = PNGFixtures.greyLevels
    for (name, bytes) in PNGFixtures.files {
      let raster = try PNG.decode(bytes)
      #expect(raster.width == 4 && raster.height == 3, "\(name)")
      switch name {
      case let name where name.hasPrefix("grey-alpha"):
        #expect(raster.values == PNGFixtures.overBlack(grey), "\(name)")
      case let name where name.hasPrefix("grey"):
        #expect(raster.values == grey, "\(name)")
      case let name where name.hasPrefix("rgba"):
        #expect(raster.values == PNGFixtures.overBlack(PNGFixtures.rgbLevels), "\(name)")
      default:
        #expect(raster.values == PNGFixtures.rgbLevels, "\(name)")
      }
    }
  }

  /// Gamma, colour profiles and comments change nothing, also where libpng would apply them.
  @Test func samplesAreTakenAsStored() throws {
    for (name, bytes) in PNGFixtures.files {
      let afterHeader = 8 + 25
      let extra =
        PNGFixtures.chunk("gAMA", [0, 1, 0x86, 0xA0]) + PNGFixtures.chunk("tEXt", [65, 0, 66])
      let marked = Array(bytes[..<afterHeader]) + extra + Array(bytes[afterHeader...])
      #expect(try PNG.decode(marked) == PNG.decode(bytes), "\(name)")
    }
  }

  @Test func pixelLimitOnBothSides() throws {
    let bytes = try PNG.encode(raster(6, 5, 3, seed: 1))
    #expect(try PNG.decode(bytes, pixelsMax: 30).width == 6)
    #expect(
      throws: SignalFormatError.tooLarge(
        quantity: "the number of pixels (6 x 5)", value: 30, limit: 29)
    ) { try PNG.decode(bytes, pixelsMax: 29) }
  }

  @Test func sideLimitOnBothSides() throws {
    let longest = Raster(
      width: 1_000_000, height: 1, channels: 1, values: .init(repeating: 9, count: 1_000_000))
    #expect(try PNG.decode(try PNG.encode(longest)) == longest)
    let longer = Raster(
      width: 1_000_001, height: 1, channels: 1, values: .init(repeating: 9, count: 1_000_001))
    #expect(throws: SignalFormatError.self) { try PNG.encode(longer) }
  }

  /// A small file that claims a picture of 10^12 pixels takes no memory for it.
  @Test func hugeClaimsAreRefused() throws {
    var bytes = PNGFixtures.file(width: 1_000_000, height: 1_000_000, depth: 8, colour: 0, rows: [])
    #expect(throws: SignalFormatError.self) { try PNG.decode(bytes) }
    bytes = PNGFixtures.file(width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, depth: 8, colour: 0, rows: [])
    #expect(throws: SignalFormatError.self) { try PNG.decode(bytes, pixelsMax: .max) }
    bytes = PNGFixtures.file(width: 0, height: 1, depth: 8, colour: 0, rows: [])
    #expect(throws: SignalFormatError.self) { try PNG.decode(bytes) }
  }

  @Test func truncationAndTrailingBytesAreRefused() throws {
    let whole = try PNG.encode(raster(5, 4, 3, seed: 2))
    for count in 0..<whole.count {
      #expect(throws: SignalFormatError.self, "\(count)") {
        try PNG.decode(Array(whole.prefix(count)))
      }
    }
    #expect(throws: SignalFormatError.self) { try PNG.decode(whole + [0]) }
    #expect(throws: SignalFormatError.signature(format: "a PNG file", found: [0xFF, 0xD8])) {
      try PNG.decode([0xFF, 0xD8])
    }
  }

  @Test func corruptionNeverCrashes() throws {
    let whole = try PNG.encode(raster(3, 2, 3, seed: 3))
    for place in whole.indices {
      for byte in UInt8.min...UInt8.max {
        var damaged = whole
        damaged[place] = byte
        guard let raster = try? PNG.decode(damaged, pixelsMax: 10_000) else { continue }
        #expect(raster.values.count == raster.width * raster.height * raster.channels)
      }
    }
  }

  /// The same with checksums that fit, so that the damage reaches what reads the header.
  @Test func damagedHeadersWithTheirChecksumsNeverCrash() {
    let rows = [[0, 10, 20], [0, 30, 40]] as [[UInt8]]
    for depth in UInt8.min...20 {
      for colour in UInt8.min...8 {
        for interlace in UInt8.min...3 {
          let bytes = PNGFixtures.file(
            width: 2, height: 2, depth: depth, colour: colour, interlace: interlace, rows: rows)
          _ = try? PNG.decode(bytes)
        }
      }
    }
  }
}
