import ArgumentParser
import BundledGenerators
import LinearAlgebra
import Networks

/// How near evaluating and differentiating generators come to what the processor can do.
struct LayersBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Forward passes and Jacobians against the peak of sgemm, in GFLOP/s.",
    discussion: "Only multiplications and additions of affine layers are counted.")

  @Argument(help: "Folders of generators; without any, the bundled ones.")
  var folders: [String] = []

  @Option(help: "Samples of a batch.")
  var batch = 64

  func run() throws {
    let chosen =
      try folders.isEmpty
      ? BundledGenerator.all.map { try BenchmarkGenerator($0) }
      : folders.map { try BenchmarkGenerator(folder: $0) }
    let peak = Self.peak()
    print("sgemm 1024 x 1024 x 1024: \(peak.text()) GFLOP/s, kernels \(OpenBLAS.coreName)")
    var table = Table([
      "generator", "forward x1", "of peak", "forward x\(batch)", "of peak", "Jacobian x1",
      "of peak",
    ])
    for generator in chosen {
      var random = RandomNumbers(seed: 1)
      let one = generator.generator.drawLatents(count: 1, from: &random)
      let many = generator.generator.drawLatents(count: batch, from: &random)
      let operations = 2e-9 * Double(Self.affineMultiplications(generator.generator))
      let tangents = Double(generator.generator.inputCount)
      let jacobianOperations =
        operations * (tangents + 1)
        - 2e-9 * tangents * Double(Self.firstAffineMultiplications(generator.generator))
      let rates = [
        operations / Stopwatch.fastest { _ = generator.generator.evaluate(one) },
        Double(batch) * operations / Stopwatch.fastest { _ = generator.generator.evaluate(many) },
        jacobianOperations
          / Stopwatch.fastest {
            _ = generator.generator.linearize(at: one).jacobian.columns(for: 1)
          },
      ]
      table.add([generator.name] + rates.flatMap { [$0.text(), "\((100 * $0 / peak).text(2)) %"] })
    }
    table.print()
  }

  private static func affineMultiplications(_ generator: Generator) -> Int {
    generator.stages.reduce(0) { $0 + ($1 is AffineMap ? $1.multiplyCount : 0) }
  }

  /// The first layer's tangents are its weights and cost nothing.
  private static func firstAffineMultiplications(_ generator: Generator) -> Int {
    (generator.stages.first as? AffineMap)?.multiplyCount ?? 0
  }

  private static func peak() -> Double {
    let size = 1024
    var random = RandomNumbers(seed: 2)
    let a = random.normal(count: size, width: size)
    let map = DenseMap(
      matrix: random.normal(count: size, width: size).values, inputCount: size, outputCount: size)
    return 2e-9 * Double(size * size * size) / Stopwatch.fastest { _ = map.apply(a) }
  }
}
