import LinearAlgebra
import Measurements
import Networks

/// Estimates a latent from an observation by ridge regression, with the covariance of what the
/// estimate leaves open. Starting there, and at draws around it, is the largest single gain over
/// random starts that was measured.
package struct AffineEncoder: Sendable {
  private let features: EncoderFeatures
  /// The least and the greatest of each feature among the pairs: numbers beyond say no more.
  private let featureEnds: (least: [Float], greatest: [Float])
  private let featureMean: [Float]
  private let latentMean: [Float]
  /// `[features, latent]`, row-major.
  private let weight: [Float]
  /// Of the covariance of the errors on held-out pairs.
  private let spread: CholeskyFactor
  /// Share of the latents' variance explained on held-out pairs.
  package let explainedVariance: Double

  /// `nil` when the pairs do not determine an estimate (a generator whose output is constant).
  package init?(_ bank: LatentBank, _ problem: InverseProblem) {
    features = EncoderFeatures(problem)
    let all = features.values(ofSignals: bank.outputs)
    featureEnds = all.entryEnds
    let trainingCount = bank.latents.count * 17 / 20
    let training = Array(0..<trainingCount)
    let heldOut = Array(trainingCount..<bank.latents.count)
    let regression = RidgeRegression(
      inputs: all.rows(training), targets: bank.latents.rows(training))
    featureMean = regression.inputMean
    latentMean = regression.targetMean

    let heldOutInputs = all.rows(heldOut)
    let heldOutLatents = bank.latents.rows(heldOut)
    var best: (error: Double, weight: [Float], errors: Batch)?
    for ridge in [1e-4, 1e-3, 1e-2, 1e-1] {
      guard let weight = regression.weight(ridge: ridge) else { continue }
      let estimates = Self.estimate(heldOutInputs, featureMean, latentMean, weight)
      let errors = Batch(
        count: estimates.count, width: estimates.width,
        values: zip(heldOutLatents.values, estimates.values).map { $0 - $1 })
      let error = sumOfSquares(errors.values)
      if error.isFinite, error < best?.error ?? .infinity { best = (error, weight, errors) }
    }
    guard let best else { return nil }
    weight = best.weight
    let variance = sumOfSquares(heldOutLatents.values)
    explainedVariance = 1 - best.error / max(variance, .leastNormalMagnitude)
    // A little of the mean variance in every direction keeps the draws from collapsing onto the
    // directions that few held-out pairs happened to show.
    let covariance = Self.covariance(best.errors)
    guard let factor = covariance.shifted(by: 0.02 * covariance.meanDiagonal + 1e-12).cholesky()
    else { return nil }
    spread = factor
  }

  /// The estimate for one observation.
  package func estimate(_ observation: [Float]) -> [Float] {
    var inputs = features.values(ofObservations: Batch(row: observation))
    for entry in inputs.values.indices {
      inputs.values[entry] = min(
        max(inputs.values[entry], featureEnds.least[entry]), featureEnds.greatest[entry])
    }
    return Self.estimate(inputs, featureMean, latentMean, weight).values
  }

  /// The estimate for an observation, moved by a draw of its error.
  ///
  /// - Parameter scale: of the error: below 1 keeps the draw near the estimate.
  package func draw(
    around estimate: [Float], scale: Double = 1, from random: inout RandomNumbers
  ) -> [Float] {
    let moved = spread.multiply(estimate.map { _ in scale * random.normal() })
    return zip(estimate, moved).map { $0 + Float($1) }
  }

  private static func estimate(
    _ inputs: Batch, _ inputMean: [Float], _ targetMean: [Float], _ weight: [Float]
  ) -> Batch {
    let centred = Translation(origin: inputMean).evaluate(inputs)
    let map = DenseMap(
      matrix: weight, inputCount: targetMean.count, outputCount: inputMean.count)
    return Translation(origin: targetMean.map { -$0 }).evaluate(map.applyAdjoint(centred))
  }

  private static func covariance(_ errors: Batch) -> SymmetricMatrix {
    let size = errors.width
    var sums = [Float](repeating: 0, count: size * size)
    errors.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      gram(MatrixView(base, rows: errors.count, columns: size), .transposed, into: &sums)
    }
    return SymmetricMatrix(
      size: size, values: sums.map { Double($0) / Double(max(errors.count, 1)) })
  }
}

extension Batch {
  /// From the least to the greatest value of each entry; at least one row.
  fileprivate var entryEnds: (least: [Float], greatest: [Float]) {
    var least = Array(self[0])
    var greatest = least
    for row in 1..<max(count, 1) {
      for (entry, value) in self[row].enumerated() {
        least[entry] = min(least[entry], value)
        greatest[entry] = max(greatest[entry], value)
      }
    }
    return (least, greatest)
  }
}

/// What an encoder sees of an observation: where entries are seen as they are, their values before
/// the last activation, which depend on the latent more nearly linearly. Of observations that are
/// much larger than the signal, as matrices are, it sees some entries only.
struct EncoderFeatures: Sendable {
  private let measurement: any Measurement
  private let function: (any ActivationFunction)?
  /// The entries of the observation that are seen; `nil` for all.
  private let selection: SelectionMap?

  /// Entries that are seen at least, where there are so many; and never fewer than the signal has.
  private static let entriesMin = 2048
  /// Numbers of the observations that are made at once.
  private static let valuesMax = 1 << 24

  init(_ problem: InverseProblem) {
    measurement = problem.measurement
    function =
      measurement.observedEntries
      .flatMap { problem.generator.observing($0).finalActivation?.function }
    let count = max(Self.entriesMin, measurement.inputCount)
    if measurement.outputCount > count {
      // A constant seed: the encoder belongs to the generator and the measurement.
      var random = RandomNumbers(seed: 0, stream: 0x6665_6174)
      selection = SelectionMap(
        random.subset(count, below: measurement.outputCount), inputCount: measurement.outputCount)
    } else {
      selection = nil
    }
  }

  func values(ofObservations observations: Batch) -> Batch {
    let seen = selection?.apply(observations) ?? observations
    guard let function else { return seen }
    return Batch(
      count: seen.count, width: seen.width,
      values: seen.values.map { function.preimage(of: $0, margin: 1e-3) ?? $0 })
  }

  /// What is seen of each signal, measured a part of the signals at a time.
  func values(ofSignals signals: Batch) -> Batch {
    let together = max(1, Self.valuesMax / max(1, measurement.outputCount))
    var values: [Float] = []
    let width = selection?.outputCount ?? measurement.outputCount
    values.reserveCapacity(signals.count * width)
    for start in stride(from: 0, to: signals.count, by: together) {
      let part = signals.rows(Array(start..<min(start + together, signals.count)))
      values += self.values(ofObservations: measurement.evaluate(part)).values
    }
    return Batch(count: signals.count, width: width, values: values)
  }
}
