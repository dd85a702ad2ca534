import Foundation
import Networks
import WeightFormats

/// A file that `Fixtures/make_weights.py` made, and what its tensors hold.
struct WeightFixture {
  let path: String

  init(_ name: String) {
    path =
      URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("Fixtures").appendingPathComponent(name).path
  }

  func bytes() throws -> [UInt8] {
    let source = try FileBytes(path: path)
    return try source.read(at: 0, count: source.byteCount)
  }

  func read(_ limits: WeightLimits = WeightLimits()) throws -> WeightFile {
    try WeightFormats.read(try FileBytes(path: path), limits: limits)
  }

  func summary() throws -> WeightSummary {
    try WeightFormats.summary(of: try FileBytes(path: path))
  }

  /// Element `i` of the tensor `name`, as the script has it.
  static func value(_ name: String, _ index: Int) -> Float {
    Float((7 * index + name.utf8.count) % 23 - 11) / 4
  }

  static func tensor(_ name: String, _ shape: [Int]) -> Tensor {
    Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { value(name, $0) })
  }

  /// The script's network of two dense layers.
  static func perceptron(prefix: String = "", outputs: Int = 2) -> [String: Tensor] {
    let shapes = [
      "0.weight": [4, 3], "0.bias": [4], "2.weight": [outputs, 4], "2.bias": [outputs],
    ]
    return Dictionary(
      uniqueKeysWithValues: shapes.map { (prefix + $0.key, tensor(prefix + $0.key, $0.value)) })
  }
}
