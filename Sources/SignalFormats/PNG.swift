import CPNG

/// Reads and writes PNG files through libpng's simplified interface.
public enum PNG {
  /// The picture in a PNG file of any colour type, bit depth and interlacing.
  ///
  /// Samples are taken as they are stored, the way NumPy users load them: gamma and colour profiles
  /// are ignored. Palettes become RGB and 16-bit samples are rounded to 8. Transparent pixels are
  /// composed over black, `sample * alpha / 255`, rounded: what is not there has the value zero.
  ///
  /// - Parameter pixelsMax: at most this many pixels; checked before the picture's memory is taken.
  /// - Throws: `SignalFormatError`.
  public static func decode(
    _ bytes: [UInt8], pixelsMax: Int = 1 << 24
  ) throws(SignalFormatError) -> Raster {
    let chunks = try PNGChunks(bytes)
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    // libpng keeps the pointer until it has finished reading.
    return try chunks.bytes.withUnsafeBufferPointer { file throws(SignalFormatError) in
      guard png_image_begin_read_from_memory(&image, file.baseAddress, file.count) != 0 else {
        throw failure(of: image)
      }
      let (width, height) = (Int(image.width), Int(image.height))
      // Both are below 2^31, so that the product cannot overflow.
      guard width > 0, height > 0, width * height <= pixelsMax else {
        throw .tooLarge(
          quantity: "the number of pixels (\(width) x \(height))", value: width * height,
          limit: pixelsMax)
      }
      let isColor = image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR) != 0
      let values =
        if chunks.bitDepth == 16, chunks.isInterlaced {
          try wideSamples(&image, isColor: isColor)
        } else {
          try samples(&image, isColor: isColor)
        }
      return Raster(width: width, height: height, channels: isColor ? 3 : 1, values: values)
    }
  }

  /// An 8-bit PNG file, grey or RGB.
  /// - Throws: `SignalFormatError` when a side is over libpng's limit of 1 000 000 pixels, or memory
  ///   runs out.
  public static func encode(_ raster: Raster) throws(SignalFormatError) -> [UInt8] {
    let side = max(raster.width, raster.height)
    guard side <= sidePixelsMax else {
      throw .tooLarge(quantity: "the longer side in pixels", value: side, limit: sidePixelsMax)
    }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(raster.width)
    image.height = png_uint_32(raster.height)
    image.format = raster.channels == 3 ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0
    defer { png_image_free(&image) }
    // Deflated data is longer than what it holds by at most a few bytes a block; one attempt at
    // that size spares compressing twice only to learn the length.
    let rowBytes = raster.width * raster.channels + 1
    var count = rowBytes * raster.height * 9 / 8 + 4096
    var bytes = [UInt8](repeating: 0, count: count)
    guard png_image_write_to_memory(&image, &bytes, &count, 0, raster.values, 0, nil) != 0 else {
      throw failure(of: image)
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  static let sidePixelsMax = 1_000_000

  /// The samples in 8 bits, alpha composed.
  private static func samples(
    _ image: inout png_image, isColor: Bool
  ) throws(SignalFormatError) -> [UInt8] {
    let hasAlpha = image.format & png_uint_32(PNG_FORMAT_FLAG_ALPHA) != 0
    let channels = isColor ? 3 : 1
    image.format &= png_uint_32(PNG_FORMAT_FLAG_COLOR) | png_uint_32(PNG_FORMAT_FLAG_ALPHA)
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let count = Int(image.width) * Int(image.height) * (channels + (hasAlpha ? 1 : 0))
    var samples = [UInt8](repeating: 0, count: count)
    guard png_image_finish_read(&image, nil, &samples, 0, nil) != 0 else {
      throw failure(of: image)
    }
    return hasAlpha ? overBlack(samples, channels: channels) : samples
  }

  /// The same of an interlaced file of 16 bits, where libpng loses rows when it is to give 8
  /// [pnggroup/libpng, issue 853]. It takes 16-bit samples to be linear, leaves them as they are,
  /// and composes alpha over black by itself.
  private static func wideSamples(
    _ image: inout png_image, isColor: Bool
  ) throws(SignalFormatError) -> [UInt8] {
    image.format =
      png_uint_32(PNG_FORMAT_FLAG_LINEAR) | (isColor ? png_uint_32(PNG_FORMAT_FLAG_COLOR) : 0)
    let count = Int(image.width) * Int(image.height) * (isColor ? 3 : 1)
    var samples = [UInt16](repeating: 0, count: count)
    guard png_image_finish_read(&image, nil, &samples, 0, nil) != 0 else {
      throw failure(of: image)
    }
    return samples.map { UInt8((UInt32($0) * 255 + 32_767) / 65_535) }
  }

  private static func overBlack(_ samples: [UInt8], channels: Int) -> [UInt8] {
    let pixels = samples.count / (channels + 1)
    var values = [UInt8](repeating: 0, count: pixels * channels)
    for pixel in 0..<pixels {
      let alpha = Int(samples[pixel * (channels + 1) + channels])
      for channel in 0..<channels {
        let sample = Int(samples[pixel * (channels + 1) + channel])
        values[pixel * channels + channel] = UInt8((sample * alpha + 127) / 255)
      }
    }
    return values
  }

  private static func failure(of image: png_image) -> SignalFormatError {
    let detail = withUnsafeBytes(of: image.message) { text in
      String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .png(detail: detail.isEmpty ? "libpng gave no reason" : detail)
  }
}
