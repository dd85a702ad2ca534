import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// The most probable latent, where the generator's own distribution is taken to be known.
struct LatentPriorTests {
  private func problem(
    _ generator: Generator, _ observation: [Float], sigma: Double, _ prior: LatentPrior
  ) -> InverseProblem {
    InverseProblem(
      generator: generator, measurement: IdentityMeasurement(count: generator.outputCount),
      observation: observation, noise: GaussianNoise(sigma: sigma), prior: prior)
  }

  /// `z = (W^T W + sigma^2 I)^-1 W^T (y - b)`, with the covariance `sigma^2 (W^T W + sigma^2 I)^-1`.
  @Test(arguments: [0.01, 0.3, 3.0, 100.0])
  func linearGeneratorsHaveTheirClosedForm(sigma: Double) throws {
    var random = RandomNumbers(seed: 640)
    // Fewer numbers than latents: without a prior the latent is open.
    for count in [3, 5, 20] {
      let rows = (0..<count).map { _ in (0..<5).map { _ in Float(random.normal()) } }
      let offset = (0..<count).map { _ in Float(random.normal()) }
      let observation = (0..<count).map { _ in Float(2 * random.normal()) }
      var gram = SymmetricMatrix(zeros: 5)
      var right = [Double](repeating: 0, count: 5)
      for (row, weights) in rows.enumerated() {
        for i in 0..<5 {
          right[i] += Double(weights[i]) * Double(observation[row] - offset[row])
          for j in 0..<5 { gram[i, j] += Double(weights[i]) * Double(weights[j]) }
        }
      }
      let factor = try #require(gram.shifted(by: sigma * sigma).cholesky())
      let expected = factor.solve(right)
      let problem = problem(
        try SmallGenerators.linear(rows, offset: offset), observation, sigma: sigma, .latent)
      let solution = try problem.solved()
      let length = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (entry, value) in expected.enumerated() {
        var unit = [Double](repeating: 0, count: 5)
        unit[entry] = 1
        let deviation = sigma * factor.solve(unit)[entry].squareRoot()
        // A loss that is flat within single precision leaves a share of the deviation.
        let error = abs(Double(solution.latent[entry]) - value)
        #expect(error < 2e-4 * length + 1e-5 * deviation, "\(count) numbers")
        let found = try #require(solution.certificate.latentDeviations?[entry])
        #expect(abs(found - deviation) < 1e-3 * deviation)
      }
      // What the data alone leave open stays said.
      if count < 5 { #expect(solution.verdict == .ambiguous || solution.verdict == .underfit) }
    }
  }

  @Test func muchNoiseLeavesThePriorAlone() throws {
    let generator = try SmallGenerators.perceptron([4, 20, 30], ["type": "tanh"], seed: 641)
    let planted = PlantedProblem(generator, IdentityMeasurement(count: 30), sigma: 0.3, seed: 642)
    func length(_ sigma: Double, _ prior: LatentPrior) throws -> Double {
      let solution = try problem(generator, planted.problem.observation, sigma: sigma, prior)
        .solved()
      return sumOfSquares(solution.latent).squareRoot()
    }
    let free = try length(0.3, .none)
    let lengths = try [0.3, 3, 30, 300].map { try length($0, .latent) }
    #expect(lengths[0] < free)
    #expect(zip(lengths, lengths.dropFirst()).allSatisfy { $0 > $1 })
    #expect(lengths[3] < 1e-3)
  }

  /// Over draws of latents and noise, the most probable latent errs less than the likeliest one.
  @Test func priorsHelpWhereNoiseIsLarge() throws {
    let generator = try SmallGenerators.perceptron([6, 20, 12], ["type": "tanh"], seed: 643)
    let library = EncoderLibrary()
    func errors(_ prior: LatentPrior) throws -> [Double] {
      try (0..<40 as Range<UInt64>).map { seed in
        let planted = PlantedProblem(
          generator, IdentityMeasurement(count: 12), sigma: 0.3, seed: 644 + seed)
        let solution = try problem(generator, planted.problem.observation, sigma: 0.3, prior)
          .solved(library: library)
        return planted.relativeError(of: solution)
      }
    }
    let (weighed, free) = (try errors(.latent).median, try errors(.none).median)
    print("    prior: median error \(weighed), without \(free)")
    #expect(weighed < 0.8 * free)
  }

  /// Uniform latents stay in their box, and find the best fit within it.
  @Test func uniformLatentsStayInTheirBox() throws {
    let generator = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [2], "distribution": "uniform"],
        "output": ["shape": [2]],
        "layers": [["type": "linear", "weight": "w"]],
      ], tensors: ["w": Tensor(shape: [2, 2], values: [1, 0.5, 0, 1])])
    // Without the box (2.75, 0.5); with it the first entry is held at 1, and the second is the mean
    // of what both numbers then ask for: (0.5 (3 - 1) + 0.5) / (0.25 + 1) = 1.2, at most 1.
    let solution = try problem(generator, [3, 0.5], sigma: 0.1, .latent).solved()
    #expect(solution.latent.allSatisfy { abs($0 - 1) < 2e-3 }, "\(solution.latent)")
    let inside = try problem(generator, [0.5, -0.2], sigma: 0.1, .latent).solved()
    #expect(abs(inside.latent[0] - 0.6) < 1e-5 && abs(inside.latent[1] + 0.2) < 1e-5)
    #expect(inside.verdict == .consistent)
  }

  @Test func priorsNeedNoiseToBeWeighedAgainst() throws {
    func read(_ prior: JSONValue?, _ noise: any NoiseModel) throws -> LatentPrior {
      var document: JSONObject = [:]
      document["prior"] = prior
      return try LatentPrior(ObjectReader(.object(document)), for: noise)
    }
    #expect(try read(nil, NoNoise()) == .none)
    #expect(try read(.null, NoNoise()) == .none)
    #expect(try read("none", NoNoise()) == .none)
    #expect(try read("latent", GaussianNoise(sigma: 1)) == .latent)
    #expect(try read("latent", PoissonNoise(peak: 9)) == .latent)
    for noise in [NoNoise(), GaussianNoise(sigma: nil)] as [any NoiseModel] {
      let error = #expect(throws: DocumentError.self) { try read("latent", noise) }
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.map(\.pointer) == ["/prior"])
    }
    for value: JSONValue in ["flat", 1, true] {
      let error = #expect(throws: DocumentError.self) { try read(value, GaussianNoise(sigma: 1)) }
      #expect(error?.kind == .malformed)
      #expect(error?.fields.map(\.pointer) == ["/prior"])
    }
  }
}
