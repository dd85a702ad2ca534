import ArgumentParser
import BundledGenerators
import CAllocations
import Documents
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// What steady iterations ask of the allocator and of the system.
struct AllocationsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations",
    abstract: "Memory that iterations ask for once they have run a few times.",
    discussion: """
      On a thread of its own, as workers are. Blocks are large that could hold a batch: from \
      --large-bytes on. Page faults are memory that comes from the system anew.
      """)

  @Argument(help: "Folders of generators; without any, the bundled ones.")
  var folders: [String] = []

  @Option(help: "Bytes from which on a block counts as large.")
  var largeBytes = 1024

  @Option(help: "Iterations that are counted, after as many that are not.")
  var iterations = 50

  func run() throws {
    guard callocations_counts() else {
      throw ValidationError("this platform's allocator cannot be counted; run it with glibc")
    }
    let chosen =
      try folders.isEmpty
      ? BundledGenerator.all.map { try BenchmarkGenerator($0) }
      : folders.map { try BenchmarkGenerator(folder: $0) }
    var table = Table(["generator", "what", "blocks", "large", "large KB", "page faults", "us"])
    for generator in chosen {
      for work in try Self.works(generator) {
        let cost = counted(work.run)
        table.add([
          generator.name, work.name, cost.blocks.text(4), cost.large.text(4),
          (1e-3 * cost.largeBytes).text(), cost.pageFaults.text(), (1e6 * cost.seconds).text(4),
        ])
      }
    }
    table.print()
  }

  /// Of one iteration.
  private struct Cost {
    var blocks = 0.0
    var large = 0.0
    var largeBytes = 0.0
    var pageFaults = 0.0
    var seconds = 0.0
  }

  private func counted(_ work: @escaping @Sendable () -> Void) -> Cost {
    let (iterations, largeBytes) = (iterations, largeBytes)
    let done = DispatchSemaphore(value: 0)
    let result = Box(Cost())
    let thread = Thread {
      for _ in 0..<iterations { work() }
      callocations_reset(Int64(largeBytes))
      let faults = Self.pageFaults()
      let (seconds, _) = Stopwatch.seconds { for _ in 0..<iterations { work() } }
      let count = callocations_read()
      let share = 1 / Double(iterations)
      result.value = Cost(
        blocks: share * Double(count.all), large: share * Double(count.large),
        largeBytes: share * Double(count.large_bytes),
        pageFaults: share * Double(Self.pageFaults() - faults), seconds: share * seconds)
      done.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
    done.wait()
    return result.value
  }

  /// Handed from one thread to another, one after the other.
  private final class Box<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
  }

  /// Of this process so far, those that needed no disk.
  private static func pageFaults() -> Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_minflt
  }

  private struct Work {
    let name: String
    let run: @Sendable () -> Void
  }

  private static func works(_ chosen: BenchmarkGenerator) throws -> [Work] {
    let generator = chosen.generator
    var random = RandomNumbers(seed: 1)
    var works: [Work] = []
    for count in [1, 32] {
      let latents = generator.drawLatents(count: count, from: &random)
      let cotangents = random.normal(count: count, width: generator.outputCount)
      works.append(
        Work(name: "forward x\(count)") { _ = generator.evaluate(latents) })
      works.append(
        Work(name: "forward + VJP x\(count)") {
          _ = generator.linearize(at: latents).jacobian.applyAdjoint(cotangents)
        })
    }
    let latent = generator.drawLatents(count: 1, from: &random)
    works.append(
      Work(name: "Jacobian x1") { _ = generator.linearize(at: latent).jacobian.columns(for: 1) })

    let mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.55, "seed": 5]]],
      signalShape: generator.outputShape)
    let problem = InverseProblem(
      generator: generator, measurement: mask,
      observation: mask.evaluate(Batch(row: Array(chosen.outputs[0]))).values, noise: NoNoise())
    for count in [1, 32] {
      let starts = generator.drawLatents(count: count, from: &random)
      works.append(
        step(Adam(), problem.objective, starts, name: "adam step x\(count)"))
    }
    let starts = generator.drawLatents(count: 4, from: &random)
    works.append(
      step(
        LevenbergMarquardt(), problem.lifted ?? problem.objective, starts,
        name: "levenberg_marquardt step x4"))
    return works
  }

  /// The first step of a solver, again and again.
  private static func step(
    _ solver: some IterativeSolver, _ objective: LeastSquares, _ starts: Batch, name: String
  ) -> Work {
    let start = solver.start(objective, at: starts)
    return Work(name: name) {
      var state = start
      solver.step(&state, objective)
    }
  }
}
