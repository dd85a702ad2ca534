import Foundation
import SignalFormats

extension SVGElement {
  /// A raster whose pixels stay sharp however large they are drawn: as a PNG in the SVG itself, each
  /// pixel repeated so often that renderers that smooth have little to smooth. Only a picture of a
  /// million pixels along one side cannot be encoded; it is left empty.
  static func picture(_ raster: Raster, in frame: Frame) -> SVGElement {
    let times = max(1, Int((frame.width / Double(raster.width) * 2).rounded(.up)))
    let bytes = (try? PNG.encode(raster.enlarged(times))) ?? []
    return SVGElement(
      "image",
      [
        ("x", pixels(frame.left)), ("y", pixels(frame.top)), ("width", pixels(frame.width)),
        ("height", pixels(frame.height)), ("preserveAspectRatio", "none"),
        ("style", "image-rendering:pixelated"),
        ("xlink:href", "data:image/png;base64,\(Data(bytes).base64EncodedString())"),
      ])
  }
}

extension Raster {
  /// Each pixel as a square of `times` pixels to a side; `times` is at least 1.
  func enlarged(_ times: Int) -> Raster {
    var enlarged: [UInt8] = []
    enlarged.reserveCapacity(values.count * times * times)
    for row in 0..<height {
      var line: [UInt8] = []
      for column in 0..<width {
        let start = (row * width + column) * channels
        for _ in 0..<times { line += values[start..<start + channels] }
      }
      for _ in 0..<times { enlarged += line }
    }
    return Raster(
      width: width * times, height: height * times, channels: channels, values: enlarged)
  }
}
