import ArgumentParser
import BundledGenerators
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Levenberg-Marquardt as clients get it, against 500 Adam iterations by the same code.
struct SolversBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solvers",
    abstract: "Levenberg-Marquardt against Adam on masked outputs with known latents.",
    discussion: """
      Both see the same random pixels. Levenberg-Marquardt is `automatic` with its encoder fitted \
      beforehand; Adam runs all its iterations from one start, as Ma et al. (2018) do, and so does \
      PyTorch where the two are compared. The rounds are interleaved. Certificates, which Adam has \
      none of, are timed apart.
      """)

  @Option(help: "A folder of generators, one a folder, such as ../shared/generators.")
  var generators: String?

  @Option(help: "Which of them.")
  var name = "lei-vae-relu"

  @Option(help: "Share of the pixels that are observed.")
  var rate = 0.55

  @Option(help: "Rounds over all known latents.")
  var rounds = 5

  @Option(help: "Iterations of Adam.")
  var adamIterations = 500

  func run() throws {
    let chosen =
      try generators.map { try BenchmarkGenerator(folder: "\($0)/\(name)") }
      ?? BenchmarkGenerator(.fashionMLP)
    let mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": .number(rate), "seed": 5]]],
      signalShape: chosen.generator.outputShape)
    let problems = (0..<chosen.latents.count).map { row in
      InverseProblem(
        generator: chosen.generator, measurement: mask,
        observation: mask.evaluate(Batch(row: Array(chosen.outputs[row]))).values, noise: NoNoise())
    }
    print(
      "\(chosen.name), \(mask.outputCount) of \(mask.inputCount) pixels, \(problems.count) latents, "
        + "\(rounds) rounds, kernels \(OpenBLAS.coreName)")

    let library = EncoderLibrary()
    let (fitSeconds, _) = Stopwatch.seconds {
      library.encoder(for: problems[0], generatorKey: chosen.name)
    }
    let automatic = try SolverCatalogue.build(SolverCatalogue.defaultDocument)
    var certifying: [Double] = []
    var newton = Tally("automatic (Levenberg-Marquardt)")
    var adam = Tally("adam, \(adamIterations) iterations, 1 start")
    for round in 0..<rounds {
      for (row, problem) in problems.enumerated() {
        let truth = Array(chosen.latents[row])
        let (seconds, search) = Stopwatch.seconds {
          automatic.search(
            problem,
            SolveContext(seed: UInt64(row), library: library, generatorKey: chosen.name))
        }
        let (certifyingSeconds, solution) = Stopwatch.seconds { search.solution() }
        certifying.append(certifyingSeconds)
        newton.add(seconds, solution.forwardEquivalents, found: solution.latent, truth)

        var random = RandomNumbers(seed: UInt64(row), stream: UInt64(round))
        let start = chosen.generator.drawLatents(count: 1, from: &random)
        let (adamSeconds, outcome) = Stopwatch.seconds {
          IterationLoop().run(
            Adam(iterationsMax: adamIterations), problem.objective, from: start
          ) { _, _ in }
        }
        adam.add(
          adamSeconds, outcome.rows.forwardEquivalents, found: Array(outcome.rows.latents[0]), truth
        )
      }
    }
    var table = Table(["solver", "median ms", "forward equivalents", "latents found"])
    for tally in [newton, adam] { table.add(tally.row) }
    table.print()
    print("ratio of the medians: \((newton.seconds.median / adam.seconds.median).text())")
    print("last digits and certificate: \((1e3 * certifying.median).text()) ms")
    print("fitting the encoder, once a generator and mask: \((1e3 * fitSeconds).text()) ms")
  }

  private struct Tally {
    let name: String
    private(set) var seconds: [Double] = []
    private var equivalents: [Double] = []
    private var found = 0

    init(_ name: String) {
      self.name = name
    }

    mutating func add(_ seconds: Double, _ equivalents: Double, found: [Float], _ truth: [Float]) {
      self.seconds.append(seconds)
      self.equivalents.append(equivalents)
      let error = sumOfSquares(zip(found, truth).map { $0 - $1 }) / sumOfSquares(truth)
      if error.squareRoot() <= 1e-3 { self.found += 1 }
    }

    var row: [String] {
      [name, (1e3 * seconds.median).text(), equivalents.median.text(), "\(found)/\(seconds.count)"]
    }
  }
}
