import SignalFormats
import Testing

/// Signals and rasters stand for one another; sheets hold every image in its place.
@Suite struct RasterTests {
  @Test(
    arguments: [(0, 1), (-1, 1), (-3.5, 0.25), (0, 255), (1e-20, 1e20), (-3e38, 3e38)]
      as [(Float, Float)])
  func rasterToSignalAndBackIsTheSame(lower: Float, upper: Float) throws {
    for channels in [1, 3] {
      let values = (0..<32 * 8 * channels).map { UInt8(truncatingIfNeeded: $0 * 7) }
      let raster = Raster(width: 32, height: 8, channels: channels, values: values)
      let signal = raster.signal(range: (lower, upper))
      let back = try Raster(signal: signal, shape: raster.signalShape, range: (lower, upper))
      #expect(back == raster)
      #expect(signal.min() == lower && signal.max() == upper)
    }
  }

  @Test func channelsArePlanarInASignal() throws {
    let signal: [Float] = [1, 2, 3, 4, 10, 20, 30, 40, 100, 110, 120, 130]
    let raster = try Raster(signal: signal, shape: [3, 2, 2], range: (0, 255))
    #expect(raster.channels == 3)
    #expect(raster.values == [1, 10, 100, 2, 20, 110, 3, 30, 120, 4, 40, 130])
    #expect(raster.signal(range: (0, 255)) == signal)
  }

  @Test func valuesAreClampedAndRounded() throws {
    let signal: [Float] = [-.infinity, -0.1, 0, 0.499, 0.5, 254.6, 255, 256, .infinity, .nan]
    let raster = try Raster(signal: signal, shape: [10], range: (0, 255))
    #expect(raster.values == [0, 0, 0, 0, 1, 255, 255, 255, 255, 0])
  }

  @Test func withoutARangeTheExtremesAreBlackAndWhite() throws {
    let raster = try Raster(signal: [2, 4, 3, .nan, .infinity], shape: [5])
    #expect(raster.values == [0, 255, 128, 0, 255])
    #expect(try Raster(signal: [7, 7], shape: [2]).values == [0, 0])
    #expect(try Raster(signal: [.nan], shape: [1]).values == [0])
    let largest = Float.greatestFiniteMagnitude
    #expect(try Raster(signal: [-largest, largest], shape: [2]).values == [0, 255])
  }

  @Test func everyShapeHasItsSize() throws {
    let sizes: [([Int], [Int])] = [
      ([], [1, 1, 1]), ([6], [1, 1, 6]), ([1, 6], [1, 1, 6]), ([2, 3], [1, 2, 3]),
      ([1, 2, 3], [1, 2, 3]), ([3, 2, 1], [3, 2, 1]), ([2, 2, 3], [1, 4, 3]),
      ([4, 2, 3], [1, 8, 3]), ([1, 1, 3, 2, 2], [3, 2, 2]),
    ]
    for (shape, expected) in sizes {
      let signal = [Float](repeating: 1, count: shape.reduce(1, *))
      #expect(try Raster(signal: signal, shape: shape).signalShape == expected, "\(shape)")
    }
    for shape in [[0], [3, 0, 2], [2, 1, 1, 1]] {
      let signal = [Float](repeating: 1, count: shape.reduce(1, *))
      #expect(throws: SignalFormatError.notDrawable(shape: shape)) {
        try Raster(signal: signal, shape: shape)
      }
    }
  }

  @Test func sheetsHoldEveryImageInItsPlace() {
    let images = (1...5).map {
      Raster(width: 2, height: 1, channels: 1, values: [UInt8($0), UInt8($0 + 100)])
    }
    let sheet = Raster.tiled(images, columns: 3, gap: 1, background: 9)
    #expect(sheet.width == 10 && sheet.height == 5 && sheet.channels == 1)
    #expect(
      sheet.values == [
        9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
        9, 1, 101, 9, 2, 102, 9, 3, 103, 9,
        9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
        9, 4, 104, 9, 5, 105, 9, 9, 9, 9,
        9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
      ])
    let one = Raster.tiled([images[0]], columns: 8, gap: 0)
    #expect(one == images[0])
  }

  @Test func sheetsOfDifferentImages() {
    let grey = Raster(width: 1, height: 1, channels: 1, values: [5])
    let rgb = Raster(width: 1, height: 2, channels: 3, values: [1, 2, 3, 4, 5, 6])
    let sheet = Raster.tiled([grey, rgb], columns: 2, gap: 0, background: 7)
    #expect(sheet.width == 2 && sheet.height == 2 && sheet.channels == 3)
    #expect(sheet.values == [5, 5, 5, 1, 2, 3, 7, 7, 7, 4, 5, 6])
  }
}
