import Networks
import SignalFormats

extension Generator {
  /// A signal of this generator as a picture, black and white at the ends of its range.
  func picture(of signal: [Float]) throws(SignalFormatError) -> Raster {
    let range = outputRange ?? 0...1
    return try Raster(
      signal: signal, shape: outputShape, range: (lower: range.lowerBound, upper: range.upperBound))
  }
}

extension Raster {
  /// The grey picture with a blue that it does not have where nothing is seen.
  func hiding(allBut observed: some Sequence<Int>) -> Raster {
    let observed = Set(observed)
    let values = self.values.enumerated().flatMap { pixel, value -> [UInt8] in
      observed.contains(pixel) ? [value, value, value] : [120, 160, 205]
    }
    return Raster(width: width, height: height, channels: 3, values: values)
  }
}
