/// PNG files built chunk by chunk from the standard alone: an encoder that shares nothing with
/// libpng. Every colour type, depth and interlacing of one picture, 4 by 3 pixels.
enum PNGFixtures {
  /// Multiples of 17, so that 4 bits hold them, and 0 or 255 in the first row.
  static let greyLevels: [UInt8] = [0, 255, 0, 255, 17, 34, 51, 68, 136, 170, 204, 238]
  static let rgbLevels: [UInt8] = greyLevels.flatMap { [$0, 255 - $0, $0 / 17 * 5] }
  static let alphaLevels: [UInt8] = [255, 255, 0, 128, 255, 1, 254, 77, 0, 255, 128, 200]

  static func overBlack(_ samples: [UInt8]) -> [UInt8] {
    let channels = samples.count / alphaLevels.count
    return samples.indices.map { place in
      let product = Double(samples[place]) * Double(alphaLevels[place / channels])
      return UInt8((product / 255).rounded())
    }
  }

  static var files: [(name: String, bytes: [UInt8])] {
    var files: [(String, [UInt8])] = []
    for interlace in [0, 1] as [UInt8] {
      func add(
        _ name: String, depth: UInt8, colour: UInt8, palette: [UInt8] = [],
        pixel: @escaping (Int) -> [UInt8]
      ) {
        let rows = scanlines(depth: depth, interlace: interlace, pixel: pixel)
        let bytes = file(
          width: 4, height: 3, depth: depth, colour: colour, interlace: interlace,
          palette: palette, rows: rows)
        files.append((name + "-\(depth)" + (interlace == 1 ? "-interlaced" : ""), bytes))
      }
      add("grey", depth: 4, colour: 0) { [greyLevels[$0] / 17] }
      add("grey", depth: 8, colour: 0) { [greyLevels[$0]] }
      add("grey", depth: 16, colour: 0) { [greyLevels[$0], greyLevels[$0]] }
      add("grey-alpha", depth: 8, colour: 4) { [greyLevels[$0], alphaLevels[$0]] }
      add("grey-alpha", depth: 16, colour: 4) {
        [greyLevels[$0], greyLevels[$0], alphaLevels[$0], alphaLevels[$0]]
      }
      add("rgb", depth: 8, colour: 2) { rgb($0) }
      add("rgb", depth: 16, colour: 2) { rgb($0).flatMap { [$0, $0] } }
      add("rgba", depth: 8, colour: 6) { rgb($0) + [alphaLevels[$0]] }
      add("rgba", depth: 16, colour: 6) {
        (rgb($0) + [alphaLevels[$0]]).flatMap { [$0, $0] }
      }
      add("palette", depth: 4, colour: 3, palette: rgbLevels) { [UInt8($0)] }
      add("palette", depth: 8, colour: 3, palette: rgbLevels) { [UInt8($0)] }
    }
    return files
  }

  private static func rgb(_ pixel: Int) -> [UInt8] {
    Array(rgbLevels[pixel * 3..<pixel * 3 + 3])
  }

  /// Filter type 0 and the packed pixels of each row of each pass [PNG, sections 7 and 8].
  private static func scanlines(
    depth: UInt8, interlace: UInt8, pixel: (Int) -> [UInt8]
  ) -> [[UInt8]] {
    let adam7 = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
      (0, 1, 1, 2),
    ]
    var rows: [[UInt8]] = []
    for (left, top, across, down) in interlace == 1 ? adam7 : [(0, 0, 1, 1)] {
      guard left < 4 else { continue }
      for y in stride(from: top, to: 3, by: down) {
        let samples = stride(from: left, to: 4, by: across).flatMap { pixel(y * 4 + $0) }
        var row: [UInt8] = [0]
        if depth == 4 {
          for place in stride(from: 0, to: samples.count, by: 2) {
            row.append(samples[place] << 4 | (place + 1 < samples.count ? samples[place + 1] : 0))
          }
        } else {
          row += samples
        }
        rows.append(row)
      }
    }
    return rows
  }

  static func file(
    width: UInt32, height: UInt32, depth: UInt8, colour: UInt8, interlace: UInt8 = 0,
    palette: [UInt8] = [], rows: [[UInt8]]
  ) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", word(width) + word(height) + [depth, colour, 0, 0, interlace])
      + (palette.isEmpty ? [] : chunk("PLTE", palette))
      + chunk("IDAT", zlib(rows.flatMap { $0 })) + chunk("IEND", [])
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    var checksum = UInt32.max
    for byte in body {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return word(UInt32(data.count)) + body + word(~checksum)
  }

  /// One stored block [RFC 1950, 1951].
  private static func zlib(_ data: [UInt8]) -> [UInt8] {
    var a: UInt32 = 1
    var b: UInt32 = 0
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    let count = UInt16(data.count)
    let length = [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
    return [0x78, 0x01, 0x01] + length + data + word(b << 16 | a)
  }
}
