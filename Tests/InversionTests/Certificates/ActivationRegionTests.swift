import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct ActivationRegionTests {
  private static let activations: [JSONValue] = [
    ["type": "relu"], ["type": "leaky_relu", "negative_slope": 0.2],
    ["type": "piecewise_linear", "alpha": 0.3, "c": 0.5], ["type": "hardtanh"],
  ]

  /// The certificate at any latent, as if a solver had ended there.
  private func certificate(_ problem: InverseProblem, at latent: [Float]) -> Certificate {
    let predicted = problem.forward.evaluate(Batch(row: latent)).values
    return Certificate(
      problem, latent: latent,
      residual: ResidualNorms(predicted: predicted, observed: problem.observation),
      alternatives: [])
  }

  /// Counts, distance and least squares solution by definition, in double precision. Single
  /// precision leaves five digits of a distance.
  @Test(arguments: activations, [930, 931, 932] as [UInt64])
  func regionsAreTheNetworks(activation: JSONValue, seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([4, 12, 30], activation, seed: seed)
    let entries = Array(stride(from: 0, to: 30, by: 2))
    let planted = PlantedProblem(
      generator, MaskMeasurement(entries: entries, signalCount: 30), sigma: 0.01, seed: seed)
    var random = RandomNumbers(seed: seed, stream: 1)
    for _ in 0..<8 {
      let latent = generator.drawLatents(count: 1, from: &random).values
      let region = try #require(certificate(planted.problem, at: latent).activationRegion)
      let double = DoublePerceptron(generator)
      let (all, outputs) = double.units(at: latent.map(Double.init))
      let units = all[..<12] + entries.map { all[12 + $0] }
      #expect(region.layers.map(\.unitCount) == [12, 15])
      for layer in 0..<2 {
        let pieces = units.filter { $0.layer == layer }.map(\.piece)
        #expect(
          region.layers[layer].pieceCounts
            == (0...units[0].kinks.count).map { piece in pieces.count { $0 == piece } })
      }
      let nearest = try #require(units.map(\.nearest.distance).min())
      #expect(abs(region.boundaryDistance - nearest) < 1e-5 + 1e-4 * nearest)

      let rows = entries.map { outputs[$0].gradient }
      let residual = zip(entries, planted.problem.observation).map {
        outputs[$0].value - Double($1)
      }
      let rank = DoubleMatrix.rank(ofRows: rows)
      let found = try #require(region.leastSquares)
      #expect(found.isUnique == false)
      guard rank == 4 else { continue }
      let step = DoubleMatrix.leastSquares(rows, residual)
      let expected = (DoubleMatrix.inner(step, step) / sumOfSquares(latent)).squareRoot()
      #expect(abs(found.relativeDistance - expected) < 1e-4 * expected)
      #expect(!found.isLatent)
    }
  }

  /// Up to the distance no unit crosses a kink in the direction of the nearest one, and just beyond
  /// it one does.
  @Test(arguments: activations, [933, 934] as [UInt64])
  func boundariesAreWhereTheyAreSaidToBe(activation: JSONValue, seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([3, 10, 20], activation, seed: seed)
    let planted = PlantedProblem(generator, seed: seed)
    let double = DoublePerceptron(generator)
    var random = RandomNumbers(seed: seed, stream: 2)
    for _ in 0..<10 {
      let latent = generator.drawLatents(count: 1, from: &random).values
      let region = try #require(certificate(planted.problem, at: latent).activationRegion)
      let start = latent.map(Double.init)
      let nearest = try #require(
        double.units(at: start).units.min { $0.nearest.distance < $1.nearest.distance })
      // In single precision, a boundary that near is lost in rounding.
      guard region.boundaryDistance > 1e-4 else { continue }
      let length = DoubleMatrix.inner(nearest.gradient, nearest.gradient).squareRoot()
      let sign = nearest.value < nearest.nearest.kink ? 1.0 : -1
      func moved(_ share: Double) -> [Int] {
        double.pattern(
          at: zip(start, nearest.gradient).map {
            $0 + sign * share * region.boundaryDistance * $1 / length
          })
      }
      #expect(moved(0.999) == double.pattern(at: start))
      #expect(moved(1.001) != double.pattern(at: start))
    }
  }

  /// The least squares solution of the piece that holds a solver's answer, in double precision, is
  /// found to be just that, and the only one.
  @Test(arguments: [935, 936, 937, 938] as [UInt64])
  func solutionsAreOptimalInTheirPieces(seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron(
      [4, 20, 50], ["type": "leaky_relu", "negative_slope": 0.2], seed: seed)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 50), sigma: 1e-3, seed: seed)
    let double = DoublePerceptron(generator)
    let answer = try planted.problem.solved().latent.map(Double.init)
    let outputs = double.units(at: answer).outputs
    let step = DoubleMatrix.leastSquares(
      outputs.map(\.gradient),
      zip(outputs, planted.problem.observation).map { $0.value - Double($1) })
    let best = zip(answer, step).map { $0 - $1 }
    #expect(double.pattern(at: best) == double.pattern(at: answer))
    let latent = best.map { Float($0) }
    let piece = try #require(
      certificate(planted.problem, at: latent).activationRegion?.leastSquares)
    #expect(piece.isLatent && piece.isUnique && piece.relativeDistance < 1e-5)
    // Moved by a thousandth, it is not.
    let moved = latent.map { $0 * 1.001 }
    let other = try #require(
      certificate(planted.problem, at: moved).activationRegion?.leastSquares)
    #expect(!other.isLatent && !other.isUnique)
  }

  /// With a prior, or noise that is not normal, the sum of squares is not what is made small.
  @Test func onlyLeastSquaresHaveTheirSolution() throws {
    let generator = try SmallGenerators.perceptron([3, 8, 20], ["type": "relu"], seed: 951)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 20), sigma: 0.01, seed: 952)
    func region(_ noise: any NoiseModel, _ prior: LatentPrior) throws -> ActivationRegion {
      let problem = InverseProblem(
        generator: generator, measurement: planted.problem.measurement,
        observation: planted.problem.observation, noise: noise, prior: prior)
      return try #require(certificate(problem, at: planted.latent).activationRegion)
    }
    let gaussian = GaussianNoise(sigma: 0.01)
    #expect(try region(gaussian, .none).leastSquares != nil)
    #expect(try region(gaussian, .latent).leastSquares == nil)
    #expect(try region(LaplaceNoise(scale: 0.01), .none).leastSquares == nil)
  }

  @Test func onlyStraightPiecesHaveRegions() throws {
    let smooth = try SmallGenerators.perceptron([3, 8, 20], ["type": "tanh"], seed: 939)
    #expect(
      try PlantedProblem(smooth, seed: 940).problem.solved().certificate.activationRegion == nil)
    // Smooth at the end only: distances remain, the solution is no longer that of linear equations.
    let ending = try SmallGenerators.ending(
      [3, 8, 20], ["type": "relu"], ["type": "tanh"], seed: 941)
    let region = try #require(
      try PlantedProblem(ending, seed: 942).problem.solved().certificate.activationRegion)
    #expect(region.layers.map(\.unitCount) == [8] && region.leastSquares == nil)
    #expect(region.boundaryDistance > 0 && region.boundaryDistance < 10)
    // Magnitudes are not linear in the signal.
    let kinked = try SmallGenerators.perceptron([3, 8, 20], ["type": "relu"], seed: 943)
    let phaseless = PlantedProblem(
      kinked, PhaselessMeasurement(of: IdentityMeasurement(count: 20)), seed: 944)
    let magnitudes = try #require(try phaseless.problem.solved().certificate.activationRegion)
    #expect(magnitudes.leastSquares == nil && magnitudes.layers.map(\.unitCount) == [8, 20])
    // Without activations there is no boundary.
    let linear = try PlantedProblem(SmallGenerators.randomLinear(3, 20, seed: 945), seed: 946)
    let whole = try #require(try linear.problem.solved().certificate.activationRegion)
    #expect(whole.layers.isEmpty && whole.boundaryDistance == .infinity)
  }

  /// `x + relu(W x)` on the way: the units inside the branch are units like others.
  @Test func branchesAreFollowed() throws {
    let generator = try SmallGenerators.residual(width: 6, outputs: 20, seed: 947)
    let planted = PlantedProblem(generator, seed: 948)
    let region = try #require(
      certificate(planted.problem, at: planted.latent).activationRegion)
    #expect(region.layers.map(\.unitCount) == [6])
    let before = generator.evaluate(Batch(row: planted.latent)).values
    // Inside the region the network is affine: a step and its mirror image cancel.
    var random = RandomNumbers(seed: 949)
    var step = (0..<6).map { _ in random.normal() }
    let length = DoubleMatrix.inner(step, step).squareRoot()
    step = step.map { $0 * 0.9 * region.boundaryDistance / length }
    let sides = [1.0, -1].map { sign in
      generator.evaluate(
        Batch(row: zip(planted.latent, step).map { $0 + Float(sign * $1) })
      ).values
    }
    for entry in before.indices {
      #expect(abs(sides[0][entry] + sides[1][entry] - 2 * before[entry]) < 1e-4)
    }
  }
}
