import ArgumentParser
import BundledGenerators
import LinearAlgebra
import Networks

/// How near evaluating and differentiating generators come to what the processor can do.
struct LayersBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Forward passes and derivatives against the peak of sgemm.",
    discussion: """
      Only multiplications and additions of affine layers are counted. Each share is the median of \
      rounds in which the work is timed between two measurements of the peak.
      """)

  @Argument(help: "Folders of generators; without any, the bundled ones.")
  var folders: [String] = []

  @Option(help: "Rounds, whose median counts.")
  var rounds = 11

  @Option(help: "Seconds that a piece of work is repeated for in a round, at least.")
  var seconds = 0.05

  @Flag(help: "Leave out the table of a generator with 1, 2, 4 and 8 times the channels.")
  var skipChannels = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds is \(rounds); expected at least 1") }
    guard seconds > 0 else { throw ValidationError("--seconds is \(seconds); expected above 0") }
  }

  func run() throws {
    let chosen =
      try folders.isEmpty
      ? BundledGenerator.all.map { try BenchmarkGenerator($0) }
      : folders.map { try BenchmarkGenerator(folder: $0) }
    let peak = SgemmPeak()
    let rate = peak.rate(leastSeconds: 0.5)
    print(
      "sgemm \(SgemmPeak.size) x \(SgemmPeak.size) x \(SgemmPeak.size): \(rate.text()) GFLOP/s, "
        + "kernels \(OpenBLAS.coreName)")
    var table = Table(["generator", "what", "ms", "GFLOP/s", "of peak", "asked"])
    for generator in chosen {
      let works = GeneratorWork(generator.generator).all
      let figures = peak.compare(works, rounds: rounds, leastSeconds: seconds)
      for (work, figures) in zip(works, figures) {
        table.add([
          generator.name, work.name, (1e3 * figures.seconds).text(), figures.rate.text(),
          figures.shareOfPeak.text(2), Self.asked[generator.name]?[work.name]?.text(2) ?? "",
        ])
      }
    }
    table.print()
    guard !skipChannels else { return }
    print("")
    try ChannelScaling.table(peak, rounds: rounds, leastSeconds: seconds).print()
  }

  /// Shares of the peak that the product is held to, by generator and work.
  private static let asked: [String: [String: Double]] = [
    "face-dcgan": ["forward x32": 0.65, "Jacobian x1": 0.65, "VJP x1": 0.3],
    "lei-vae-leaky": ["forward x128": 0.6, "Jacobian x1": 0.5],
  ]
}

/// What is measured of a generator.
private struct GeneratorWork {
  private let generator: Generator
  /// Operations of all affine layers and of the first, a sample.
  private let operations: Double
  private let firstOperations: Double

  init(_ generator: Generator) {
    self.generator = generator
    let affine = generator.stages.compactMap { $0 as? AffineMap }
    operations = 2 * Double(affine.reduce(0) { $0 + $1.multiplyCount })
    firstOperations = 2 * Double((generator.stages.first as? AffineMap)?.multiplyCount ?? 0)
  }

  var all: [MeasuredWork] {
    [forward(1), forward(32), forward(128), jacobian, pullback, both(1), both(32)]
  }

  private func latents(_ count: Int) -> Batch {
    var random = RandomNumbers(seed: 1)
    return generator.drawLatents(count: count, from: &random)
  }

  private func cotangents(_ count: Int) -> Batch {
    var random = RandomNumbers(seed: 3)
    return random.normal(count: count, width: generator.outputCount)
  }

  private func forward(_ count: Int) -> MeasuredWork {
    let latents = latents(count)
    return MeasuredWork(name: "forward x\(count)", operations: Double(count) * operations) {
      _ = generator.evaluate(latents)
    }
  }

  /// The value and one tangent a latent entry. The first layer's tangents are its weights and
  /// count nothing.
  private var jacobian: MeasuredWork {
    let latent = latents(1)
    let tangents = Double(generator.inputCount)
    return MeasuredWork(
      name: "Jacobian x1",
      operations: operations * (tangents + 1) - firstOperations * tangents
    ) {
      _ = generator.linearize(at: latent).jacobian.columns(for: 1)
    }
  }

  private var pullback: MeasuredWork {
    let jacobian = generator.linearize(at: latents(1)).jacobian
    let cotangent = cotangents(1)
    return MeasuredWork(name: "VJP x1", operations: operations) {
      _ = jacobian.applyAdjoint(cotangent)
    }
  }

  private func both(_ count: Int) -> MeasuredWork {
    let latents = latents(count)
    let cotangents = cotangents(count)
    return MeasuredWork(
      name: "forward + VJP x\(count)", operations: 2 * Double(count) * operations
    ) {
      _ = generator.linearize(at: latents).jacobian.applyAdjoint(cotangents)
    }
  }
}
