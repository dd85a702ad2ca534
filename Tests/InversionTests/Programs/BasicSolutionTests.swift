import Inversion
import LinearAlgebra
import Testing

struct BasicSolutionTests {
  /// Planted in multiples of 1/64, optima come out to the last digits where the vertex is the only
  /// one, and never worse than they went in.
  @Test func linearProgramsEndInTheirVertices() throws {
    var vertexCount = 0
    for seed in 0..<200 as Range<UInt64> {
      let planted = RandomProgram(
        seed: seed, rowCount: 1 + Int(seed % 9), columnCount: 1 + Int(seed / 3 % 9))
      let interior = try InteriorPointEngine().solve(planted.program)
      guard let basic = BasicSolution(interior, of: planted.program) else { continue }
      let context = Comment("seed \(seed)")
      #expect(basic.solution.primalViolation < 1e-11, context)
      #expect(basic.solution.dualViolation < 1e-9, context)
      #expect(abs(basic.solution.objective - planted.optimum) < 1e-10, context)
      if basic.isVertex { vertexCount += 1 }
    }
    // Most have one optimal point.
    #expect(vertexCount > 150)
  }

  /// A layer seen without noise: the input, to the last digits, by any of the linear programs.
  @Test(arguments: 0..<12 as Range<UInt64>) func layersGiveTheirInput(seed: UInt64) throws {
    let layer = RandomLayer(
      seed: seed, columnCount: 10, rowCount: 60, isNonnegative: seed % 2 == 0, noise: 0)
    for program in [
      LayerProgram.supremum(layer.equations), LayerProgram.absolute(layer.equations),
      LayerProgram.relaxed(layer.equations, signal: layer.equations.values, slack: 0),
    ] {
      let interior = try InteriorPointEngine().solve(program)
      let basic = try #require(BasicSolution(interior, of: program))
      #expect(basic.isVertex)
      for column in layer.input.indices {
        #expect(abs(basic.solution.point[column] - layer.input[column]) < 1e-12)
      }
      #expect(basic.solution.relativeGap < 1e-12)
    }
  }

  /// Where a whole edge is optimal there is no vertex to be exact about, and the claim says so.
  @Test func edgesAreNoVertices() throws {
    let program = LinearProgram(
      objective: [1, 1], matrix: [1, 1], rowBounds: [.atLeast(1)],
      columnBounds: [.nonnegative, .nonnegative])
    let basic = try #require(
      BasicSolution(try InteriorPointEngine().solve(program), of: program))
    #expect(!basic.isVertex)
    #expect(abs(basic.solution.objective - 1) < 1e-15)
  }

  @Test func whatIsNotOptimalHasNone() throws {
    let ray = LinearProgram(
      objective: [-1], matrix: [1], rowBounds: [.free], columnBounds: [.nonnegative])
    #expect(BasicSolution(try InteriorPointEngine().solve(ray), of: ray) == nil)
    let layer = RandomLayer(seed: 1, columnCount: 4, rowCount: 20).equations
    let quadratic = LayerProgram.pursuit(
      layer, weights: Array(repeating: 1, count: 20), penalty: 0, ridge: 0)
    #expect(BasicSolution(try InteriorPointEngine().solve(quadratic), of: quadratic) == nil)
  }
}
