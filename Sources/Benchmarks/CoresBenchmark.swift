import ArgumentParser
import BundledGenerators
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// What an inversion that is alone gains from the cores that nobody else uses.
struct CoresBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cores",
    abstract: "Large pieces of work on one core and on all, and uncut.",
    discussion: """
      Medians over interleaved rounds. "Uncut" is what the same work takes in one piece on one core: \
      cutting must cost nothing where no core is spare.
      """)

  @Argument(help: "Folders of generators, such as ../shared/generators/face-dcgan.")
  var folders: [String] = []

  @Option(help: "Rounds of all rows.")
  var rounds = 7

  private struct Work {
    var name: String
    var uncut: (() -> Void)?
    var body: () -> Void
  }

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    var table = Table(["", "uncut ms", "1 core", "\(cores) cores", "times as fast"])
    let generators = try folders.map { try BenchmarkGenerator(folder: $0) }
    for chosen in generators.isEmpty ? [try BenchmarkGenerator(.fashionConv)] : generators {
      for work in try works(of: chosen) {
        var seconds: [[Double]] = [[], [], []]
        // One round more, to warm up.
        for round in 0...rounds {
          for (place, count) in [1, 1, cores].enumerated() {
            guard let body = place == 0 ? work.uncut : work.body else { continue }
            SpareCores.shared.coreCount = count
            let (elapsed, _) = Stopwatch.seconds { SpareCores.shared.occupy(body) }
            if round > 0 { seconds[place].append(elapsed) }
          }
        }
        let medians = seconds.map(\.median)
        table.add(
          ["\(chosen.name), \(work.name)", work.uncut == nil ? "" : (1e3 * medians[0]).text()]
            + [1e3 * medians[1], 1e3 * medians[2], medians[1] / medians[2]].map { $0.text() })
      }
    }
    table.print()
  }

  private func works(of chosen: BenchmarkGenerator) throws -> [Work] {
    let automatic = try SolverCatalogue.build(SolverCatalogue.defaultDocument)
    let generator = chosen.generator
    var random = RandomNumbers(seed: 1)
    let latent = generator.drawLatents(count: 1, from: &random)
    let many = generator.drawLatents(count: 32, from: &random)
    let problem = InverseProblem(
      generator: generator, measurement: IdentityMeasurement(count: generator.outputCount),
      observation: Array(chosen.outputs[0]), noise: NoNoise())
    return [
      Work(name: "Jacobian of one latent") {
        let factors = generator.linearize(at: latent).jacobian
        let columns = factors.apply(.identities(generator.inputCount, for: 1))
        precondition(columns.count == generator.inputCount)
      } body: {
        _ = generator.linearize(at: latent).jacobian.columns(for: 1)
      },
      Work(name: "gradients at 32 latents") {
        let linearization = generator.linearize(at: many)
        _ = linearization.jacobian.applyAdjoint(linearization.value)
      } body: {
        _ = problem.objective.gradients(at: many)
      },
      Work(name: "automatic, with its encoder") {
        _ = automatic.solve(
          problem,
          SolveContext(seed: 1, library: EncoderLibrary(), generatorKey: chosen.name))
      },
    ]
  }
}
