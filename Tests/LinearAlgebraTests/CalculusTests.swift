import Foundation
import LinearAlgebra
import Testing

/// `sin x_i + x_i x_(i+1)`, entry by entry around the circle: neither linear nor diagonal.
private struct Ripple: DifferentiableMap {
  let inputCount: Int
  var outputCount: Int { inputCount }

  func evaluate(_ x: Batch) -> Batch {
    Batch(
      count: x.count, width: x.width,
      values: x.values.indices.map { sin(x.values[$0]) + x.values[$0] * x.values[next($0)] })
  }

  func linearize(at x: Batch) -> Linearization {
    Linearization(value: evaluate(x), jacobian: Slopes(x: x))
  }

  func next(_ place: Int) -> Int {
    place / inputCount * inputCount + (place % inputCount + 1) % inputCount
  }

  struct Slopes: LinearMap {
    let x: Batch
    var inputCount: Int { x.width }
    var outputCount: Int { x.width }
    var sampleCount: Int { x.count }

    func apply(_ t: Batch) -> Batch { walk(t) { $0 + $1 * t.values[$2] + $3 * t.values[$4] } }

    func applyAdjoint(_ y: Batch) -> Batch {
      var result = Batch(zeros: y.count, width: y.width)
      _ = walk(y) { sum, slope, place, other, neighbour in
        result.values[place] += slope * y.values[place]
        result.values[neighbour] += other * y.values[place]
        return sum
      }
      return result
    }

    private func walk(_ t: Batch, _ body: (Float, Float, Int, Float, Int) -> Float) -> Batch {
      var result = Batch(zeros: t.count, width: t.width)
      for row in 0..<t.count {
        let sample = row / (t.count / x.count)
        for entry in 0..<t.width {
          let next = (entry + 1) % t.width
          let here = x.values[sample * t.width + entry]
          let there = x.values[sample * t.width + next]
          result.values[row * t.width + entry] = body(
            0, cos(here) + there, row * t.width + entry, here, row * t.width + next)
        }
      }
      return result
    }
  }
}

/// `max(x, 0)`, as an activation is.
private struct Rectifier: DifferentiableMap {
  let inputCount: Int
  var outputCount: Int { inputCount }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width, values: x.values.map { max($0, 0) })
  }

  func linearize(at x: Batch) -> Linearization {
    let slopes = Batch(count: x.count, width: x.width, values: x.values.map { $0 > 0 ? 1 : 0 })
    return Linearization(value: evaluate(x), jacobian: DiagonalMap(slopes))
  }
}

struct CalculusTests {
  private static func dense(_ inputs: Int, _ outputs: Int, seed: UInt64) -> DenseMap {
    var random = RandomNumbers(seed: seed)
    return DenseMap(
      matrix: random.normal(count: outputs, width: inputs).values, inputCount: inputs,
      outputCount: outputs)
  }

  /// Every kind of map of the module, and chains of them, by a name for messages.
  static let maps: [(name: String, map: any DifferentiableMap)] = {
    var random = RandomNumbers(seed: 300)
    let offset = random.normal(count: 1, width: 7).values
    let affine = AffineMap(dense(5, 7, seed: 301), offset: offset)
    return [
      ("identity", IdentityMap(count: 6)), ("dense 5 to 7", dense(5, 7, seed: 302)),
      ("dense 1 to 1", dense(1, 1, seed: 303)), ("dense 1 to 9", dense(1, 9, seed: 304)),
      ("dense 9 to 1", dense(9, 1, seed: 305)), ("dense 64 to 33", dense(64, 33, seed: 306)),
      ("selection", SelectionMap([4, 0, 3], inputCount: 6)),
      ("selection of one", SelectionMap([0], inputCount: 1)),
      ("diagonal", DiagonalMap(random.normal(count: 3, width: 8))),
      ("translation", Translation(origin: offset)), ("affine", affine),
      ("affine without offset", AffineMap(dense(3, 4, seed: 307))),
      ("ripple", Ripple(inputCount: 5)), ("empty chain", Chain([], inputCount: 4)),
      ("chain", Chain([affine, Ripple(inputCount: 7), dense(7, 3, seed: 308)], inputCount: 5)),
      (
        "residual graph",
        Graph(
          [
            Graph.Node(.map(Ripple(inputCount: 5)), inputs: [0]),
            Graph.Node(.map(dense(5, 5, seed: 309)), inputs: [1]),
            Graph.Node(.sum, inputs: [2, 0, 0]),
          ], inputCount: 5)
      ),
      (
        "graph that joins by blocks",
        Graph(
          [
            Graph.Node(.map(dense(6, 4, seed: 297)), inputs: [0]),
            Graph.Node(.map(Ripple(inputCount: 6)), inputs: [0]),
            Graph.Node(.joining(blocks: 2), inputs: [1, 2, 0]),
            Graph.Node(.map(Ripple(inputCount: 16)), inputs: [3]),
          ], inputCount: 6)
      ),
      ("graph of a sum", Graph([Graph.Node(.sum, inputs: [0, 0])], inputCount: 3)),
      (
        "chain from a nonlinear map",
        Chain([Ripple(inputCount: 5), affine, Ripple(inputCount: 7)], inputCount: 5)
      ),
      (
        "chain to a selection",
        Chain(
          [affine, SelectionMap([6, 1], inputCount: 7), Translation(origin: [1, 2])], inputCount: 5)
      ),
    ]
  }()

  @Test(arguments: maps.indices)
  func mapsKeepTheLawsOfCalculus(index: Int) {
    print("map: \(Self.maps[index].name)")
    CalculusLaws(map: Self.maps[index].map, seed: UInt64(310 + index)).check()
  }

  @Test func joiningPutsBlocksOfOnePlaceTogether() {
    let graph = Graph(
      [
        Graph.Node(.map(SelectionMap([0, 1], inputCount: 6)), inputs: [0]),
        Graph.Node(.map(SelectionMap([2, 3, 4, 5], inputCount: 6)), inputs: [0]),
        Graph.Node(.joining(blocks: 2), inputs: [1, 2]),
      ], inputCount: 6)
    #expect(graph.evaluate(Batch(row: [1, 2, 3, 4, 5, 6])).values == [1, 3, 4, 2, 5, 6])
    #expect(graph.outputCount == 6)
  }

  /// The derivative of a chain, where the first factor's columns are its weights.
  @Test func columnsOfAChainAreItsJacobian() {
    let chain = Chain(
      [Self.dense(4, 6, seed: 320), Ripple(inputCount: 6), Self.dense(6, 5, seed: 321)],
      inputCount: 4)
    var random = RandomNumbers(seed: 322)
    let x = random.normal(count: 2, width: 4)
    let columns = chain.linearize(at: x).jacobian.columns(for: 2)
    #expect(columns.count == 8 && columns.width == 5)
    for sample in 0..<2 {
      let single = chain.linearize(at: Batch(row: Array(x[sample]))).jacobian
      for column in 0..<4 {
        let unit = Batch(row: (0..<4).map { $0 == column ? 1 : 0 })
        CalculusLaws.expectClose(
          columns[sample * 4 + column], single.apply(unit).values, within: 2e-6, "column")
      }
    }
  }

  /// What is left out of the active columns is zero, and what is in them is the Jacobian.
  @Test(arguments: [-1000, -2, -0.5, 0.5] as [Float])
  func activeColumnsAreTheJacobian(offset: Float) throws {
    let chain = Chain(
      [
        Self.dense(4, 9, seed: 324), Ripple(inputCount: 9),
        AffineMap(Self.dense(9, 30, seed: 325), offset: [Float](repeating: offset, count: 30)),
        Rectifier(inputCount: 30), DiagonalMap(Batch(row: (0..<30).map { $0 < 15 ? 1 : -2 })),
        Translation(origin: [Float](repeating: 1, count: 30)),
      ], inputCount: 4)
    var random = RandomNumbers(seed: 326)
    // Diagonal maps are bound to one sample; without one, to any number.
    for (stages, samples) in [(chain.stages, 1), (chain.stages.filter { !($0 is DiagonalMap) }, 3)]
    {
      let map = Chain(stages, inputCount: 4)
      let x = random.normal(count: samples, width: 4)
      let jacobian = try #require(map.linearize(at: x).jacobian as? LinearChain)
      let whole = jacobian.columns(for: samples)
      guard let active = jacobian.activeColumns() else {
        let movingCount = whole.values.filter { $0 != 0 }.count
        #expect(movingCount >= whole.values.count / 2)
        continue
      }
      #expect(active.count == samples)
      for (sample, part) in active.enumerated() {
        #expect(part.columns.count == 4 && part.columns.width == part.outputs.count)
        for column in 0..<4 {
          var scattered = [Float](repeating: 0, count: 30)
          for (place, output) in part.outputs.enumerated() {
            scattered[output] = part.columns[column][part.columns[column].startIndex + place]
          }
          CalculusLaws.expectClose(
            scattered, whole[sample * 4 + column], within: 2e-6, "sample \(sample)")
        }
      }
      if offset == -1000 { #expect(active.allSatisfy { $0.outputs.isEmpty }) }
    }
    let dense = Chain([Self.dense(4, 3, seed: 327)], inputCount: 4)
    let jacobian = dense.linearize(at: Batch(zeros: 1, width: 4)).jacobian as? LinearChain
    #expect(jacobian != nil && jacobian?.activeColumns() == nil)
  }

  /// Maps may work in the memory of what they are given, but not while the caller holds it.
  @Test(arguments: maps.indices)
  func argumentsStayAsTheyAre(index: Int) {
    let (name, map) = Self.maps[index]
    var random = RandomNumbers(seed: 323)
    let x = random.normal(count: 3, width: map.inputCount)
    let y = random.normal(count: 3, width: map.outputCount)
    let before = (x.values.map(\.bitPattern), y.values.map(\.bitPattern))
    let jacobian = map.linearize(at: x).jacobian
    let first = (map.evaluate(x), jacobian.apply(x), jacobian.applyAdjoint(y))
    let second = (map.evaluate(x), jacobian.apply(x), jacobian.applyAdjoint(y))
    #expect(before.0 == x.values.map(\.bitPattern), "\(name)")
    #expect(before.1 == y.values.map(\.bitPattern), "\(name)")
    #expect(first == second, "\(name)")
  }

  @Test func emptyBatchesPass() {
    for (name, map) in Self.maps where !(map is DiagonalMap) {
      #expect(map.evaluate(Batch(zeros: 0, width: map.inputCount)).count == 0, "\(name)")
    }
    #expect(Self.dense(3, 2, seed: 323).columns(for: 0).count == 0)
  }

  @Test func mapsWithoutInputsOrOutputsPass() {
    let nothingIn = DenseMap(matrix: [], inputCount: 0, outputCount: 3)
    #expect(nothingIn.apply(Batch(zeros: 2, width: 0)).values == [0, 0, 0, 0, 0, 0])
    #expect(nothingIn.columns(for: 2).count == 0)
    let nothingOut = DenseMap(matrix: [], inputCount: 3, outputCount: 0)
    #expect(nothingOut.applyAdjoint(Batch(zeros: 1, width: 0)).values == [0, 0, 0])
    #expect(SelectionMap([], inputCount: 3).apply(Batch(zeros: 2, width: 3)).width == 0)
  }

  @Test func selectingOutputsIsSelectionAfterwards() {
    let map = Self.dense(4, 9, seed: 330)
    var random = RandomNumbers(seed: 331)
    let x = random.normal(count: 3, width: 4)
    let indices = [8, 2, 5]
    #expect(
      map.selectingOutputs(indices).matrix
        == indices.flatMap { map.matrix[$0 * 4..<($0 + 1) * 4] })
    CalculusLaws.expectClose(
      map.selectingOutputs(indices).apply(x).values,
      SelectionMap(indices, inputCount: 9).apply(map.apply(x)).values, within: 1e-6, "selection")
  }

  @Test func chainsCountTheirMultiplications() {
    let chain = Chain([Self.dense(4, 6, seed: 340), Ripple(inputCount: 6)], inputCount: 4)
    #expect(chain.multiplyCount == 24 + 6)
    #expect(chain.inputCount == 4 && chain.outputCount == 6)
  }
}
