import ArgumentParser
import Inversion
import LinearAlgebra

/// The interior-point engine against the simplex method on the linear programs of a layer.
struct ProgramsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "programs",
    abstract: "The interior point against the best simplex method on the programs of a layer.",
    discussion: """
      Layers are Gaussian with uniform noise of 2 % of the output's size; from 100 columns on, inputs \
      are not negative, as hidden layers' are. GLPK is given the primal and the dual formulation, each \
      by the primal and the dual simplex method, and the best of the four counts. Both sides are \
      timed from the program to its certificates, in interleaved rounds, and the fastest counts, \
      which other programs disturb least.
      """)

  /// Columns and rows, and how many times as fast as the simplex method the engine is asked to be.
  struct Size {
    var columns: Int
    var rows: Int
    var asked: Double
  }

  static let sizes = [
    Size(columns: 20, rows: 100, asked: 1), Size(columns: 60, rows: 784, asked: 5),
    Size(columns: 250, rows: 600, asked: 15), Size(columns: 200, rows: 2000, asked: 20),
    Size(columns: 500, rows: 4000, asked: 50),
  ]

  @Option(
    help: "Rounds; a simplex method that needed more than three seconds runs in the first only.")
  var rounds = 5

  @Option(help: "Only sizes with at most so many columns.")
  var columnsMax = 500

  @Option(help: "Seconds after which a simplex method is stopped; its time is then at least that.")
  var simplexSeconds = 300.0

  @Option(help: "Seed of the layers.")
  var seed: UInt64 = 1

  func run() throws {
    print("\(rounds) rounds, kernels \(OpenBLAS.coreName)")
    var table = Table([
      "program", "columns", "rows", "ms", "iterations", "gap", "best simplex, ms", "by", "asked",
      "reached",
    ])
    for size in Self.sizes where size.columns <= columnsMax {
      let layer = BenchmarkLayer(seed: seed, columns: size.columns, rows: size.rows)
      for (name, program) in layer.programs {
        table.add(try row(name, program, size))
      }
    }
    table.print()
    print()
    try PursuitsBenchmark(rounds: rounds, seed: seed).print()
  }

  private func row(_ name: String, _ program: HingeProgram, _ size: Size) throws -> [String] {
    let rivals = HingeFormulation.simplexRivals
    var fastest = [Double](repeating: .infinity, count: rivals.count)
    var ours = Double.infinity
    var solution: ProgramSolution?
    for round in 0..<rounds {
      for _ in 0..<(size.columns < 100 ? 10 : 2) {
        let (seconds, found) = try Stopwatch.seconds { try InteriorPointEngine().solve(program) }
        ours = min(ours, seconds)
        solution = found
      }
      for (place, rival) in rivals.enumerated() where round == 0 || fastest[place] < 3 {
        let (seconds, _) = try Stopwatch.seconds {
          try rival.engine.solve(program, within: ProgramLimits(seconds: simplexSeconds))
        }
        fastest[place] = min(fastest[place], seconds)
      }
    }
    let best = fastest.indices.min { fastest[$0] < fastest[$1] } ?? 0
    return [
      name, "\(size.columns)", "\(size.rows)", (1e3 * ours).text(),
      "\(solution?.iterationCount ?? 0)", (solution?.relativeGap ?? .nan).text(2),
      (1e3 * fastest[best]).text(), rivals[best].name, "\(size.asked.text())x",
      "\((fastest[best] / ours).text())x",
    ]
  }
}

/// One of the ways to give a program with hinges to the simplex method.
private struct SimplexRival {
  var formulation: HingeFormulation
  var variant: GLPKEngine.SimplexVariant

  var engine: GLPKEngine {
    GLPKEngine(method: .simplex, formulation: formulation, variant: variant)
  }
  var name: String { "\(variant.rawValue) on \(formulation.rawValue)" }
}

extension HingeFormulation {
  fileprivate static var simplexRivals: [SimplexRival] {
    [primal, dual].flatMap { formulation in
      GLPKEngine.SimplexVariant.allCases.map {
        SimplexRival(formulation: formulation, variant: $0)
      }
    }
  }
}

/// A ReLU layer with Gaussian weights and its noisy output.
private struct BenchmarkLayer {
  let equations: LayerEquations
  let noise: Double

  init(seed: UInt64, columns: Int, rows: Int) {
    var random = RandomNumbers(seed: seed, stream: UInt64(columns))
    let scale = 1 / Double(rows).squareRoot()
    let matrix = DenseMatrix(
      rowCount: rows, columnCount: columns,
      values: (0..<rows * columns).map { _ in scale * random.normal() })
    let isHidden = columns >= 100
    let before = matrix.apply(
      (0..<columns).map { _ in isHidden ? max(random.normal(), 0) : random.normal() })
    let size = (before.reduce(0) { $0 + $1 * $1 } / Double(rows)).squareRoot()
    let noise = 0.02 * size
    let values = before.map { max($0, 0) + noise * (2 * random.uniform() - 1) }
    self.noise = noise
    equations = LayerEquations(
      matrix: matrix, values: values, isActive: values.map { $0 > noise },
      rowScales: [Double](repeating: 1, count: rows), isNonnegative: isHidden)
  }

  var programs: [(name: String, program: HingeProgram)] {
    [
      ("l-infinity", LayerProgram.supremum(equations)),
      ("l1", LayerProgram.absolute(equations)),
      (
        "relaxed",
        LayerProgram.relaxed(equations, signal: equations.values, slack: 1.2 * noise)
      ),
    ]
  }
}
