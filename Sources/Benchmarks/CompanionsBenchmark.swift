import ArgumentParser
import BundledGenerators
import Documents
import Foundation
import HTTP
import Inversion
import Jobs
import LinearAlgebra
import Logging
import Measurements
import Networks
import Service
import SignalFormats

/// Queued inversions that share generator, measurement and solver: one after the other, on all
/// workers, and advanced together.
struct CompanionsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "companions",
    abstract: "Queued inversions one at a time, on all workers, and as rows of one batch.",
    discussion: """
      First in process, on one thread: each search alone and in one batch, and how far the \
      relative residuals are apart. Then through the service's queue and database, from the first \
      start to the last completion of a batch of inversions: one worker without companions, all \
      workers without, all workers with. The rounds are interleaved.
      """)

  @Option(help: "A folder of generators, one a folder, such as ../shared/generators.")
  var generators: String?

  @Option(help: "Which of them.")
  var name = "lei-vae-relu"

  @Option(parsing: .upToNextOption, help: "Shares of the pixels that are observed.")
  var rates = [1, 0.55, 0.1]

  @Option(help: "Inversions that wait.")
  var count = 128

  @Option(help: "Inversions that a worker advances together.")
  var companionsMax = 64

  @Option(help: "Rounds.")
  var rounds = 5

  @Option(help: "The solver's document.")
  var solver = #"{"type": "adam", "preset": "ma2018"}"#

  func run() throws {
    let folder = generators.map { "\($0)/\(name)" }
    let chosen = try folder.map(BenchmarkGenerator.init(folder:)) ?? BenchmarkGenerator(.fashionMLP)
    print("\(chosen.name), \(count) inversions, groups of \(companionsMax), \(rounds) rounds")
    var inProcess = Table([
      "pixels", "alone ms", "together ms", "ratio", "difference median", "largest",
    ])
    for rate in rates { inProcess.add(try searched(chosen, rate: rate)) }
    inProcess.print()
    var queued = Table(["pixels", "", "inversions a second", "times one at a time"])
    for rate in rates {
      for row in try served(chosen, folder: folder, rate: rate) { queued.add(row) }
    }
    queued.print()
  }

  private func mask(_ rate: Double) -> JSONValue {
    ["type": "mask", "observed": ["bernoulli": ["rate": .number(rate), "seed": 5]]]
  }

  /// Whole signals of latents that are drawn, with a little noise that nobody is told of: no descent is over
  /// early.
  private func signals(_ generator: Generator) -> Batch {
    var random = RandomNumbers(seed: 7)
    let outputs = generator.evaluate(generator.drawLatents(count: count, from: &random))
    return Batch(
      count: count, width: outputs.width,
      values: outputs.values.map { $0 + Float(0.02 * random.normal()) })
  }

  private func searched(_ chosen: BenchmarkGenerator, rate: Double) throws -> [String] {
    let generator = chosen.generator
    let mask = try MeasurementCatalogue.build(mask(rate), signalShape: generator.outputShape)
    let signals = signals(generator)
    let problems = (0..<count).map { row in
      InverseProblem(
        generator: generator, measurement: mask,
        observation: mask.evaluate(Batch(row: Array(signals[row]))).values,
        noise: NoNoise())
    }
    let method = try SolverCatalogue.build(JSONParser().parse(Array(solver.utf8)))
    let library = EncoderLibrary()
    func context(_ place: Int) -> SolveContext {
      SolveContext(seed: UInt64(place), library: library, generatorKey: chosen.name)
    }
    var alone: [Double] = []
    var together: [Double] = []
    var differences: [Double] = []
    for round in 0..<rounds {
      let (aloneSeconds, searches) = Stopwatch.seconds {
        problems.enumerated().map { method.search($1, context($0)) }
      }
      alone.append(1e3 * aloneSeconds / Double(count))
      guard method.companionSearch() != nil else { continue }
      let (togetherSeconds, found) = Stopwatch.seconds {
        var found: [String: Search] = [:]
        for start in stride(from: 0, to: count, by: companionsMax) {
          guard let group = method.companionSearch() else { break }
          for place in start..<min(start + companionsMax, count) {
            _ = group.join(problems[place], context(place), as: "\(place)")
          }
          while group.count > 0 { for (id, search) in group.advance() { found[id] = search } }
        }
        return found
      }
      together.append(1e3 * togetherSeconds / Double(count))
      guard round == 0 else { continue }
      differences = searches.enumerated().compactMap { place, search in
        found["\(place)"].map {
          abs($0.solution().residual.relative - search.solution().residual.relative)
        }
      }
    }
    return [
      "\(Int(100 * rate)) %", alone.median.text(), together.median.text(),
      (alone.median / together.median).text(), differences.median.text(2),
      (differences.max() ?? .nan).text(2),
    ]
  }

  private enum Arrangement: String, CaseIterable {
    case oneAtATime = "one at a time"
    case allWorkers = "all workers"
    case companions = "companions"
  }

  private func served(
    _ chosen: BenchmarkGenerator, folder: String?, rate: Double
  ) throws -> [[String]] {
    let signals = signals(chosen.generator)
    let shape = [count] + chosen.generator.outputShape
    let observations = NPY.write(signals.values, shape: shape)
    let request = JSONWriter.bytes(of: [
      "generator": .string(chosen.name), "measurement": mask(rate),
      "solver": try JSONParser().parse(Array(solver.utf8)),
    ])
    var services: [(Arrangement, PreimageService, HTTPClient)] = []
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(
      "preimage-companions-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer {
      for (_, service, _) in services { service.stop() }
      try? FileManager.default.removeItem(at: place)
    }
    for arrangement in Arrangement.allCases {
      var configuration = PreimageService.Configuration()
      configuration.databasePath =
        place.appendingPathComponent("\(arrangement).sqlite").path
      configuration.logger.logLevel = .error
      if arrangement == .oneAtATime { configuration.workers.workerCount = 1 }
      configuration.workers.companionsMax = arrangement == .companions ? companionsMax : 0
      let service = try PreimageService(configuration)
      let client = try HTTPClient(address: try service.start())
      if let folder { try client.upload(folder: folder, name: chosen.name) }
      services.append((arrangement, service, client))
    }
    var seconds: [Arrangement: [Double]] = [:]
    for round in 0...rounds {
      for (arrangement, _, client) in services {
        let taken = try client.carriedOut(request, observations)
        // The first round reads the generator.
        if round > 0 { seconds[arrangement, default: []].append(taken) }
      }
    }
    let slowest = seconds[.oneAtATime]?.median ?? .nan
    return Arrangement.allCases.map { arrangement in
      let median = seconds[arrangement]?.median ?? .nan
      return [
        "\(Int(100 * rate)) %", arrangement.rawValue, (Double(count) / median).text(),
        (slowest / median).text(),
      ]
    }
  }
}
