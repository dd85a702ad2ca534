import ArgumentParser
import BundledGenerators
import Documents
import Foundation
import HTTP
import Inversion
import LinearAlgebra
import Logging
import Measurements
import Networks
import Service

/// One inversion through the service, from the bytes of the request to the bytes of the answer,
/// against the same solve in process.
struct ServiceBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service",
    abstract: "An inversion over HTTP with Prefer: wait, against the same solve in process.",
    discussion: """
      The server runs in this process, on a free port, with a database of its own in a temporary \
      folder; nothing else is asked of it meanwhile. Two cases: every observation under a mask of \
      its own, for which an encoder is fitted on either side, and all under one mask, where it is \
      kept. The rounds are interleaved.
      """)

  @Option(help: "A folder of generators, one a folder, such as ../shared/generators.")
  var generators: String?

  @Option(help: "Which of them.")
  var name = "lei-vae-relu"

  @Option(help: "Share of the pixels that are observed.")
  var rate = 0.55

  @Option(help: "Rounds over all known latents.")
  var rounds = 10

  func run() throws {
    let folder = generators.map { "\($0)/\(name)" }
    let chosen = try folder.map(BenchmarkGenerator.init(folder:)) ?? BenchmarkGenerator(.fashionMLP)
    let place = FileManager.default.temporaryDirectory.appendingPathComponent(
      "preimage-benchmark-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }

    var configuration = PreimageService.Configuration()
    configuration.databasePath = place.appendingPathComponent("benchmark.sqlite").path
    configuration.logger.logLevel = .error
    let service = try PreimageService(configuration)
    let client = try HTTPClient(address: try service.start())
    defer { service.stop() }
    if let folder { try client.upload(folder: folder, name: chosen.name) }

    print("\(chosen.name), \(Int(100 * rate)) % of the pixels, \(rounds) rounds")
    var table = Table(["case", "", "in process ms", "over HTTP ms", "ratio"])
    for (label, isOneMask) in [("a mask an observation", false), ("one mask", true)] {
      let (direct, served) = try measure(chosen, client, isOneMask: isOneMask)
      table.add(Self.row(label, "mean", direct.mean, served.mean))
      table.add(Self.row("", "median", direct.median, served.median))
    }
    table.print()
  }

  private static func row(
    _ label: String, _ statistic: String, _ direct: Double, _ served: Double
  ) -> [String] {
    [
      label, statistic, (1e3 * direct).text(), (1e3 * served).text(), (served / direct).text(),
    ]
  }

  private func measure(
    _ chosen: BenchmarkGenerator, _ client: HTTPClient, isOneMask: Bool
  ) throws -> (direct: [Double], served: [Double]) {
    let library = EncoderLibrary()
    let automatic = try SolverCatalogue.build(SolverCatalogue.defaultDocument)
    var direct: [Double] = []
    var served: [Double] = []
    for round in 0..<rounds {
      for row in 0..<chosen.latents.count {
        let seed = isOneMask ? 0 : 1000 + round * chosen.latents.count + row
        let document: JSONValue = [
          "type": "mask",
          "observed": ["bernoulli": ["rate": .number(rate), "seed": JSONValue(seed)]],
        ]
        let mask = try MeasurementCatalogue.build(
          document, signalShape: chosen.generator.outputShape)
        let observation = mask.evaluate(Batch(row: Array(chosen.outputs[row]))).values
        let request = JSONWriter.bytes(
          of: [
            "generator": .string(chosen.name), "measurement": document, "seed": JSONValue(row),
            "observation": ["values": JSONValue(observation)],
          ])
        let (seconds, answer) = try Stopwatch.seconds { try client.invert(request) }
        guard answer.contains("\"status\":\"succeeded\"") else {
          throw ValidationError("the service did not finish: \(answer.prefix(400))")
        }
        let (directSeconds, _) = Stopwatch.seconds {
          automatic.solve(
            InverseProblem(
              generator: chosen.generator, measurement: mask, observation: observation,
              noise: NoNoise()),
            SolveContext(seed: UInt64(row), library: library, generatorKey: chosen.name))
        }
        // The first round fills the banks of both sides.
        guard round > 0 else { continue }
        served.append(seconds)
        direct.append(directSeconds)
      }
    }
    return (direct, served)
  }
}

extension [Double] {
  fileprivate var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }
}
