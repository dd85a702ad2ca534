import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Ranks from a single-precision Jacobian against ranks in double precision, the network written
/// down once more.
struct RankTests {
  /// A narrow network seen at few outputs: at some latents the observation determines the latent,
  /// at others it does not.
  @Test(arguments: [970, 971, 972] as [UInt64])
  func ranksAreThoseOfDoublePrecision(seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([6, 14, 30], ["type": "relu"], seed: seed)
    let double = DoublePerceptron(generator)
    let entries = Array(stride(from: 0, to: 30, by: 2))
    let mask = MaskMeasurement(entries: entries, signalCount: 30)
    var random = RandomNumbers(seed: seed, stream: 3)
    var ranks: [Int: Int] = [:]
    for _ in 0..<150 {
      let latent = generator.drawLatents(count: 1, from: &random).values
      let problem = InverseProblem(
        generator: generator, measurement: mask,
        observation: [Float](repeating: 0, count: entries.count), noise: NoNoise())
      let outputs = double.units(at: latent.map(Double.init)).outputs
      let expected = DoubleMatrix.rank(ofRows: entries.map { outputs[$0].gradient })
      #expect(Certificate.rank(of: problem, at: latent) == expected)
      ranks[expected, default: 0] += 1
    }
    // Both kinds were there, or the law would have said nothing.
    #expect((ranks[6] ?? 0) >= 10 && ranks.filter { $0.key < 6 }.map(\.value).reduce(0, +) >= 10)
  }

  /// A direction that is weak without being absent keeps its rank; one below the rounding of single
  /// precision does not.
  @Test func weakDirectionsCountDownToRounding() throws {
    var random = RandomNumbers(seed: 973)
    let rows = (0..<40).map { _ in (0..<3).map { _ in Float(random.normal()) } }
    for (strength, rank) in [(Float(1e-3), 3), (1e-5, 3), (1e-7, 2), (0, 2)] {
      let generator = try SmallGenerators.linear(rows.map { [$0[0], $0[1], strength * $0[2]] })
      let problem = InverseProblem(
        generator, observation: [Float](repeating: 0, count: 40), noise: NoNoise())
      #expect(Certificate.rank(of: problem, at: [1, 1, 1]) == rank)
    }
  }
}
