import Documents
import LinearAlgebra

/// Truncated Gauss-Newton with damping (Steihaug 1983; Dembo, Eisenstat and Steihaug 1982): the
/// steps of Levenberg-Marquardt, found by conjugate gradients with products by `J` and `J^T` alone.
/// No Jacobian is formed, so that a latent may have thousands of entries.
///
///     (J^T J + lambda c I) d = -J^T r      c = |J g|^2 / |g|^2      z <- z + d when f falls
///
/// A ridge of the objective is part of its curvature.
///
/// The inner iteration is CGLS (Hestenes and Stiefel 1952), which works on `r` rather than on
/// `J^T r` and keeps the digits that the product would lose. It ends once the gradient of the model
/// has fallen to `eta |g|`, with `eta` after Eisenstat and Walker (1996, choice 2): roughly solved
/// where the model is rough, to more digits as the gradient falls. The rows of a batch share the
/// products and nothing else.
public struct TruncatedGaussNewton: IterativeSolver {
  public static let type = "gauss_newton_cg"

  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 60, in: 1...10_000, "iterations of one restart")
  static let dampingParameter = Parameter<Double>(
    "damping", default: 0.1, in: 1e-12...1e12,
    "first damping, as a share of the curvature along the gradient")
  static let innerIterationsParameter = Parameter<Int>(
    "cg_iterations_max", default: 300, in: 1...10_000,
    "conjugate gradient iterations for one step")

  public var iterationsMax: Int
  public var damping: Double
  public var innerIterationsMax: Int

  public init(iterationsMax: Int = 60, damping: Double = 0.1, innerIterationsMax: Int = 300) {
    self.iterationsMax = iterationsMax
    self.damping = damping
    self.innerIterationsMax = innerIterationsMax
  }

  public struct State: DampedState {
    public var rows: SolverRows
    var dampings: [Damping]
    var forcings: [Forcing]
    /// At the active rows' latents; `nil` where they have moved apart.
    var models: Models?
  }

  /// Linear models of the residual, one a row of the batch that it is bound to.
  struct Models: Sendable {
    /// Of the solver's state.
    var rows: [Int]
    var residuals: Batch
    var jacobian: any LinearMap
    /// `J^T r + ridge z`
    var gradients: Batch
    /// `ridge z`, one number an entry of the gradients.
    var pull: [Double]
    var ridge: Double
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let linearization = objective.residual.linearize(at: latents)
    let rows = SolverRows(
      latents: latents, losses: objective.losses(ofResiduals: linearization.value, at: latents),
      forwardEquivalents: 2 * Double(latents.count))
    return State(
      rows: rows, dampings: [Damping](repeating: Damping(damping), count: latents.count),
      forcings: [Forcing](repeating: Forcing(), count: latents.count),
      models: Models(Array(0..<latents.count), linearization, objective, at: latents))
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    let models = currentModels(&state, objective)
    look(at: models, &state)
    guard models.rows == state.rows.active else {
      state.models = nil
      return
    }
    let inner = InnerSolve(
      models, dampings: models.rows.map { state.dampings[$0].factor },
      forcings: models.rows.map { state.forcings[$0].value }, iterationsMax: innerIterationsMax)
    let candidates = state.rows.latents.rows(models.rows).moved(by: inner.steps)
    let ahead = objective.residual.linearize(at: candidates)
    let losses = objective.losses(ofResiduals: ahead.value, at: candidates)
    state.rows.forwardEquivalents += Double(models.rows.count * (2 * inner.iterations + 1))

    let accepted = models.rows.indices.filter { place in
      state.take(
        inner.steps[place], of: models.rows[place], to: candidates[place], loss: losses[place],
        scale: objective.scale,
        slope: Slope(
          gradientNorm: sumOfSquares(models.gradients[place]).squareRoot(),
          curvature: inner.curvatures[place]))
    }
    let hasMovedAsOne = accepted.count == models.rows.count
    guard state.rows.active == models.rows, hasMovedAsOne || accepted.isEmpty else {
      state.models = nil
      return
    }
    state.models = hasMovedAsOne ? Models(models.rows, ahead, objective, at: candidates) : models
    if hasMovedAsOne { state.rows.forwardEquivalents += Double(accepted.count) }
  }

  private func currentModels(_ state: inout State, _ objective: LeastSquares) -> Models {
    if let models = state.models { return models }
    let rows = state.rows.active
    state.rows.forwardEquivalents += 2 * Double(rows.count)
    let latents = state.rows.latents.rows(rows)
    return Models(rows, objective.residual.linearize(at: latents), objective, at: latents)
  }

  /// Ends rows that have nothing to follow, and tells the others how their gradients fell.
  private func look(at models: Models, _ state: inout State) {
    for (place, row) in models.rows.enumerated() where state.rows.terminations[row] == nil {
      let norm = sumOfSquares(models.gradients[place]).squareRoot()
      if norm == 0 {
        state.rows.terminations[row] = state.rows.losses[row] == 0 ? .converged : .stalled
      } else if !norm.isFinite {
        state.rows.terminations[row] = .nonFinite
      } else {
        state.forcings[row].note(gradientNorm: norm)
      }
    }
  }
}

extension TruncatedGaussNewton.Models {
  init(
    _ rows: [Int], _ linearization: Linearization, _ objective: LeastSquares, at latents: Batch
  ) {
    let pull = latents.values.map { objective.ridge * Double($0) }
    var gradients = linearization.jacobian.applyAdjoint(linearization.value)
    if objective.ridge > 0 {
      for place in pull.indices { gradients.values[place] += Float(pull[place]) }
    }
    self.init(
      rows: rows, residuals: linearization.value, jacobian: linearization.jacobian,
      gradients: gradients, pull: pull, ridge: objective.ridge)
  }
}

extension TruncatedGaussNewton {
  /// To what share the gradient of the model has to fall before a step is good enough (Eisenstat
  /// and Walker 1996, choice 2).
  struct Forcing: Sendable {
    private(set) var value = Self.most
    private var gradientNorm: Double?

    private static let most = 0.1
    /// Beyond which single precision has no more digits to give.
    private static let least = 1e-5

    mutating func note(gradientNorm norm: Double) {
      defer { gradientNorm = norm }
      guard let before = gradientNorm, norm != before else { return }
      let ratio = norm / before
      value = min(Self.most, max(Self.least, 0.9 * ratio * ratio))
    }
  }

  /// The steps of all rows at once, by CGLS with each row's own coefficients.
  struct InnerSolve {
    private(set) var steps: [[Double]]
    /// `|J g|^2 / |g|^2` of each row.
    private(set) var curvatures: [Double]
    private(set) var iterations = 0

    /// - Parameters:
    ///   - models: with gradients that are finite and not zero.
    ///   - dampings: shares of the curvature, one a row.
    ///   - forcings: at what share of its first length a row's gradient is small enough.
    init(_ models: Models, dampings: [Double], forcings: [Double], iterationsMax: Int) {
      let (count, width) = (models.gradients.count, models.gradients.width)
      let height = models.residuals.width
      steps = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
      curvatures = [Double](repeating: 0, count: count)
      var residuals = -models.residuals
      var directions = (0..<count).map { row in models.gradients[row].map { -Double($0) } }
      var squares = (0..<count).map { sumOfSquares(models.gradients[$0]) }
      let targets = zip(squares, forcings).map { $0 * $1 * $1 }
      var shifts = [Double](repeating: 0, count: count)
      var units = Batch(zeros: count, width: width)
      var open = Array(0..<count)
      while !open.isEmpty, iterations < iterationsMax {
        // Of length one, so that products stay within the range of single precision.
        let lengths = directions.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        for row in open {
          for entry in 0..<width {
            units.values[row &* width &+ entry] = Float(directions[row][entry] / lengths[row])
          }
        }
        let images = models.jacobian.apply(units)
        for row in open {
          let square = sumOfSquares(images[row]) + models.ridge
          if iterations == 0 {
            curvatures[row] = square
            shifts[row] = (dampings[row] + 1e-12) * square
          }
          let step = squares[row] / lengths[row] / (square + shifts[row])
          guard step.isFinite else {
            squares[row] = 0
            continue
          }
          for entry in 0..<width {
            steps[row][entry] += step * Double(units.values[row &* width &+ entry])
          }
          for entry in row &* height..<(row &+ 1) &* height {
            residuals.values[entry] -= Float(step * Double(images.values[entry]))
          }
        }
        let turned = models.jacobian.applyAdjoint(residuals)
        iterations += 1
        open = open.filter { row in
          guard squares[row] > 0 else { return false }
          let before = squares[row]
          var downhill = turned[row].map(Double.init)
          for entry in 0..<width {
            downhill[entry] -=
              models.pull[row &* width &+ entry] + (shifts[row] + models.ridge) * steps[row][entry]
          }
          squares[row] = downhill.reduce(0) { $0 + $1 * $1 }
          let kept = squares[row] / before
          for entry in 0..<width {
            directions[row][entry] = downhill[entry] + kept * directions[row][entry]
          }
          return squares[row] > targets[row] && squares[row].isFinite
        }
      }
    }
  }
}

extension TruncatedGaussNewton {
  /// Residuals and gradients are written as they are; the Jacobian is taken again, of the same rows
  /// at once.
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    var state = State(
      rows: rows, dampings: try reader.readArray(of: rows.latents.count),
      forcings: try reader.readArray(of: rows.latents.count))
    guard try reader.read() as Bool else { return state }
    let active = rows.active
    let latents = rows.latents.rows(active)
    var models = Models(
      active, objective.residual.linearize(at: latents), objective, at: latents)
    models.residuals = try reader.readBatch(like: models.residuals)
    models.gradients = try reader.readBatch(like: models.gradients)
    state.models = models
    return state
  }
}

extension TruncatedGaussNewton.State {
  public func write(to writer: inout CheckpointWriter) {
    writer.write(dampings)
    writer.write(forcings)
    // Models are of the active rows, or there are none.
    writer.write(models != nil)
    guard let models else { return }
    writer.write(models.residuals)
    writer.write(models.gradients)
  }
}

extension TruncatedGaussNewton.Forcing: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    value = try reader.read()
    gradientNorm = try reader.read()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(value)
    writer.write(gradientNorm)
  }
}
