import BundledGenerators
import Documents
import Foundation

/// Requests that work as they stand on a server with the bundled generators; a test sends them.
enum RequestExamples {
  typealias Example = (name: String, summary: String, value: JSONValue)

  static let generator = BundledGenerator.fashionMLP.name
  static let inversionID = "shirt-41"
  static let batchID = "bat_01jv3k8q0c7m2x9w4t6r5y1zab"

  static let inferences: [Example] = [
    (
      "middle", "The output in the middle of the latent space",
      [
        "id": "1",
        "inputs": [
          [
            "name": "latents", "shape": [1, 20], "datatype": "FP32",
            "data": .numbers([Double](repeating: 0, count: 20)),
          ]
        ],
      ]
    )
  ]

  static let samples: [Example] = [
    ("random", "Four random outputs", ["count": 4, "seed": 1]),
    (
      "given", "The output in the middle of the latent space",
      ["latents": .array([.numbers([Double](repeating: 0, count: 20))])]
    ),
  ]

  static let inversions: [Example] = [
    (
      "picture", "A picture with its lower half hidden",
      [
        "generator": .string(generator), "observation": ["png": .string(picture)],
        "measurement": [
          "type": "mask", "observed": ["rectangles": [[14, 0, 14, 28]], "invert": true],
        ], "noise": ["type": "gaussian", "sigma": 0.1], "seed": 7, "labels": ["dataset": "test"],
      ]
    ),
    (
      "numbers", "Six entries of a signal, with a solver of choice",
      [
        "generator": .string(generator),
        "observation": ["values": [-0.9, -0.5, 0.1, 0.4, 0.2, -0.7]],
        "measurement": [
          "type": "mask", "observed": ["indices": [350, 370, 405, 410, 420, 433]],
        ], "solver": ["type": "adam", "iterations_max": 100, "restarts_max": 2],
        "deadline_seconds": 30,
      ]
    ),
  ]

  static let measurings: [Example] = [
    (
      "projections", "Three random projections of four numbers",
      [
        "measurement": ["type": "gaussian", "rows": 3, "seed": 1],
        "signal": ["shape": [4], "values": [1, 0, -1, 2]],
      ]
    ),
    (
      "picture", "A picture as the generator would have made it, at half its resolution",
      [
        "measurement": ["type": "downsample", "factor": 2], "generator": .string(generator),
        "signal": ["png": .string(picture)],
      ]
    ),
  ]

  static let searches: [Example] = [
    (
      "nearest", "The three nearest to the middle of the latent space",
      [
        "generator": .string(generator), "latent": .numbers([Double](repeating: 0, count: 20)),
        "limit": 3,
      ]
    )
  ]

  /// One of the bundled test pictures; empty where the resources are missing, as then are the
  /// generators.
  private static let picture: String = {
    let file = try? Data(contentsOf: URL(fileURLWithPath: BundledFiles.heldOutPicturePath))
    return file?.base64EncodedString() ?? ""
  }()
}
