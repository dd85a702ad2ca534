import LinearAlgebra
import Testing

/// What holds of every differentiable map, whatever it computes. Inputs are drawn from the seed;
/// the map must be smooth near them.
struct CalculusLaws {
  let map: any DifferentiableMap
  let seed: UInt64

  static func length(_ values: some Collection<Float>) -> Double {
    sumOfSquares(Array(values)).squareRoot()
  }

  static func inner(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  static func expectClose(
    _ found: some Collection<Float>, _ expected: some Collection<Float>, within tolerance: Double,
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = max(length(expected), length(found), 1e-3)
    #expect(found.count == expected.count, what, sourceLocation: sourceLocation)
    let distance = length(zip(found, expected).map { $0 - $1 })
    #expect(distance <= tolerance * scale, what, sourceLocation: sourceLocation)
  }

  /// - Parameter samples: the number that a bound map is bound to.
  func check(samples: Int = 3) {
    var random = RandomNumbers(seed: seed, stream: 0x6c61_7773)
    let x = random.normal(count: samples, width: map.inputCount)
    let linearization = map.linearize(at: x)
    let jacobian = linearization.jacobian
    #expect(jacobian.inputCount == map.inputCount && jacobian.outputCount == map.outputCount)
    Self.expectClose(linearization.value.values, map.evaluate(x).values, within: 1e-6, "value")

    // Two tangents a sample.
    let tangents = random.normal(count: 2 * samples, width: map.inputCount)
    let cotangents = random.normal(count: 2 * samples, width: map.outputCount)
    let pushed = jacobian.apply(tangents)
    let pulled = jacobian.applyAdjoint(cotangents)
    #expect(pushed.count == 2 * samples && pushed.width == map.outputCount)
    #expect(pulled.count == 2 * samples && pulled.width == map.inputCount)
    for row in 0..<2 * samples {
      let forward = Self.inner(pushed[row], cotangents[row])
      let backward = Self.inner(tangents[row], pulled[row])
      let scale =
        Self.length(pushed[row]) * Self.length(cotangents[row])
        + Self.length(tangents[row]) * Self.length(pulled[row])
      #expect(abs(forward - backward) <= 1e-5 * scale + 1e-12, "adjoint, row \(row)")
    }
    checkRows(x, linearization, tangents, pushed)
    checkColumns(jacobian, samples)
    checkDifferences(x, jacobian, random: &random)
  }

  /// A row does not know of its neighbours.
  private func checkRows(
    _ x: Batch, _ linearization: Linearization, _ tangents: Batch, _ pushed: Batch
  ) {
    guard !(map is DiagonalMap) else { return }
    for row in 0..<x.count {
      let single = map.linearize(at: Batch(row: Array(x[row])))
      Self.expectClose(single.value.values, linearization.value[row], within: 2e-6, "row \(row)")
      let pair = tangents.rows([2 * row, 2 * row + 1])
      Self.expectClose(
        single.jacobian.apply(pair).values, pushed.rows([2 * row, 2 * row + 1]).values,
        within: 2e-6, "tangents of row \(row)")
    }
  }

  private func checkColumns(_ jacobian: any LinearMap, _ samples: Int) {
    let columns = jacobian.columns(for: samples)
    let expected = jacobian.apply(.identities(map.inputCount, for: samples))
    #expect(columns.count == samples * map.inputCount && columns.width == map.outputCount)
    Self.expectClose(columns.values, expected.values, within: 2e-6, "columns")
  }

  /// Central differences in single precision: good to about three digits.
  private func checkDifferences(
    _ x: Batch, _ jacobian: any LinearMap, random: inout RandomNumbers
  ) {
    let direction = random.normal(count: x.count, width: x.width)
    let step: Float = 1e-2
    func moved(_ by: Float) -> [Float] {
      let values = zip(x.values, direction.values).map { $0 + by * $1 }
      return map.evaluate(Batch(count: x.count, width: x.width, values: values)).values
    }
    let differences = zip(moved(step), moved(-step)).map { ($0 - $1) / (2 * step) }
    Self.expectClose(jacobian.apply(direction).values, differences, within: 2e-3, "differences")
  }
}
