/// A picture of 8-bit samples: what a PNG file holds, and what a signal looks like.
public struct Raster: Sendable, Equatable {
  /// In pixels, at least 1.
  public let width: Int
  /// In pixels, at least 1.
  public let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  /// Row by row from the top, a pixel's channels side by side: `[height, width, channels]`.
  public var values: [UInt8] {
    didSet { precondition(values.count == oldValue.count, "a raster keeps its size") }
  }

  /// `values.count` must be `width * height * channels`.
  public init(width: Int, height: Int, channels: Int, values: [UInt8]) {
    precondition(width > 0 && height > 0, "a raster has at least one pixel")
    precondition(channels == 1 || channels == 3, "a raster is grey or RGB")
    precondition(values.count == width * height * channels, "a raster's size must fit its values")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
  }

  /// A contact sheet: `images` from left to right and top to bottom, `columns` in a row (fewer when
  /// there are not as many), `gap` pixels of the grey level `background` between and around them.
  ///
  /// Smaller images stand at the upper left of a cell that holds the largest; one RGB image makes
  /// the sheet RGB. There must be at least one image, `columns >= 1` and `gap >= 0`.
  public static func tiled(
    _ images: [Raster], columns: Int, gap: Int = 2, background: UInt8 = 96
  ) -> Raster {
    precondition(!images.isEmpty && columns >= 1 && gap >= 0, "a sheet has images in columns")
    let columns = min(columns, images.count)
    let rows = (images.count + columns - 1) / columns
    let channels = images.map(\.channels).max() ?? 1
    let cellWidth = (images.map(\.width).max() ?? 1) + gap
    let cellHeight = (images.map(\.height).max() ?? 1) + gap
    let width = columns * cellWidth + gap
    let height = rows * cellHeight + gap
    var values = [UInt8](repeating: background, count: width * height * channels)
    for (place, image) in images.enumerated() {
      let left = gap + place % columns * cellWidth
      let top = gap + place / columns * cellHeight
      for row in 0..<image.height {
        let target = ((top + row) * width + left) * channels
        let source = row * image.width * image.channels
        for sample in 0..<image.width * channels {
          let from = image.channels == channels ? sample : sample / channels
          values[target + sample] = image.values[source + from]
        }
      }
    }
    return Raster(width: width, height: height, channels: channels, values: values)
  }
}
