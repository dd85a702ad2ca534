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

  static let all = masks + dense + resampled + nested + squares

  static let dense = [
    drawn("gaussian", [3, 4, 5], rows: 17, seed: 3), drawn("gaussian", [7], rows: 40),
    matrix([2, 3, 3], rows: 5), matrix([4], rows: 1),
    drawn("circulant", [2, 5, 6], rows: 25, seed: 4), drawn("circulant", [9], rows: 9),
    drawn("circulant", [1], rows: 1), drawn("fourier", [3, 4, 5], rows: 31, seed: 5),
    drawn("fourier", [8], rows: 8), drawn("fourier", [1], rows: 1),
  ]

  static let resampled = [
    MeasurementExample(
      name: "downsample images", signalShape: [2, 4, 6],
      document: ["type": "downsample", "factor": 2]),
    MeasurementExample(
      name: "downsample a vector", signalShape: [12], document: ["type": "downsample", "factor": 3]
    ),
    MeasurementExample(
      name: "downsample by one", signalShape: [2, 3], document: ["type": "downsample", "factor": 1]
    ),
    MeasurementExample(
      name: "blur images", signalShape: [2, 5, 6], document: ["type": "blur", "sigma": 0.8]),
    MeasurementExample(
      name: "blur wider than the image", signalShape: [1, 3, 2],
      document: ["type": "blur", "sigma": 3.5]),
    MeasurementExample(
      name: "blur a vector", signalShape: [9], document: ["type": "blur", "sigma": 1]),
    MeasurementExample(
      name: "blur by a kernel", signalShape: [2, 4, 5],
      document: ["type": "blur", "kernel": [[0.5, 0.25, -1], [0, 2, 0.125], [1, 0, 3]]]),
    MeasurementExample(
      name: "blur by a kernel larger than the image", signalShape: [2, 2],
      document: [
        "type": "blur", "kernel": [[1, 2, 3, 4, 5], [6, 7, 8, 9, 1], [2, 3, 4, 5, 6]],
      ]),
  ]

  static func of(
    _ type: String, _ signalShape: [Int], _ part: JSONValue, _ more: JSONObject = [:]
  ) -> MeasurementExample {
    var document: JSONObject = ["type": .string(type), "of": part]
    for member in more.members { document[member.key] = member.value }
    return MeasurementExample(
      name: "\(type) of \(part.object?["type"]?.string ?? "several")", signalShape: signalShape,
      document: .object(document))
  }

  static let nested = [
    of("phaseless", [2, 3, 3], ["type": "gaussian", "rows": 30, "seed": 8]),
    of("phaseless", [7], ["type": "identity"]),
    of("one_bit", [2, 3, 3], ["type": "gaussian", "rows": 30, "seed": 8]),
    of("one_bit", [16], ["type": "fourier", "rows": 10], ["dither": 0.5, "seed": 3]),
    of(
      "compose", [2, 4, 6],
      [
        ["type": "blur", "sigma": 1], ["type": "downsample", "factor": 2],
        ["type": "mask", "observed": ["rectangles": [[0, 1, 2, 2]]]],
      ]),
    of(
      "compose", [3, 3],
      [
        ["type": "mask", "observed": ["indices": [7, 2, 5, 1, 0]]], ["type": "identity"],
        ["type": "mask", "observed": ["indices": [3, 0, 1]]],
      ]),
    of("compose", [12], [["type": "downsample", "factor": 3], ["type": "fourier", "rows": 4]]),
    of(
      "compose", [8],
      [["type": "phaseless", "of": ["type": "circulant", "rows": 6]], ["type": "spiked_wigner"]]),
    of("compose", [8], [["type": "one_bit", "of": ["type": "identity"], "dither": 1]]),
    of("phaseless", [9], ["type": "compose", "of": [["type": "blur", "sigma": 1]]]),
  ]

  static let squares = [
    MeasurementExample(
      name: "spiked_wigner", signalShape: [2, 3], document: ["type": "spiked_wigner"]),
    MeasurementExample(
      name: "spiked_wigner of a number", signalShape: [1], document: ["type": "spiked_wigner"]),
    MeasurementExample(
      name: "spiked_wishart", signalShape: [1, 2, 4], document: ["type": "spiked_wishart"]),
    MeasurementExample(
      name: "spiked_wishart of samples", signalShape: [5],
      document: ["type": "spiked_wishart", "rows": 40, "sigma": 0.5]),
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
