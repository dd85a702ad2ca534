import Documents
import Inversion
import LinearAlgebra

/// What an inversion is thought to need of memory while it runs, from what is known when it is
/// accepted.
///
/// The largest parts, in numbers of 4 bytes, for a generator of `P` parameters, `n` outputs, layers of
/// at most `w` outputs and activations of `a` entries together, a latent of `k` and an observation of
/// `m` entries:
///
///     P + R (a + 2 w) + T k (2 w + m) + E (n + 4 m)
///
/// `R` starts are computed at once, each with the slopes of its activations and a layer's input and
/// output: those that advance together, or where that is cut into pieces, a piece a core; so are the
/// Jacobians of `T` of them, a tangent an entry of the latent; an encoder
/// is fitted to `E` pairs, whose observations are held as features, for training, for testing and
/// centred.
package struct MemoryEstimate: Sendable {
  package var generator: Size
  package var observedCount: Int
  package var waves: RestartWaves

  /// What matters of a generator.
  package struct Size: Sendable {
    package var parameterCount: Int
    package var latentCount: Int
    package var outputCount: Int
    package var widestCount: Int
    package var activationCount: Int
    /// Of one evaluation, roughly.
    package var multiplyCount: Double

    package init(
      parameterCount: Int, latentCount: Int, outputCount: Int, widestCount: Int,
      activationCount: Int, multiplyCount: Double
    ) {
      self.parameterCount = parameterCount
      self.latentCount = latentCount
      self.outputCount = outputCount
      self.widestCount = widestCount
      self.activationCount = activationCount
      self.multiplyCount = multiplyCount
    }
  }

  package init(generator: Size, observedCount: Int, waves: RestartWaves) {
    self.generator = generator
    self.observedCount = observedCount
    self.waves = waves
  }

  /// What comes with any inversion: code, tables, its documents.
  private static let standingBytes = 8 << 20

  package var bytes: Int {
    let widest = Double(generator.widestCount)
    let rows =
      atOnce(rowCount, multiplicationsEach: 2 * generator.multiplyCount)
      * (Double(generator.activationCount) + 2 * widest)
    // Sums of doubles: what is beyond them is beyond any machine.
    let numbers = Double(generator.parameterCount) + rows + jacobians + encoder
    return Self.standingBytes + Int(min(4 * numbers, 1e18))
  }

  private var rowCount: Double {
    let multiplications = Double(generator.latentCount) * generator.multiplyCount
    return multiplications > waves.multiplicationsTogetherMax ? 1 : Double(waves.rowsMax)
  }

  /// Of rows that advance together, those that are computed at the same time.
  private func atOnce(_ rows: Double, multiplicationsEach: Double) -> Double {
    let ranges = SpareCores.ranges(
      of: Int(min(rows, 1e9)), multiplicationsEach: Int(min(multiplicationsEach, 1e15)))
    let longest = ranges.first?.count ?? 0
    return Double(longest * min(ranges.count, SpareCores.shared.coreCount))
  }

  private var jacobians: Double {
    let latents = Double(generator.latentCount)
    let entries = latents * Double(observedCount)
    let together = max(1, Double(RestartWaves.jacobianEntriesMax) / max(entries, 1))
    let rows =
      waves.isSecondOrder
      ? atOnce(min(rowCount, together), multiplicationsEach: latents * generator.multiplyCount) : 1
    return rows * (2 * latents * Double(generator.widestCount) + entries)
  }

  private var encoder: Double {
    guard waves.fitsEncoder else { return 0 }
    let pairs = RestartWaves.encoderPairs(
      outputCount: generator.outputCount, latentCount: generator.latentCount,
      multiplyCount: generator.multiplyCount)
    return pairs * (Double(generator.outputCount) + 4 * Double(observedCount))
  }
}

extension MemoryEstimate.Size {
  /// - Parameter summary: of the generator, as it is stored.
  /// - Throws: when the summary cannot be read.
  package init(summary: [UInt8]) throws {
    let document = try ObjectReader(try JSONParser().parse(summary))
    func shape(_ value: JSONValue?) -> [Double] { value?.object?["shape"]?.numbers ?? [] }
    let latent = shape(document.value("latent"))
    self.init(
      parameterCount: 0, latentCount: Self.count(latent),
      outputCount: Self.count(shape(document.value("output"))), widestCount: 0, activationCount: 0,
      multiplyCount: 0)
    var places = Self.places(latent)
    for layer in document.value("layers")?.elements ?? [] {
      let output = layer.object?["output_shape"]?.numbers ?? []
      let parameters = Int(layer.object?["parameter_count"]?.number ?? 0)
      widestCount = max(widestCount, Self.count(output))
      parameterCount += parameters
      // Weights are used once a place, of the input or the output, whichever has fewer.
      multiplyCount += Double(parameters) * min(places, Self.places(output))
      if parameters == 0 { activationCount += Self.count(output) }
      places = Self.places(output)
    }
  }

  private static func count(_ shape: [Double]) -> Int { Int(min(shape.reduce(1, *), 1e15)) }

  /// Of a channel of a picture or a signal; 1 without channels.
  private static func places(_ shape: [Double]) -> Double { shape.dropFirst().reduce(1, *) }
}
