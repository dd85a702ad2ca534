import Documents
import Foundation
import LinearAlgebra
import Measurements
import Testing

/// At least one document for each type of noise of the catalogue, with a way to draw it that owes
/// nothing to the model, and its likelihood written out where it has one.
struct NoiseExample: Sendable, CustomTestStringConvertible {
  var name: String
  var document: JSONValue
  /// True values, all of which the noise can be added to.
  var predictions: [Float] = [-0.2, 0.05, 0.3, 0.5, 0.9, 1.3]
  /// A noisy number, not yet clipped.
  var draw: @Sendable (_ truth: Double, _ random: inout RandomNumbers) -> Double
  /// Of an observed number, up to what does not depend on the prediction; `nil` where it has none
  /// that is written out here.
  var negativeLogLikelihood: (@Sendable (_ prediction: Double, _ observed: Double) -> Double)?
  /// Predictions nearer to what is observed, or smaller, than this are left out of comparisons with
  /// the likelihood.
  var likelihoodGap = 0.0
  var predictionMin = -Double.infinity

  var testDescription: String { name }
  var type: String { document.object?["type"]?.string ?? "" }
  var isClipped: Bool { document.object?["clipped"] != nil }

  func build() throws(DocumentError) -> any NoiseModel { try NoiseCatalogue.build(document) }

  /// What is observed: clipped at 0 and 1 where the document says so.
  func observe(_ truth: [Float], _ random: inout RandomNumbers) -> [Float] {
    truth.map { value in
      let noisy = draw(Double(value), &random)
      return Float(isClipped ? min(max(noisy, 0), 1) : noisy)
    }
  }

  static let all: [NoiseExample] = [
    NoiseExample(name: "none", document: ["type": "none"]) { truth, _ in truth },
    NoiseExample(name: "gaussian of unknown size", document: ["type": "gaussian", "sigma": nil]) {
      $0 + 0.3 * $1.normal()
    },
    NoiseExample(
      name: "gaussian", document: ["type": "gaussian", "sigma": 0.3],
      draw: { $0 + 0.3 * $1.normal() },
      negativeLogLikelihood: { ($0 - $1) * ($0 - $1) / (2 * 0.3 * 0.3) }),
    NoiseExample(
      name: "gaussian, clipped",
      document: ["type": "gaussian", "sigma": 0.3, "clipped": [0, 1]],
      draw: { $0 + 0.3 * $1.normal() },
      negativeLogLikelihood: { prediction, observed in
        if observed == 1 { return -log(erfc((1 - prediction) / 0.3 / 2.0.squareRoot()) / 2) }
        if observed == 0 { return -log(erfc(prediction / 0.3 / 2.0.squareRoot()) / 2) }
        return (prediction - observed) * (prediction - observed) / (2 * 0.3 * 0.3)
      }),
    NoiseExample(name: "uniform", document: ["type": "uniform", "bound": 0.2]) {
      $0 + 0.2 * (2 * $1.uniform() - 1)
    },
    NoiseExample(
      name: "uniform, clipped", document: ["type": "uniform", "bound": 0.2, "clipped": [0, 1]]
    ) { $0 + 0.2 * (2 * $1.uniform() - 1) },
    NoiseExample(
      name: "laplace", document: ["type": "laplace", "scale": 0.2], draw: laplace,
      negativeLogLikelihood: { abs($0 - $1) / 0.2 }, likelihoodGap: 0.011),
    NoiseExample(
      name: "laplace, clipped",
      document: ["type": "laplace", "scale": 0.2, "clipped": [0, 1]], draw: laplace,
      negativeLogLikelihood: { prediction, observed in
        // The probability of a Laplace number beyond `by`.
        func beyond(_ by: Double) -> Double {
          by > 0 ? exp(-by / 0.2) / 2 : 1 - exp(by / 0.2) / 2
        }
        if observed == 1 { return -log(beyond(1 - prediction)) }
        if observed == 0 { return -log(beyond(prediction)) }
        return abs(prediction - observed) / 0.2
      }, likelihoodGap: 0.011),
    NoiseExample(name: "outliers", document: ["type": "outliers", "sigma": 0.3, "rate": 0.2]) {
      $1.uniform() < 0.2 ? $0 + ($1.uniform() < 0.5 ? 50 : -50) : $0 + 0.3 * $1.normal()
    },
    counts(peak: 2), counts(peak: 40), clippedCounts(peak: 6), clippedCounts(peak: 40),
  ]

  private static func laplace(_ truth: Double, _ random: inout RandomNumbers) -> Double {
    let size = -0.2 * log(1 - random.uniform())
    return random.uniform() < 0.5 ? truth + size : truth - size
  }

  private static func counts(peak: Double) -> NoiseExample {
    NoiseExample(
      name: "poisson, peak \(peak)", document: ["type": "poisson", "peak": .number(peak)],
      predictions: intensities, draw: { poisson(peak * $0, &$1) / peak },
      negativeLogLikelihood: { prediction, observed in
        peak * prediction - peak * observed * log(peak * prediction)
      }, predictionMin: 0.11 / peak)
  }

  private static func clippedCounts(peak: Double) -> NoiseExample {
    NoiseExample(
      name: "poisson, peak \(peak), clipped",
      document: ["type": "poisson", "peak": .number(peak), "clipped": [0, 1]],
      predictions: intensities, draw: { poisson(peak * $0, &$1) / peak },
      negativeLogLikelihood: { prediction, observed in
        let rate = peak * prediction
        guard observed == 1 else { return rate - peak * observed * log(rate) }
        // The largest terms of the tail first.
        let terms = (Int(peak)...Int(peak) + 300).map {
          exp(Double($0) * log(rate) - rate - lgamma(Double($0) + 1).0)
        }
        return -log(terms.reduce(0, +))
      }, predictionMin: 0.11 / peak)
  }

  private static let intensities: [Float] = [0.01, 0.05, 0.3, 0.5, 0.9, 1.3]

  /// Knuth's product of uniform numbers.
  private static func poisson(_ rate: Double, _ random: inout RandomNumbers) -> Double {
    let limit = exp(-rate)
    var product = random.uniform()
    var count = 0.0
    while product > limit {
      product *= random.uniform()
      count += 1
    }
    return count
  }
}
