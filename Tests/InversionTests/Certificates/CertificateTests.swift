import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct CertificateTests {
  @Test(arguments: [870, 871, 872] as [UInt64])
  func singularValuesAreTheJacobians(seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([5, 14, 30], ["type": "tanh"], seed: seed)
    let mask = MaskMeasurement(entries: Array(stride(from: 0, to: 30, by: 2)), signalCount: 30)
    let planted = PlantedProblem(generator, mask, seed: seed)
    let solution = try planted.problem.solved()
    let jacobian = generator.linearize(at: Batch(row: solution.latent)).jacobian
    let columns = jacobian.apply(.identities(5, for: 1))
    let observed = mask.apply(columns)
    let expected = DoubleMatrix.singularValues(
      ofColumns: (0..<5).map { observed[$0].map(Double.init) })
    let found = solution.certificate.singularValues
    #expect(found.count == 5 && found == found.sorted(by: >))
    for (value, reference) in zip(found, expected) {
      #expect(abs(value - reference) < 1e-5 * expected[0])
    }
    #expect(solution.certificate.rank == 5)
    #expect(
      abs(solution.certificate.conditionNumber - expected[0] / expected[4])
        < 1e-3 * expected[0] / expected[4])
    #expect(solution.certificate.deadLatents.isEmpty)
  }

  /// The third latent does what the first two do together.
  @Test(arguments: SolverCatalogue.kinds.map(\.type))
  func deficientRanksAreAmbiguous(solver: String) throws {
    var random = RandomNumbers(seed: 873)
    let rows = (0..<20).map { _ in
      let (first, second) = (Float(random.normal()), Float(random.normal()))
      return [first, second, first + second, Float(random.normal())]
    }
    let generator = try SmallGenerators.linear(rows)
    for seed in 874..<877 as Range<UInt64> {
      let planted = PlantedProblem(generator, seed: seed)
      let solution = try planted.problem.solved(by: SolverDocument.of(solver, latentCount: 4))
      #expect(solution.certificate.rank == 3)
      #expect(solution.certificate.conditionNumber == .infinity)
      #expect(solution.verdict != .recovered && solution.verdict != .consistent)
      if solver != "adam" { #expect(solution.verdict == .ambiguous) }
      // The open direction moves the first three entries; the fourth is determined.
      let deviations = try #require(solution.certificate.latentDeviations)
      #expect(deviations[0] == nil && deviations[1] == nil && deviations[2] == nil)
      #expect(deviations[3] != nil)
    }
  }

  @Test func deadLatentsAreListed() throws {
    var random = RandomNumbers(seed: 878)
    let rows = (0..<20).map { _ in
      (0..<5).map { [1, 3].contains($0) ? 0 : Float(random.normal()) }
    }
    let solution = try PlantedProblem(SmallGenerators.linear(rows), seed: 879).problem.solved()
    #expect(solution.certificate.deadLatents == [1, 3])
    #expect(solution.certificate.rank == 3)
    #expect(solution.verdict == .ambiguous)
    let deviations = try #require(solution.certificate.latentDeviations)
    #expect(deviations.indices.filter { deviations[$0] == nil } == [1, 3])
  }

  @Test func fewerNumbersThanLatentsAreAmbiguous() throws {
    let generator = try SmallGenerators.randomLinear(5, 20, seed: 880)
    let mask = MaskMeasurement(entries: [3, 9, 11], signalCount: 20)
    let solution = try PlantedProblem(generator, mask, seed: 881).problem.solved()
    #expect(solution.residual.relative < 1e-4)
    #expect(solution.certificate.rank == 3 && solution.certificate.singularValues.count == 5)
    #expect(solution.verdict == .ambiguous)
  }

  /// Over many draws of the noise, errors are as large as the deviations say: the mean of
  /// `(error / deviation)^2` is 1 with declared noise, and that of a Student distribution with
  /// `m - k` degrees of freedom where the noise is estimated. 400 draws of 5 entries: five standard
  /// errors are 0.16 and 0.2.
  @Test(arguments: [GaussianNoise(sigma: 0.05), GaussianNoise(sigma: nil)])
  func deviationsAreCalibrated(noise: GaussianNoise) throws {
    let generator = try SmallGenerators.randomLinear(5, 40, seed: 882)
    let library = EncoderLibrary()
    var sum = 0.0
    for seed in 0..<400 as Range<UInt64> {
      let planted = PlantedProblem(
        generator, IdentityMeasurement(count: 40), sigma: 0.05, declared: noise, seed: 1000 + seed)
      let solution = try planted.problem.solved(
        by: ["type": "levenberg_marquardt", "restarts_max": 1], library: library)
      let deviations = try #require(solution.certificate.latentDeviations)
      for entry in 0..<5 {
        let deviation = try #require(deviations[entry])
        let error = Double(solution.latent[entry] - planted.latent[entry])
        sum += error * error / (deviation * deviation)
      }
    }
    let expected = noise.sigma == nil ? 35.0 / 33 : 1
    #expect(abs(sum / 2000 - expected) < (noise.sigma == nil ? 0.2 : 0.16))
  }

  @Test func saysWhichNoiseItAssumes() throws {
    let generator = try SmallGenerators.randomLinear(3, 30, seed: 883)
    let identity = IdentityMeasurement(count: 30)
    let declared = try PlantedProblem(generator, identity, sigma: 0.2, seed: 884).problem.solved()
    #expect(declared.certificate.sigma == 0.2 && !declared.certificate.isSigmaEstimated)
    let clean = try PlantedProblem(generator, seed: 885).problem.solved()
    #expect(clean.certificate.isSigmaEstimated)
    #expect((clean.certificate.sigma ?? 1) < 1e-4)
  }
}
