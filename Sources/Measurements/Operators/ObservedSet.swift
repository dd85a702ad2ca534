import Documents
import Foundation
import LinearAlgebra
import SignalFormats

/// The ways to say which entries of a signal a mask lets through: a list, rectangles, a picture,
/// or chance with a seed. All but the list speak of pixels, every channel of them.
struct ObservedSet {
  let channels: Int
  let height: Int
  let width: Int

  init(signalShape: [Int]) {
    let grid = PixelGrid(signalShape: signalShape)
    (channels, height, width) = (grid.channels, grid.height, grid.width)
  }

  static let schema: JSONValue = [
    "oneOf": [
      [
        "type": "object", "required": ["indices"], "additionalProperties": false,
        "properties": [
          "indices": [
            "type": "array", "items": ["type": "integer", "minimum": 0], "minItems": 1,
            "description": "entries of the flattened signal, in the order of the observation",
          ]
        ],
      ],
      [
        "type": "object", "required": ["rectangles"], "additionalProperties": false,
        "properties": [
          "rectangles": [
            "type": "array", "minItems": 1,
            "items": [
              "type": "array", "items": ["type": "integer", "minimum": 0], "minItems": 4,
              "maxItems": 4,
            ], "description": "each [top, left, height, width] in pixels",
          ],
          "invert": [
            "type": "boolean", "default": false,
            "description": "what the rectangles cover is hidden, the rest observed",
          ],
        ],
      ],
      [
        "type": "object", "required": ["png"], "additionalProperties": false,
        "properties": [
          "png": [
            "type": "string", "contentEncoding": "base64",
            "description": "a picture of the signal's size; pixels brighter than half are observed",
          ]
        ],
      ],
      [
        "type": "object", "required": ["bernoulli"], "additionalProperties": false,
        "properties": [
          "bernoulli": [
            "type": "object", "required": ["rate"], "additionalProperties": false,
            "properties": [
              "rate": ["type": "number", "minimum": 0, "maximum": 1],
              "seed": ["type": "integer", "minimum": 0, "default": 0],
            ], "description": "each pixel is observed with probability rate",
          ]
        ],
      ],
    ]
  ]

  /// The observed entries of the flattened signal.
  func entries(_ observed: ObjectReader) throws(DocumentError) -> [Int] {
    let ways = ["indices", "rectangles", "png", "bernoulli"].filter(observed.has)
    guard ways.count == 1, let way = ways.first else {
      throw .malformed(
        observed.pointer,
        "names \(ways.isEmpty ? "none" : ways.joined(separator: " and ")); expected exactly one of "
          + "indices, rectangles, png, bernoulli")
    }
    let entries: [Int]
    switch way {
    case "indices": entries = try indices(observed)
    case "rectangles": entries = self.entries(ofPixels: try rectangles(observed))
    case "png": entries = self.entries(ofPixels: try picture(observed))
    default: entries = self.entries(ofPixels: try bernoulli(observed.requiredObject("bernoulli")))
    }
    try observed.finish()
    return entries
  }

  private func entries(ofPixels pixels: [Bool]) -> [Int] {
    (0..<channels * height * width).filter { pixels[$0 % (height * width)] }
  }

  private func indices(_ observed: ObjectReader) throws(DocumentError) -> [Int] {
    let count = channels * height * width
    let indices =
      try observed.integers("indices", in: 0...count - 1, counts: 0...Int.max) ?? []
    guard indices.count <= count else {
      throw observed.unprocessable(
        "indices", "has \(indices.count) entries; the signal has \(count)")
    }
    var seen = [Bool](repeating: false, count: count)
    for (place, index) in indices.enumerated() {
      guard !seen[index] else {
        throw .malformed(
          "\(observed.pointer(to: "indices"))/\(place)", "\(index) is listed a second time")
      }
      seen[index] = true
    }
    return indices
  }

  private func rectangles(_ observed: ObjectReader) throws(DocumentError) -> [Bool] {
    let pointer = observed.pointer(to: "rectangles")
    guard let list = observed.value("rectangles")?.elements, !list.isEmpty else {
      throw .malformed(pointer, "expected a list of [top, left, height, width]")
    }
    let inverted = try observed.bool("invert") ?? false
    var pixels = [Bool](repeating: inverted, count: height * width)
    for (place, element) in list.enumerated() {
      let numbers = (element.numbers ?? []).map { Int(exactly: $0) ?? -1 }
      guard numbers.count == 4, numbers.allSatisfy({ (0...1 << 30).contains($0) }) else {
        throw .malformed(
          "\(pointer)/\(place)", "expected [top, left, height, width], integers from 0")
      }
      let (top, left) = (numbers[0], numbers[1])
      guard top + numbers[2] <= height, left + numbers[3] <= width else {
        throw .unprocessable(
          "\(pointer)/\(place)",
          "\(numbers) reaches beyond the signal of \(height) x \(width) pixels")
      }
      for row in top..<top + numbers[2] {
        for column in left..<left + numbers[3] { pixels[row * width + column] = !inverted }
      }
    }
    return pixels
  }

  private func picture(_ observed: ObjectReader) throws(DocumentError) -> [Bool] {
    let text = try observed.requiredString("png")
    guard let bytes = Data(base64Encoded: text) else {
      throw observed.malformed("png", "is not base64")
    }
    let raster: Raster
    do {
      raster = try PNG.decode([UInt8](bytes), pixelsMax: height * width)
    } catch {
      throw observed.unprocessable("png", "\(error)")
    }
    guard raster.width == width, raster.height == height else {
      throw observed.unprocessable(
        "png",
        "is \(raster.height) x \(raster.width) pixels; the signal has \(height) x \(width)")
    }
    return (0..<height * width).map { pixel in
      (0..<raster.channels).contains { raster.values[pixel * raster.channels + $0] > 127 }
    }
  }

  private func bernoulli(_ document: ObjectReader) throws(DocumentError) -> [Bool] {
    _ = try document.required("rate")
    let rate = try document.number("rate", in: 0...1) ?? 0
    let seed = try document.integer("seed", in: 0...(1 << 53) - 1) ?? 0
    try document.finish()
    var random = RandomNumbers(seed: UInt64(seed), stream: 0x6d61_736b)
    return (0..<height * width).map { _ in random.uniform() < rate }
  }
}
