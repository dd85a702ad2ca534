import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct ReconstructionDeviationTests {
  /// Of a linear generator seen at half its outputs: `sigma sqrt(g (A'A)^-1 g')` for each row `g` of
  /// the generator, by elimination in double precision; and what 400 draws of the noise show, whose
  /// root mean square is within 18 % at five standard errors.
  @Test func deviationsAreThoseOfTheExactFormula() throws {
    let (latentCount, outputCount, sigma) = (4, 24, 0.05)
    let generator = try SmallGenerators.randomLinear(latentCount, outputCount, seed: 950)
    let entries = Array(stride(from: 1, to: outputCount, by: 2))
    let mask = MaskMeasurement(entries: entries, signalCount: outputCount)
    let rows = DoublePerceptron(generator).units(at: [Double](repeating: 0, count: latentCount))
      .outputs.map(\.gradient)
    let seen = entries.map { rows[$0] }
    let gram = (0..<latentCount).map { i in
      (0..<latentCount).map { j in seen.reduce(0) { $0 + $1[i] * $1[j] } }
    }
    let expected = rows.map { row in
      sigma * DoubleMatrix.inner(row, DoubleMatrix.solve(gram, row)).squareRoot()
    }

    var squares = [Double](repeating: 0, count: outputCount)
    let library = EncoderLibrary()
    for seed in 0..<400 as Range<UInt64> {
      let planted = PlantedProblem(generator, mask, sigma: sigma, seed: 5000 + seed)
      let solution = try planted.problem.solved(
        by: ["type": "levenberg_marquardt", "restarts_max": 1], library: library)
      let found = try #require(solution.certificate.reconstructionDeviations)
      #expect(found.count == outputCount)
      for entry in 0..<outputCount {
        #expect(abs(Double(found[entry]) - expected[entry]) < 1e-4 * expected[entry])
      }
      let truth = generator.evaluate(Batch(row: planted.latent)).values
      for entry in 0..<outputCount {
        let error = Double(solution.reconstruction[entry] - truth[entry])
        squares[entry] += error * error
      }
    }
    for entry in 0..<outputCount {
      let observed = (squares[entry] / 400).squareRoot()
      #expect(abs(observed - expected[entry]) < 0.18 * expected[entry])
    }
  }

  /// The last latent moves the last outputs only, of which none is observed.
  @Test func whatTheDataLeaveOpenIsInfinite() throws {
    var random = RandomNumbers(seed: 951)
    let rows = (0..<20).map { row in
      (0..<4).map { $0 == 3 && row < 15 ? 0 : Float(random.normal()) }
    }
    let generator = try SmallGenerators.linear(rows)
    let mask = MaskMeasurement(entries: Array(0..<15), signalCount: 20)
    let planted = PlantedProblem(generator, mask, sigma: 0.01, seed: 952)
    let certificate = try planted.problem.solved().certificate
    let deviations = try #require(certificate.reconstructionDeviations)
    #expect(deviations[..<15].allSatisfy { $0 > 0 && $0 < 0.05 })
    #expect(deviations[15...].allSatisfy { $0 == .infinity })
    #expect(certificate.latentDeviations?[3] == nil)
  }

  /// Outputs that are off do not move, whatever the noise does within the region.
  @Test func unitsThatAreOffHaveNoDeviation() throws {
    let generator = try SmallGenerators.linear(
      [[1, 0], [0, 1], [1, 1], [-1, -1]], offset: [5, 5, 5, -5], then: ["type": "relu"])
    let problem = InverseProblem(
      generator, observation: [6.01, 5.49, 6.5, 0], noise: GaussianNoise(sigma: 0.01))
    let certificate = try problem.solved().certificate
    let deviations = try #require(certificate.reconstructionDeviations)
    #expect(deviations[3] == 0 && deviations[..<3].allSatisfy { $0 > 0 })
    #expect(certificate.activationRegion?.layers.map(\.pieceCounts) == [[1, 3]])
    #expect(certificate.doIntervalsHold == true)
  }

  /// Two numbers for three latents leave nothing to estimate noise of unknown size from.
  @Test func withoutAnEstimateOfTheNoiseThereAreNone() throws {
    let generator = try SmallGenerators.randomLinear(3, 20, seed: 953)
    let mask = MaskMeasurement(entries: [3, 9], signalCount: 20)
    let certificate = try PlantedProblem(generator, mask, seed: 954).problem.solved().certificate
    #expect(certificate.sigma == nil && certificate.reconstructionDeviations == nil)
    #expect(certificate.doIntervalsHold == nil)
  }

  @Test func latentsThatDoNotMoveAnythingChangeNothing() throws {
    var random = RandomNumbers(seed: 955)
    let rows = (0..<30).map { _ in (0..<3).map { _ in Float(random.normal()) } }
    let plain = try PlantedProblem(SmallGenerators.linear(rows), seed: 956)
    let padded = try SmallGenerators.linear(rows.map { $0 + [0, 0] })
    let other = InverseProblem(
      padded, observation: plain.problem.observation, noise: GaussianNoise(sigma: 0.1))
    let one = InverseProblem(
      plain.problem.generator, observation: plain.problem.observation,
      noise: GaussianNoise(sigma: 0.1))
    let expected = try #require(try one.solved().certificate.reconstructionDeviations)
    let found = try #require(try other.solved().certificate.reconstructionDeviations)
    #expect(RelativeError.of(found, expected) < 1e-5)
  }
}
