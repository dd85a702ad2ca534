import Documents
import LinearAlgebra
import Measurements
import Networks

/// What is taken to be known of the latent beside the observation.
public enum LatentPrior: String, Sendable, CaseIterable {
  /// Nothing: the latent that explains the observation best.
  case none
  /// The distribution that the generator declares: the most probable latent.
  case latent
}

extension LatentPrior {
  public static let schema: JSONValue = [
    "type": ["string", "null"], "enum": ["none", "latent", nil], "default": nil,
    "description":
      """
    What is taken to be known of the latent: nothing, or the distribution that the generator \
    declares, weighed against the noise, which then has to be of known size. Left out: the latter \
    where the noise is of known size.
    """,
  ]

  /// Where the size of the noise is known, what the generator declares is worth its weight.
  public static func byDefault(for noise: any NoiseModel) -> LatentPrior {
    noise.unit == nil ? .none : .latent
  }

  /// Reads the field `prior`.
  ///
  /// - Throws: `DocumentError`, malformed for what is no prior, unprocessable for one that cannot be
  ///   weighed against the noise.
  public init(_ document: ObjectReader, for noise: any NoiseModel) throws(DocumentError) {
    guard let name = try document.string("prior") else {
      self = Self.byDefault(for: noise)
      return
    }
    guard let prior = Self(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw document.malformed("prior", "is \"\(name.prefix(64))\"; expected one of \(known)")
    }
    guard prior == .none || noise.unit != nil else {
      throw document.unprocessable(
        "prior",
        "is \"\(name)\", which is weighed against the noise; declare noise of known size, or leave "
          + "it out")
    }
    self = prior
  }

  /// What a prior adds to a loss.
  enum Penalty {
    case none
    /// `weight |z|^2 / 2`
    case ridge(weight: Double)
    /// Half the square of rows of its own.
    case residual(any DifferentiableMap)
  }

  /// Standard normal latents: `s^2 |z|^2 / 2`, which is `s^2` times the negative logarithm of the
  /// density. Uniform ones: what lies outside of the box, so steep that solutions lie in it to about
  /// a thousandth.
  ///
  /// - Parameters:
  ///   - unit: `s`, of the noise.
  ///   - scale: of the losses that the prior is added to.
  func penalty(for generator: Generator, unit: Double?, scale: Double) -> Penalty {
    guard self == .latent, let unit else { return .none }
    switch generator.latentDistribution {
    case .standardNormal: return .ridge(weight: unit * unit)
    case .uniform:
      return .residual(
        BoxResidual(
          count: generator.inputCount,
          steepness: Float(100 * (2 * scale + unit * unit).squareRoot())))
    }
  }

  /// The inverse of the prior's variance, for each latent entry.
  func precision(for generator: Generator) -> Double {
    self == .latent && generator.latentDistribution == .standardNormal ? 1 : 0
  }
}

/// What lies outside of [-1, 1], times a steepness.
private struct BoxResidual: DifferentiableMap {
  let count: Int
  let steepness: Float
  var inputCount: Int { count }
  var outputCount: Int { count }

  func evaluate(_ x: Batch) -> Batch {
    Batch(
      count: x.count, width: count,
      values: x.values.map { steepness * ($0 - min(max($0, -1), 1)) })
  }

  func linearize(at x: Batch) -> Linearization {
    let slopes = x.values.map { abs($0) > 1 ? steepness : 0 }
    return Linearization(
      value: evaluate(x), jacobian: DiagonalMap(Batch(count: x.count, width: count, values: slopes))
    )
  }
}
