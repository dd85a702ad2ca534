import Inversion
import LinearAlgebra
import Testing

/// The builders of layer programs, against what their names promise, computed from the equations, and
/// against the simplex method.
struct LayerProgramTests {
  static let seeds = [UInt64](0..<16)

  private func layer(_ seed: UInt64) -> RandomLayer {
    RandomLayer(
      seed: seed, columnCount: 3 + Int(seed % 7), rowCount: 30 + Int(seed),
      isNonnegative: seed % 2 == 0
    )
  }

  /// The interior point's solution, whose certificates have to be in order.
  private func solve(_ program: HingeProgram, _ seed: UInt64) throws -> ProgramSolution {
    let solution = try InteriorPointEngine().solve(program)
    #expect(solution.status == .optimal, "seed \(seed)")
    #expect(solution.relativeGap < 1e-9, "seed \(seed)")
    #expect(solution.primalViolation < 1e-8, "seed \(seed)")
    #expect(solution.dualViolation < 1e-7, "seed \(seed)")
    #expect(solution.iterationCount <= 20, "seed \(seed)")
    return solution
  }

  /// Both formulations for the simplex method come to the objective that ours has.
  private func expectSimplexToAgree(
    _ program: HingeProgram, _ solution: ProgramSolution, _ seed: UInt64
  ) throws {
    for formulation in [HingeFormulation.primal, .dual] {
      for variant in GLPKEngine.SimplexVariant.allCases {
        let engine = GLPKEngine(method: .simplex, formulation: formulation, variant: variant)
        let reference = try engine.solve(program)
        let context = Comment("seed \(seed), \(formulation), \(variant)")
        #expect(reference.status == .optimal, context)
        #expect(reference.primalViolation < 1e-7, context)
        #expect(reference.relativeGap < 1e-7, context)
        // Both are within a millionth of the optimum, in units of the values.
        #expect(abs(reference.objective - solution.objective) < 1e-6, context)
      }
    }
  }

  @Test(arguments: seeds) func supremumIsTheLeastLargestError(seed: UInt64) throws {
    let layer = layer(seed)
    let program = LayerProgram.supremum(layer.equations)
    let solution = try solve(program, seed)
    let point = Array(solution.point.dropLast())
    let errors = layer.equations.errors(at: point)
    #expect(abs((errors.max() ?? 0) - solution.objective) < 1e-8)
    #expect(solution.point.last == solution.objective)
    // What was drawn explains the values as well as the noise allows.
    #expect(solution.objective <= layer.noise + 1e-8)
    try expectSimplexToAgree(program, solution, seed)
  }

  @Test(arguments: seeds) func absoluteIsTheLeastSumOfErrors(seed: UInt64) throws {
    let layer = layer(seed)
    let program = LayerProgram.absolute(layer.equations)
    let solution = try solve(program, seed)
    let sum = layer.equations.errors(at: solution.point).reduce(0, +)
    #expect(abs(sum - solution.objective) < 1e-8)
    #expect(sum <= layer.equations.errors(at: layer.input).reduce(0, +) + 1e-8)
    try expectSimplexToAgree(program, solution, seed)
  }

  @Test(arguments: seeds) func relaxedKeepsBelowTheSignal(seed: UInt64) throws {
    let layer = layer(seed)
    let (equations, slack) = (layer.equations, 1.2 * layer.noise)
    let program = LayerProgram.relaxed(equations, signal: equations.values, slack: slack)
    let solution = try solve(program, seed)
    let image = equations.matrix.apply(solution.point)
    for row in image.indices {
      #expect(image[row] <= max(0, equations.values[row] + slack) + 1e-7)
    }
    func gain(_ image: [Double]) -> Double {
      zip(image, equations.values).reduce(0) { $0 + ($1.1 >= 2 * slack ? $1.0 * $1.1 : 0) }
    }
    #expect(abs(gain(image) + solution.objective) < 1e-9)
    #expect(gain(image) >= gain(equations.matrix.apply(layer.input)) - 1e-9)
    try expectSimplexToAgree(program, solution, seed)
  }

  /// On the negative side of a leaky ReLU an error counts by its slope.
  @Test(arguments: seeds.prefix(6)) func leakyLayersWeighTheirErrors(seed: UInt64) throws {
    let layer = RandomLayer(seed: seed, columnCount: 6, rowCount: 40, slope: 0.2)
    let equations = layer.equations
    #expect(equations.isActive.allSatisfy { $0 } && Set(equations.rowScales) == [1, 5])

    let supremum = try solve(LayerProgram.supremum(equations), seed)
    let largest = equations.errors(at: Array(supremum.point.dropLast())).max() ?? 0
    #expect(abs(largest - supremum.objective) < 1e-8)
    #expect(supremum.objective <= (equations.errors(at: layer.input).max() ?? 0) + 1e-8)
    try expectSimplexToAgree(LayerProgram.supremum(equations), supremum, seed)

    let absolute = try solve(LayerProgram.absolute(equations), seed)
    let sum = equations.errors(at: absolute.point).reduce(0, +)
    #expect(abs(sum - absolute.objective) < 1e-8)
    #expect(sum <= equations.errors(at: layer.input).reduce(0, +))
    try expectSimplexToAgree(LayerProgram.absolute(equations), absolute, seed)

    let relaxed = LayerProgram.relaxed(equations, signal: equations.values, slack: layer.noise)
    for row in equations.values.indices {
      let end = equations.values[row] + layer.noise * equations.rowScales[row]
      #expect(abs(relaxed.limits[row] - end) < 1e-15)
    }
  }

  /// A bias moves to the right-hand side: the same layer, seen through one, has the same input.
  @Test func relaxedTakesTheBiasOff() throws {
    let layer = layer(3)
    let equations = layer.equations
    let bias = equations.values.indices.map { 0.01 * Double($0 % 5) }
    let plain = LayerProgram.relaxed(equations, signal: equations.values, slack: 0.05)
    var moved = equations
    moved.values = zip(equations.values, bias).map { $0 - $1 }
    let biased = LayerProgram.relaxed(moved, signal: equations.values, slack: 0.05)
    for row in 0..<equations.values.count {
      let ends = plain.limits[row] - bias[row]
      #expect(abs(biased.limits[row] - ends) < 1e-15)
    }
    #expect(biased.objective == plain.objective)
  }

  /// Where the signal is nowhere worth anything, zero, exactly.
  @Test func relaxedOfNothingIsZero() throws {
    let equations = layer(5).equations
    let size = equations.values.reduce(0) { max($0, abs($1)) }
    let program = LayerProgram.relaxed(equations, signal: equations.values, slack: size)
    let solution = try InteriorPointEngine().solve(program)
    #expect(solution.status == .optimal)
    #expect(solution.point == [Double](repeating: 0, count: equations.columnCount))
  }

  /// The conditions of Karush, Kuhn and Tucker, from the equations alone.
  @Test(arguments: seeds) func pursuitMeetsItsConditions(seed: UInt64) throws {
    let layer = layer(seed)
    let equations = layer.equations
    let (penalty, ridge) = (seed % 3 == 0 ? 0 : 0.01, seed % 4 == 0 ? 0.02 : 0)
    let weights = equations.values.indices.map { 0.5 + Double($0 % 3) }
    let program = LayerProgram.pursuit(equations, weights: weights, penalty: penalty, ridge: ridge)
    let solution = try solve(program, seed)
    let x = solution.point
    let image = equations.matrix.apply(x)
    var gradient = x.map { penalty + ridge * $0 }
    var misfit = 0.0
    var bounded = 0
    for row in image.indices {
      var pull = 0.0
      if equations.isActive[row] {
        let residual = weights[row] * (image[row] - equations.values[row])
        misfit += residual * residual / 2
        pull = weights[row] * residual
      } else {
        let slack = equations.values[row] - image[row]
        pull = solution.rowDuals[bounded]
        bounded += 1
        #expect(slack > -1e-8 && pull >= 0 && abs(slack * pull) < 1e-8)
      }
      for column in x.indices { gradient[column] += pull * equations.matrix[row, column] }
    }
    for column in x.indices {
      if equations.isNonnegative {
        #expect(x[column] > -1e-8 && gradient[column] > -1e-7)
        #expect(abs(x[column] * gradient[column]) < 1e-7)
      } else {
        #expect(abs(gradient[column]) < 1e-7)
      }
    }
    let objective =
      misfit + penalty * x.reduce(0, +) + ridge * x.reduce(0) { $0 + $1 * $1 } / 2
    #expect(abs(objective - solution.objective) < 1e-9)
  }

  /// The same layer in other units: the same iterations, and points and certificates in those units.
  @Test(arguments: [0x1p-27, 0x1p27]) func unitsDoNotMatter(factor: Double) throws {
    let layer = layer(8)
    var scaled = layer.equations
    scaled.matrix = scaled.matrix.scaled(
      rows: [Double](repeating: factor, count: scaled.matrix.rowCount))
    let weights = [Double](repeating: 1, count: scaled.matrix.rowCount)
    let pairs = [
      (LayerProgram.supremum(layer.equations), LayerProgram.supremum(scaled)),
      (LayerProgram.absolute(layer.equations), LayerProgram.absolute(scaled)),
      (
        LayerProgram.relaxed(layer.equations, signal: layer.equations.values, slack: 0.03),
        LayerProgram.relaxed(scaled, signal: scaled.values, slack: 0.03)
      ),
      (
        LayerProgram.pursuit(layer.equations, weights: weights, penalty: 0, ridge: 0),
        LayerProgram.pursuit(scaled, weights: weights, penalty: 0, ridge: 0)
      ),
    ]
    for (plain, other) in pairs {
      let (first, second) = (try solve(plain, 8), try InteriorPointEngine().solve(other))
      #expect(second.status == .optimal)
      #expect(second.iterationCount == first.iterationCount)
      #expect(abs(second.objective - first.objective) < 1e-8)
      for column in 0..<layer.equations.columnCount {
        #expect(abs(second.point[column] * factor - first.point[column]) < 1e-6)
      }
    }
  }
}

extension LayerEquations {
  /// What the rows are off: both ways where active, only above where not.
  func errors(at point: [Double]) -> [Double] {
    zip(matrix.apply(point), values).enumerated().map { row, pair in
      let error = pair.0 - pair.1
      return (isActive[row] ? abs(error) : max(error, 0)) / rowScales[row]
    }
  }
}
