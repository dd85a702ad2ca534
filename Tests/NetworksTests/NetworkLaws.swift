import LinearAlgebra
import Networks
import Testing

/// What holds of every network: it computes what its document says, its derivative is the
/// derivative of that, and a row of a batch is alone in the world.
struct NetworkLaws {
  let example: NetworkExample
  let seed: UInt64
  /// Single precision against double, relative to the longest of what is compared.
  var valueTolerance = 1e-5
  var derivativeTolerance = 5e-5

  static func length(_ values: some Collection<Float>) -> Double {
    sumOfSquares(Array(values)).squareRoot()
  }

  static func length(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  static func inner(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  static func distance(_ found: some Collection<Float>, _ expected: [Double]) -> Double {
    length(zip(found, expected).map { Double($0) - $1 })
  }

  func check() throws {
    let generator = try example.generator()
    let naive = example.naive
    let about = Comment("\(example.name), seed \(seed)")
    var random = RandomNumbers(seed: seed, stream: 0x6e65_7473)
    let samples = 3
    let z = random.normal(count: samples, width: generator.inputCount)
    let latents = z.values.map(\.bitPattern)
    let linearization = generator.linearize(at: z)
    let jacobian = linearization.jacobian
    #expect(generator.evaluate(z) == linearization.value, about)
    #expect(z.values.map(\.bitPattern) == latents, "the caller's batch stays; \(about)")
    #expect(jacobian.inputCount == generator.inputCount, about)
    #expect(jacobian.outputCount == generator.outputCount, about)

    let tangents = random.normal(count: 2 * samples, width: generator.inputCount)
    let cotangents = random.normal(count: 2 * samples, width: generator.outputCount)
    let pushed = jacobian.apply(tangents)
    let pulled = jacobian.applyAdjoint(cotangents)
    for row in 0..<2 * samples {
      // The derivative in double precision, by central differences of the naive network.
      let sample = row / 2
      let step = 1e-6
      func moved(_ by: Double) -> [Double] {
        naive.evaluate(zip(z[sample], tangents[row]).map { Double($0) + by * Double($1) }).values
      }
      let expected = zip(moved(step), moved(-step)).map { ($0 - $1) / (2 * step) }
      #expect(
        Self.distance(pushed[row], expected)
          <= derivativeTolerance * max(Self.length(expected), 1e-3), about)

      let forward = Self.inner(pushed[row], cotangents[row])
      let backward = Self.inner(tangents[row], pulled[row])
      let scale =
        Self.length(pushed[row]) * Self.length(cotangents[row])
        + Self.length(tangents[row]) * Self.length(pulled[row])
      #expect(abs(forward - backward) <= 1e-5 * scale + 1e-9, about)
    }
    for sample in 0..<samples {
      let expected = naive.evaluate(z[sample].map(Double.init)).values
      #expect(
        Self.distance(linearization.value[sample], expected)
          <= valueTolerance * max(Self.length(expected), 1e-3), about)
    }
    checkRows(generator, z, linearization, tangents, pushed, about)
    checkColumns(generator, jacobian, samples, about)
  }

  private func checkRows(
    _ generator: Generator, _ z: Batch, _ linearization: Linearization, _ tangents: Batch,
    _ pushed: Batch, _ about: Comment
  ) {
    for row in 0..<z.count {
      let single = generator.linearize(at: Batch(row: Array(z[row])))
      expectSame(single.value.values, linearization.value[row], about)
      let both = [2 * row, 2 * row + 1]
      expectSame(single.jacobian.apply(tangents.rows(both)).values, pushed.rows(both).values, about)
    }
  }

  private func checkColumns(
    _ generator: Generator, _ jacobian: any LinearMap, _ samples: Int, _ about: Comment
  ) {
    let columns = jacobian.columns(for: samples)
    #expect(columns.count == samples * generator.inputCount, about)
    let identities = Batch.identities(generator.inputCount, for: samples)
    expectSame(columns.values, jacobian.apply(identities).values, about)
  }

  /// Equal but for the order in which products are summed.
  private func expectSame(
    _ found: [Float], _ expected: some Collection<Float>, _ about: Comment
  ) {
    let distance = Self.length(zip(found, expected).map { $0 - $1 })
    #expect(distance <= 5e-6 * max(Self.length(expected), 1e-3), about)
  }
}
