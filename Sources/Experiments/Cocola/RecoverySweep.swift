import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// One of the problems of Cocola (2022) at several values of what its error depends on, with random
/// networks whose layers after the first are each narrower than the one before.
struct RecoverySweep: Sendable {
  /// As tables call it.
  var name: String
  /// What is varied, such as "k / m".
  var parameterName: String
  /// What errors are measured in.
  var unit: ErrorUnit
  /// Of the logarithm of the error against that of the parameter.
  var expectedSlope: Double
  var cases: [Case]

  enum ErrorUnit: String, Sendable {
    case noise = "|G(z) − y*| / |noise|"
    case signal = "|G(z) − y*| / |y*|"
  }

  /// One value of the parameter.
  struct Case: Sendable {
    var parameter: Double
    /// Of the network: latent, layers, signal.
    var widths: [Int]
    var observe: @Sendable (Generator, _ latent: [Float], inout RandomNumbers) -> Observation
  }

  /// What is seen of one signal.
  struct Observation {
    var planted: PlantedProblem
    /// Length of the noise.
    var noise: Double
    /// Of subgradient descent; `nil` where the curvature at the start tells.
    var rate: Double?
  }

  /// What became of one trial.
  struct Trial {
    /// In the sweep's unit.
    var error: Double
    /// Over half of the signal is wrong.
    var isStuck: Bool
  }

  static let stuckError = 0.5

  /// The solvers of every sweep.
  static let solverNames = [NamedSolver.subgradientName, NamedSolver.automaticName]

  /// - Returns: `[case][solver][trial]`
  func run(
    trials: Int, seed: UInt64, _ steps: inout ExperimentProgress.Steps
  ) throws(DocumentError) -> [[[Trial]]] {
    let library = EncoderLibrary()
    var results: [[[Trial]]] = []
    for (place, sweepCase) in cases.enumerated() {
      var ofCase = Self.solverNames.map { _ in [Trial]() }
      for trial in 0..<trials {
        steps.begin("\(name), \(parameterName) \(sweepCase.parameter.short()), trial \(trial + 1)")
        // The same network and latent for each value of the parameter that leaves the widths alone.
        let widths = sweepCase.widths.map(String.init).joined(separator: "-")
        var networkNumbers = RandomNumbers(seed: seed, "cocola network \(widths)", trial: trial)
        let generator = try RandomNetwork.perceptron(sweepCase.widths, from: &networkNumbers)
        let latent = generator.drawLatents(count: 1, from: &networkNumbers).values
        var noiseNumbers = RandomNumbers(seed: seed, "cocola \(name) \(place)", trial: trial)
        let observation = sweepCase.observe(generator, latent, &noiseNumbers)
        let solvers = [
          try NamedSolver.subgradientDescent(rate: observation.rate), try NamedSolver.automatic(),
        ]
        for (index, solver) in solvers.enumerated() {
          let solution = solver.solve(
            observation.planted, seed: seed &+ UInt64(trial), library: library,
            generatorKey: "\(widths) \(trial)")
          let relative = observation.planted.signalError(solution.reconstruction)
          let scale = unit == .noise ? norm(observation.planted.signal) / observation.noise : 1
          ofCase[index].append(
            Trial(error: relative * scale, isStuck: relative > Self.stuckError))
        }
      }
      results.append(ofCase)
    }
    return results
  }
}

extension RecoverySweep {
  /// Noise over signal, in length, where that is not what is varied.
  static let noiseShare = 0.1

  /// `y = A G(z*) + e`, `A` with entries `N(0, 1/m)` (theorem 5.4): the error is at most a constant
  /// times `sqrt(k/m) |e|`, logarithms aside.
  static func compressed(widths: [Int], rows: [Int], name: String) -> RecoverySweep {
    RecoverySweep(
      name: name, parameterName: "k / m", unit: .noise, expectedSlope: 0.5,
      cases: rows.map { rows in
        Case(parameter: Double(widths[0]) / Double(rows), widths: widths) {
          generator, latent, random in
          let measurement = GaussianMeasurement(
            rows: rows, seed: random.next() >> 11, signalCount: generator.outputCount)
          return additive(generator, measurement, latent, from: &random)
        }
      })
  }

  /// `y = |A G(z*)| + e`.
  static func phaseless(widths: [Int], rows: [Int]) -> RecoverySweep {
    RecoverySweep(
      name: "phaseless", parameterName: "k / m", unit: .noise, expectedSlope: 0.5,
      cases: rows.map { rows in
        Case(parameter: Double(widths[0]) / Double(rows), widths: widths) {
          generator, latent, random in
          let measurement = PhaselessMeasurement(
            of: GaussianMeasurement(
              rows: rows, seed: random.next() >> 11, signalCount: generator.outputCount))
          return additive(generator, measurement, latent, from: &random)
        }
      })
  }

  /// `y = G(z*) + e`: of the noise, what lies along the `k` dimensions of the range stays.
  static func denoising(latents: [Int], layers: [Int]) -> RecoverySweep {
    let signalCount = layers[layers.count - 1]
    return RecoverySweep(
      name: "denoising", parameterName: "k / n", unit: .noise, expectedSlope: 0.5,
      cases: latents.map { latentCount in
        Case(parameter: Double(latentCount) / Double(signalCount), widths: [latentCount] + layers) {
          generator, latent, random in
          additive(
            generator, IdentityMeasurement(count: generator.outputCount), latent, from: &random)
        }
      })
  }

  /// Independent normal errors, together `noiseShare` as long as the signal.
  private static func additive(
    _ generator: Generator, _ measurement: any Measurement, _ latent: [Float],
    from random: inout RandomNumbers
  ) -> Observation {
    let signal = generator.evaluate(Batch(row: latent)).values
    let deviation =
      noiseShare * norm(signal) / Double(measurement.outputCount).squareRoot()
    let noise = (0..<measurement.outputCount).map { _ in Float(deviation * random.normal()) }
    let clean = measurement.evaluate(Batch(row: signal)).values
    return Observation(
      planted: PlantedProblem(
        generator, measurement, latent: latent, observation: zip(clean, noise).map { $0 + $1 },
        deviation: deviation),
      noise: norm(noise))
  }

  /// `M` is the covariance of `N` samples `u y* + sigma e`, less `sigma^2 I`, with `sigma = |y*| / 2`:
  /// the error falls like `sqrt(k/N)`. The deviation of the entries, which are not alike, is not
  /// told.
  static func spikedWishart(widths: [Int], samples: [Int]) -> RecoverySweep {
    RecoverySweep(
      name: "spiked Wishart", parameterName: "k / N", unit: .signal, expectedSlope: 0.5,
      cases: samples.map { count in
        Case(parameter: Double(widths[0]) / Double(count), widths: widths) {
          generator, latent, random in
          let signal = generator.evaluate(Batch(row: latent)).values
          let sigma = norm(signal) / 2
          var values: [Float] = []
          for _ in 0..<count {
            let factor = random.normal()
            values += signal.map { Float(Double($0) * factor + sigma * random.normal()) }
          }
          let reader = SpikedWishartMeasurement(
            signalCount: signal.count, samples: (rows: count, sigma: sigma))
          // As a matrix, so that one encoder serves every count of samples.
          let measurement = SpikedWishartMeasurement(signalCount: signal.count)
          return matrixObservation(
            generator, measurement, latent, reader.observation(from: values) ?? [], deviation: nil)
        }
      })
  }

  /// `M = y* y*^T + nu |y*|^2 H`, with symmetric `H` whose entries off the diagonal have variance
  /// `1/n`: the error falls like `nu sqrt(k/n)`.
  static func spikedWigner(widths: [Int], levels: [Double]) -> RecoverySweep {
    let latentShare = Double(widths[0]) / Double(widths[widths.count - 1])
    return RecoverySweep(
      name: "spiked Wigner", parameterName: "ν sqrt(k / n)", unit: .signal, expectedSlope: 1,
      cases: levels.map { level in
        Case(parameter: level * latentShare.squareRoot(), widths: widths) {
          generator, latent, random in
          let signal = generator.evaluate(Batch(row: latent)).values
          let measurement = SpikedWignerMeasurement(signalCount: signal.count)
          // Entries off the diagonal are seen times sqrt(2), those on it have twice the variance.
          let deviation =
            level * norm(signal) * norm(signal) * (2 / Double(signal.count)).squareRoot()
          let observation = measurement.evaluate(Batch(row: signal)).values.map {
            $0 + Float(deviation * random.normal())
          }
          return matrixObservation(
            generator, measurement, latent, observation, deviation: deviation)
        }
      })
  }

  private static func matrixObservation(
    _ generator: Generator, _ measurement: any Measurement, _ latent: [Float],
    _ observation: [Float], deviation: Double?
  ) -> Observation {
    let planted = PlantedProblem(
      generator, measurement, latent: latent, observation: observation, deviation: deviation)
    let clean = measurement.evaluate(Batch(row: planted.signal)).values
    // At a spike as long as the matrix says, the curvature in the signal is four times its squared
    // length; four times as much for what the network adds. A start's own curvature may be far less.
    return Observation(
      planted: planted, noise: distance(clean, observation), rate: 1 / (16 * norm(observation)))
  }
}
