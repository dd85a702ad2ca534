import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Updates are the published ones: on `G(z) = W z` they can be written down.
struct FirstOrderTests {
  private static let rows: [[Float]] = [[2, 0], [0, 1], [1, 1]]

  private func objective() throws -> LeastSquares {
    let generator = try SmallGenerators.linear(Self.rows)
    let measurement = try MeasurementCatalogue.build(
      ["type": "identity"], signalShape: generator.outputShape)
    return InverseProblem(
      generator: generator, measurement: measurement, observation: [2, 1, 2], noise: NoNoise()
    ).objective
  }

  /// `W^T (W z - y)`, with `z* = (1, 1)`.
  private func gradient(_ z: [Double]) -> [Double] {
    let residual = Self.rows.map {
      zip($0, z).reduce(-Double($0.reduce(0, +))) { $0 + Double($1.0) * $1.1 }
    }
    return (0..<2).map { entry in
      zip(Self.rows, residual).reduce(0) { $0 + Double($1.0[entry]) * $1.1 }
    }
  }

  private func expect(_ found: ArraySlice<Float>, _ expected: [Double]) {
    for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-5) }
  }

  @Test func momentumAndDecay() throws {
    let objective = try objective()
    let method = GradientDescent(iterationsMax: 3, rate: 0.05, momentum: 0.6, decay: 0.5)
    var state = method.start(objective, at: Batch(row: [3, -1]))
    var z = [3.0, -1]
    var velocity = [0.0, 0]
    for iteration in 0..<3 {
      method.step(&state, objective)
      let slope = gradient(z)
      let rate = 0.05 / (1 + 0.5 * Double(iteration))
      velocity = zip(velocity, slope).map { 0.6 * $0 - rate * $1 }
      z = zip(z, velocity).map { $0 + $1 }
      expect(state.latents[0], z)
    }
  }

  @Test func mirrorImagesGiveWay() throws {
    let objective = try objective()
    let method = SubgradientDescent(rate: 0.1)
    // (-1, -2) fits worse than (1, 2), (1, 2) better than its mirror image.
    for start in [[-1, -2], [1, 2]] as [[Float]] {
      var state = method.start(objective, at: Batch(row: start))
      method.step(&state, objective)
      let slope = gradient([1, 2])
      expect(state.latents[0], [1 - 0.1 * slope[0], 2 - 0.1 * slope[1]])
    }
  }

  /// The largest eigenvalue of `[[5, 1], [1, 2]]`.
  @Test func curvatureIsTheLargestEigenvalue() throws {
    let curvature = try objective().curvatures(at: Batch(row: [0, 0]), rounds: 40)
    #expect(abs(curvature[0] - (7 + 13.0.squareRoot()) / 2) < 1e-4)
  }

  @Test func constantGeneratorsStall() throws {
    let generator = try SmallGenerators.linear([[0, 0], [0, 0]], offset: [1, 2])
    let measurement = try MeasurementCatalogue.build(
      ["type": "identity"], signalShape: generator.outputShape)
    let problem = InverseProblem(
      generator: generator, measurement: measurement, observation: [1, 3], noise: NoNoise())
    for type in ["adam", "gradient_descent", "subgradient_descent", "lbfgs"] {
      let solution = try problem.solved(by: ["type": .string(type)])
      let isFinite = solution.latent.allSatisfy(\.isFinite)
      #expect(isFinite)
      #expect(solution.termination == .stalled, "\(type)")
      #expect(solution.verdict == .underfit)
    }
  }

  @Test func presetsFillInWhatIsLeftOut() throws {
    let kind = try #require(SolverCatalogue.kinds.first { $0.type == "adam" })
    let value: JSONValue = ["type": "adam", "preset": "ma2018_code", "rate": 0.5]
    let filled = try kind.filledIn(try ObjectReader(value), value).object
    #expect(filled?["rate"] == 0.5)
    #expect(filled?["iterations_max"] == 1000)
    #expect(filled?["starts"] == "prior")
  }
}

/// Along functions whose minima are known.
struct StrongWolfeSearchTests {
  private func run(
    firstStep: Double, _ function: (Double) -> (value: Double, slope: Double)
  ) -> (answer: StrongWolfeSearch.Answer, step: Double, evaluations: Int) {
    let origin = function(0)
    var search = StrongWolfeSearch(
      value: origin.value, slope: origin.slope, firstStep: firstStep)
    for evaluation in 1...100 {
      let step = search.step
      let found = function(step)
      let answer = search.take(value: found.value, slope: found.slope)
      if answer != .evaluate { return (answer, step, evaluation) }
    }
    return (.fail, 0, 100)
  }

  private func expectWolfe(
    firstStep: Double, _ function: (Double) -> (value: Double, slope: Double)
  ) {
    let result = run(firstStep: firstStep, function)
    let (origin, end) = (function(0), function(result.step))
    #expect(result.answer == .take)
    #expect(end.value <= origin.value + 1e-4 * result.step * origin.slope)
    #expect(abs(end.slope) <= 0.9 * abs(origin.slope))
    #expect(result.evaluations <= 25)
  }

  @Test(arguments: [1e-6, 1e-3, 0.1, 1, 10, 1e3, 1e6])
  func findsWolfePoints(firstStep: Double) {
    expectWolfe(firstStep: firstStep) { ((($0 - 1) * ($0 - 1)), 2 * ($0 - 1)) }
    // More and Thuente (1994), function 1 with beta 2: a long way to a shallow minimum.
    expectWolfe(firstStep: firstStep) { step in
      let square = step * step + 2
      return (-step / square, (step * step - 2) / (square * square))
    }
    // A kink at 1, as ReLU networks have.
    expectWolfe(firstStep: firstStep) { step in
      step < 1 ? (2 - step, -1) : (1 + 0.5 * (step - 1) + 0.1 * (step - 1) * (step - 1), 0.5)
    }
  }

  @Test func leavesWhatIsNotFinite() {
    expectWolfe(firstStep: 8) { step in
      step > 3 ? (.nan, .infinity) : ((step - 1) * (step - 1), 2 * (step - 1))
    }
  }

  @Test func failsWhereNothingFalls() {
    let result = run(firstStep: 1) { ($0 == 0 ? 1 : 2, $0 == 0 ? -1 : 1) }
    #expect(result.answer == .fail)
    #expect(result.evaluations <= 25)
  }
}
