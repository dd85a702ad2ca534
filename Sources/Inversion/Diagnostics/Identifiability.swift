import LinearAlgebra
import Measurements
import Networks

/// Whether a measurement is enough: what the derivative determines at random latents, before
/// anything was observed.
public struct Identifiability: Sendable {
  /// The answer in a word.
  public enum Answer: String, Sendable, CaseIterable {
    /// The measurement determines every latent that was drawn, to first order.
    case determined
    /// It determines half of them or more.
    case mostlyDetermined = "mostly_determined"
    /// It determines fewer.
    case undetermined
  }

  /// Entries of the latent, `k`.
  public var latentCount: Int
  /// Numbers that the measurement gives, `m`.
  public var observedCount: Int
  /// Latents that were drawn.
  public var draws: Int
  /// Those at which `d(A G)/dz` has rank `k`.
  public var identifiableDraws: Int
  public var rank: Quantiles
  public var smallestSingularValue: Quantiles
  public var largestSingularValue: Quantiles
  /// Infinite where the rank is deficient.
  public var conditionNumber: Quantiles
  /// Root mean square of the standard deviations of a latent's entries for noise of deviation 1;
  /// infinite where the rank is deficient.
  public var deviationPerNoise: Quantiles
  /// Latent entries that no observed number depended on at any draw.
  public var deadLatents: [Int]

  public var identifiableShare: Double { Double(identifiableDraws) / Double(draws) }

  public var answer: Answer {
    if identifiableDraws == draws { return .determined }
    return 2 * identifiableDraws >= draws ? .mostlyDetermined : .undetermined
  }

  /// Where the share lies among all latents, with a confidence of 95 % (Wilson's interval).
  public var identifiableShareInterval: ClosedRange<Double> {
    let (z, count, share) = (1.96, Double(draws), identifiableShare)
    let scale = 1 + z * z / count
    let centre = (share + z * z / (2 * count)) / scale
    let reach =
      z / scale * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return max(0, centre - reach)...min(1, centre + reach)
  }

  /// `nil` when the measurement has no useful derivative, or the network's is nowhere finite.
  ///
  /// - Parameters:
  ///   - measurement: takes the generator's output.
  ///   - draws: at least 1.
  init?(
    _ generator: Generator, _ measurement: any Measurement, draws: Int, seed: UInt64
  ) {
    guard measurement.isDifferentiable else { return nil }
    let forward = generator.measured(by: measurement)
    var random = RandomNumbers(seed: seed, stream: 0x6469_6167)
    let latents = generator.drawLatents(count: draws, from: &random)
    let spectra = (0..<draws).map { JacobianSpectrum(forward, at: Array(latents[$0])) }
      .filter { !$0.vectors.isEmpty }
    let values = spectra.map(\.singularValues)
    guard let rank = Quantiles(spectra.map { Double($0.rank) }),
      let smallest = Quantiles(values.map { $0.last ?? 0 }),
      let largest = Quantiles(values.map { $0.first ?? 0 }),
      let condition = Quantiles(spectra.map(\.conditionNumber)),
      let deviation = Quantiles(spectra.map(\.deviationPerNoise))
    else { return nil }
    latentCount = forward.inputCount
    observedCount = forward.outputCount
    self.draws = spectra.count
    identifiableDraws = spectra.count { $0.rank == forward.inputCount }
    (self.rank, smallestSingularValue, largestSingularValue) = (rank, smallest, largest)
    (conditionNumber, deviationPerNoise) = (condition, deviation)
    let dead = spectra.map { Set($0.deadLatents) }
    deadLatents = dead.dropFirst().reduce(dead[0]) { $0.intersection($1) }.sorted()
  }
}

extension JacobianSpectrum {
  /// `sqrt(trace((J^T J)^-1) / k)`
  fileprivate var deviationPerNoise: Double {
    guard rank == size else { return .infinity }
    return (eigenvalues.reduce(0) { $0 + 1 / $1 } / Double(size)).squareRoot()
  }
}

extension Generator {
  /// From the latent to what the measurement shows, cut down to what is observed.
  fileprivate func measured(by measurement: any Measurement) -> Chain {
    if let entries = measurement.observedEntries { return observing(entries).chain }
    return Chain(stages + [measurement], inputCount: inputCount)
  }
}
