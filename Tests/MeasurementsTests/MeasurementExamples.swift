import Documents
import Foundation
import LinearAlgebra
import Measurements
import SignalFormats
import Testing

/// At least one document for each type of measurement of the catalogue, with the shape of the
/// signal that it is applied to.
struct MeasurementExample: Sendable, CustomTestStringConvertible {
  var name: String
  var signalShape: [Int]
  var document: JSONValue

  var testDescription: String { name }
  var type: String { document.object?["type"]?.string ?? "" }

  func build() throws(DocumentError) -> any Measurements.Measurement {
    try MeasurementCatalogue.build(document, signalShape: signalShape)
  }

  static func mask(
    _ name: String, _ signalShape: [Int], _ observed: JSONValue
  ) -> MeasurementExample {
    MeasurementExample(
      name: "mask: \(name)", signalShape: signalShape,
      document: ["type": "mask", "observed": observed])
  }

  static func drawn(
    _ type: String, _ signalShape: [Int], rows: Int, seed: Int? = nil
  ) -> MeasurementExample {
    var document: JSONObject = ["type": .string(type), "rows": JSONValue(rows)]
    if let seed { document["seed"] = JSONValue(seed) }
    return MeasurementExample(
      name: "\(type) \(rows) of \(signalShape)", signalShape: signalShape,
      document: .object(document))
  }

  /// A matrix of small integers.
  static func matrix(_ signalShape: [Int], rows: Int) -> MeasurementExample {
    let width = signalShape.reduce(1, *)
    let entries = (0..<rows * width).map { Float($0 * 7 % 11) - 5 }
    return MeasurementExample(
      name: "matrix of \(rows) rows", signalShape: signalShape,
      document: [
        "type": "matrix",
        "npy": .string(Data(NPY.write(entries, shape: [rows, width])).base64EncodedString()),
      ])
  }

  static let all = masks + dense

  static let dense = [
    drawn("gaussian", [3, 4, 5], rows: 17, seed: 3), drawn("gaussian", [7], rows: 40),
    matrix([2, 3, 3], rows: 5), matrix([4], rows: 1),
    drawn("circulant", [2, 5, 6], rows: 25, seed: 4), drawn("circulant", [9], rows: 9),
    drawn("circulant", [1], rows: 1), drawn("fourier", [3, 4, 5], rows: 31, seed: 5),
    drawn("fourier", [8], rows: 8), drawn("fourier", [1], rows: 1),
  ]

  static let masks = [
    MeasurementExample(name: "identity", signalShape: [2, 3, 4], document: ["type": "identity"]),
    MeasurementExample(
      name: "identity of a vector", signalShape: [5], document: ["type": "identity"]),
    mask("indices in their own order", [12], ["indices": [7, 0, 11, 3]]),
    mask("rectangles", [3, 4, 5], ["rectangles": [[0, 1, 2, 2], [1, 2, 3, 3]]]),
    mask("all but rectangles", [2, 4, 5], ["rectangles": [[1, 1, 2, 3]], "invert": true]),
    mask("picture", [2, 3, 4], ["png": .string(Pictures.grey)]),
    mask("picture in colour", [1, 3, 4], ["png": .string(Pictures.colour)]),
    mask("bernoulli", [3, 8, 8], ["bernoulli": ["rate": 0.4, "seed": 5]]),
    mask("bernoulli without a seed", [20], ["bernoulli": ["rate": 0.5]]),
  ]
}

/// PNG files of 4 x 3 pixels unless the name says otherwise, written by Python's zlib.
enum Pictures {
  /// Rows 0 127 128 255, 255 0 0 0, 0 200 0 1.
  static let grey =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAAFUlEQVR4nGNgqG/4z/CfAQROMDACACLHA8eT3svC"
    + "AAAAAElFTkSuQmCC"
  /// Pixels 2 (green 128), 3 (white), 4 (blue) and 9 (red 200) are brighter than half in a channel.
  static let colour =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAJElEQVR4nGNgYGCor69naGD4//8/kA3CnJycDBBwAk"
    + "wyMjEDALXOBuPd2qSCAAAAAElFTkSuQmCC"
  static let black =
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAAAAACRn/EaAAAAC0lEQVR4nGNgQAEAAA8AAbVWKT4AAAAASUVORK5CYII="
  static let small2x3 =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAAAAACcgYFdAAAADUlEQVR4nGP4/58BjAAa7gX7ulLyWwAAAABJRU5ErkJg"
    + "gg=="
  static let tall3x4 =
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAAECAAAAABuRtrbAAAAD0lEQVR4nGP4//8/AxIGAF+wC/UTx1NCAAAAAElFTkSu"
    + "QmCC"
}
