import Documents
import Foundation

/// A network that is small enough to be written down: 2 latents, a linear layer and tanh, a signal
/// of 1 x 4 x 4 in [-1, 1].
enum SmallGenerator {
  static let latentCount = 2
  static let outputCount = 16

  static let architecture: JSONValue = [
    "version": 1, "latent": ["shape": [2], "distribution": "standard_normal"],
    "output": ["shape": [1, 4, 4], "range": [-1, 1]],
    "layers": [
      ["type": "linear", "weight": "w", "bias": "b"], ["type": "tanh"],
      ["type": "reshape", "shape": [1, 4, 4]],
    ],
  ]

  /// The same with straight pieces in place of the tanh.
  static let kinked: JSONValue = [
    "version": 1, "latent": ["shape": [2]], "output": ["shape": [1, 4, 4]],
    "layers": [
      ["type": "linear", "weight": "w", "bias": "b"],
      ["type": "leaky_relu", "negative_slope": 0.2], ["type": "reshape", "shape": [1, 4, 4]],
    ],
  ]

  static func kinkedOutput(at latent: [Float]) -> [Double] {
    output(at: latent).map { atanh($0) }.map { $0 < 0 ? 0.2 * $0 : $0 }
  }

  static func weights(scale: Float = 1) -> [Float] {
    (0..<32).map { scale * Float(($0 * 7) % 11 - 5) / 11 }
  }

  static func biases() -> [Float] { (0..<16).map { Float($0 % 5 - 2) / 20 } }

  /// What the network gives, computed here.
  static func output(at latent: [Float], scale: Float = 1) -> [Double] {
    let weights = weights(scale: scale)
    let biases = biases()
    return (0..<16).map { row in
      let sum = weights[2 * row] * latent[0] + weights[2 * row + 1] * latent[1] + biases[row]
      return tanh(Double(sum))
    }
  }

  /// A safetensors file.
  ///
  /// - Parameter architecture: inside its metadata; `nil` leaves it out.
  static func file(
    scale: Float = 1, architecture: JSONValue? = SmallGenerator.architecture,
    changing: (inout [Float]) -> Void = { _ in }
  ) -> [UInt8] {
    let text = architecture.map { String(decoding: JSONWriter.bytes(of: $0), as: UTF8.self) }
    return file(
      metadata: text.map { ["architecture": .string($0)] }, scale: scale, changing: changing)
  }

  static func file(
    metadata: JSONObject?, scale: Float = 1, changing: (inout [Float]) -> Void = { _ in }
  ) -> [UInt8] {
    var values = weights(scale: scale)
    changing(&values)
    var header: JSONObject = [
      "w": ["dtype": "F32", "shape": [16, 2], "data_offsets": [0, 128]],
      "b": ["dtype": "F32", "shape": [16], "data_offsets": [128, 192]],
    ]
    header["__metadata__"] = metadata.map(JSONValue.object)
    let text = JSONWriter.bytes(of: .object(header))
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return length + text + (values + biases()).withUnsafeBytes { Array($0) }
  }

  /// No latent gives this.
  static let unreachable = JSONValue.numbers(
    (0..<16).map { $0.isMultiple(of: 2) ? 0.93 : -0.87 })
}

/// A form as browsers send it.
enum Form {
  static let type = "multipart/form-data; boundary=edge"

  static func bytes(_ parts: [(name: String, content: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts {
      bytes += Array("--edge\r\nContent-Disposition: form-data; name=\"\(part.name)\"\r\n\r\n".utf8)
      bytes += part.content + [0x0D, 0x0A]
    }
    return bytes + Array("--edge--\r\n".utf8)
  }
}
