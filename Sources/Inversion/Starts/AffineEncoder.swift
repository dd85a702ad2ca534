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
    let view = EncoderView(problem)
    let seen = view.seen(ofSignals: bank.outputs)
    let fitted = EncoderFeatures.choices(for: problem, of: view).compactMap {
      Self($0, bank.latents, seen: seen)
    }
    guard let best = fitted.max(by: { $0.explainedVariance < $1.explainedVariance }) else {
      return nil
    }
    self = best
  }

  /// - Parameter seen: of each of the latents' outputs.
  private init?(_ features: EncoderFeatures, _ latents: Batch, seen: Batch) {
    self.features = features
    let all = features.values(ofSeen: seen)
    featureEnds = all.entryEnds
    let trainingCount = latents.count * 17 / 20
    let training = Array(0..<trainingCount)
    let heldOut = Array(trainingCount..<latents.count)
    let regression = RidgeRegression(
      inputs: all.rows(training), targets: latents.rows(training))
    featureMean = regression.inputMean
    latentMean = regression.targetMean

    let heldOutInputs = all.rows(heldOut)
    let heldOutLatents = latents.rows(heldOut)
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
