import Documents
import LinearAlgebra
import Networks

/// One convolutional generator of random weights at growing widths: its time should grow as its
/// operations do.
enum ChannelScaling {
  /// Channels of the last hidden layer; the hidden layers before have twice and four times as many.
  private static let channels = [16, 32, 64, 128]
  private static let latentCount = 32
  private static let batch = 8

  static func table(_ peak: SgemmPeak, rounds: Int, leastSeconds: Double) throws -> Table {
    let works = try channels.map { channels in
      let generator = try generator(channels)
      var random = RandomNumbers(seed: 5)
      let latents = generator.drawLatents(count: batch, from: &random)
      let affine = generator.stages.compactMap { $0 as? AffineMap }
      return MeasuredWork(
        name: "\(channels)",
        operations: 2 * Double(batch * affine.reduce(0) { $0 + $1.multiplyCount })
      ) {
        _ = generator.evaluate(latents)
      }
    }
    let figures = peak.compare(works, rounds: rounds, leastSeconds: leastSeconds)
    var table = Table([
      "channels, forward x\(batch)", "MFLOP", "ms", "GFLOP/s", "of peak", "operations", "time",
    ])
    for (work, own) in zip(works, figures) {
      table.add([
        work.name, (1e-6 * work.operations).text(), (1e3 * own.seconds).text(), own.rate.text(),
        own.shareOfPeak.text(2), "\((work.operations / works[0].operations).text(3)) x",
        "\((own.seconds / figures[0].seconds).text(3)) x",
      ])
    }
    return table
  }

  /// From a latent to 4 x 4 with a matrix, then three transposed convolutions that double the
  /// extents, to an image of 3 x 32 x 32.
  private static func generator(_ channels: Int) throws -> Generator {
    var random = RandomNumbers(seed: 6)
    var tensors: [String: Tensor] = [:]
    func add(_ name: String, _ shape: [Int], fanIn: Int) {
      let count = shape.reduce(1, *)
      let scale = 1 / Float(fanIn).squareRoot()
      tensors[name] = Tensor(
        shape: shape, values: random.normal(count: 1, width: count).values.map { $0 * scale })
    }
    let widths = [4 * channels, 2 * channels, channels, 3]
    add("first", [latentCount, widths[0], 4, 4], fanIn: latentCount)
    var layers: [JSONValue] = [["type": "conv_transpose2d", "weight": "first"], ["type": "relu"]]
    for (place, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      add("up.\(place)", [inputs, outputs, 4, 4], fanIn: 4 * inputs)
      layers.append([
        "type": "conv_transpose2d", "weight": .string("up.\(place)"), "stride": 2, "padding": 1,
      ])
      layers.append(["type": outputs == 3 ? "tanh" : "relu"])
    }
    return try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [.number(Double(latentCount)), 1, 1]],
        "output": ["shape": [3, 32, 32]], "layers": .array(layers),
      ], tensors: tensors)
  }
}
