// Signals as pictures and back: planar floats in a value range against interleaved bytes.

extension Raster {
  /// The picture of a signal.
  ///
  /// | shape | picture |
  /// |---|---|
  /// | `[n]`, `[1, n]` | one row of `n` grey pixels |
  /// | `[height, width]`, `[1, height, width]` | grey |
  /// | `[3, height, width]` | RGB, planar |
  /// | `[channels, height, width]` | grey, the channels one below the other |
  ///
  /// Further leading extents of 1, such as a batch of one, are dropped; a scalar is one pixel.
  ///
  /// - Parameters:
  ///   - signal: as many values as the product of `shape`, row-major.
  ///   - range: the values drawn black and white, `lower < upper`; without it, the least and the
  ///     greatest finite value of the signal, and a constant signal is black. Values outside are
  ///     clamped, others rounded to the nearest of 256 levels, NaN is black.
  /// - Throws: `SignalFormatError.notDrawable` for another shape, or one with no pixels.
  public init(
    signal: [Float], shape: [Int], range: (lower: Float, upper: Float)? = nil
  ) throws(SignalFormatError) {
    precondition(shape.reduce(1, *) == signal.count, "a signal's shape must fit its values")
    var extents = shape
    while extents.count > 3, extents[0] == 1 { extents.removeFirst() }
    guard extents.count <= 3, !signal.isEmpty else { throw .notDrawable(shape: shape) }
    while extents.count < 3 { extents.insert(1, at: 0) }
    let channels = extents[0] == 3 ? 3 : 1
    let height = channels == 3 ? extents[1] : extents[0] * extents[1]
    let width = extents[2]

    let (lower, upper) = range.map { (Double($0.lower), Double($0.upper)) } ?? extremes(of: signal)
    let scale = upper > lower ? 255 / (upper - lower) : 0
    let pixels = width * height
    var values = [UInt8](repeating: 0, count: signal.count)
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let level = (Double(signal[channel * pixels + pixel]) - lower) * scale
        // The order of arguments matters: max(0, NaN) and max(NaN, 0) differ.
        values[pixel * channels + channel] =
          level.isNaN ? 0 : UInt8(min(max(level, 0), 255).rounded())
      }
    }
    self.init(width: width, height: height, channels: channels, values: values)
  }

  /// `[channels, height, width]` of ``signal(range:)``.
  public var signalShape: [Int] { [channels, height, width] }

  /// The raster as a planar signal of shape ``signalShape``: level 0 is `range.lower`, level 255 is
  /// `range.upper`, both exactly. Drawn again with the same range it is the same raster.
  public func signal(range: (lower: Float, upper: Float)) -> [Float] {
    let span = (Double(range.upper) - Double(range.lower)) / 255
    var level = (0...255).map { Float(Double(range.lower) + Double($0) * span) }
    level[255] = range.upper
    let pixels = width * height
    var signal = [Float](repeating: 0, count: values.count)
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        signal[channel * pixels + pixel] = level[Int(values[pixel * channels + channel])]
      }
    }
    return signal
  }
}

private func extremes(of signal: [Float]) -> (lower: Double, upper: Double) {
  var lower = Float.infinity
  var upper = -Float.infinity
  for value in signal where value.isFinite {
    lower = min(lower, value)
    upper = max(upper, value)
  }
  return (Double(lower), Double(upper))
}
