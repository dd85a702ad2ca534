import LinearAlgebra

/// How strongly the steps of one row are damped: less after each success, more after each failure
/// (Marquardt 1963).
struct Damping: Sendable {
  /// As a share of the curvature.
  private(set) var factor: Double
  private var rejections = 0

  init(_ factor: Double) { self.factor = factor }

  private static let decrease = 5.0
  private static let increase = 4.0
  private static let least = 1e-9
  private static let leastAfterFailure = 1e-6
  /// A row is given up after so many rejected steps in a row.
  private static let rejectionsMax = 8

  mutating func relax() {
    factor = max(factor / Self.decrease, Self.least)
    rejections = 0
  }

  /// - Returns: whether the row is to be given up.
  mutating func tighten() -> Bool {
    factor = max(factor * Self.increase, Self.leastAfterFailure)
    rejections += 1
    return rejections >= Self.rejectionsMax
  }
}

/// What methods with damped second-order steps have in common: a step is taken if and only if the
/// loss falls.
protocol DampedState: SolverState {
  var rows: SolverRows { get set }
  /// One a row.
  var dampings: [Damping] { get set }
}

extension DampedState {
  /// Takes a row's step where it lowers the loss; ends the row where the fit is rounding, or the
  /// step is lost in that of the latent.
  ///
  /// - Parameters:
  ///   - candidate: where the step leads.
  ///   - scale: of the losses.
  /// - Returns: whether it was taken.
  mutating func take(
    _ step: [Double], of row: Int, to candidate: ArraySlice<Float>, loss: Double, scale: Double,
    slope: Slope
  ) -> Bool {
    let from = rows.latents[row]
    guard loss < rows.losses[row] else {
      if Self.isLost(step, at: from) {
        rows.terminations[row] = .converged
      } else {
        reject(row, slope)
      }
      return false
    }
    rows.latents.setRow(row, to: candidate)
    rows.losses[row] = loss
    dampings[row].relax()
    if loss < 1e-13 * scale || Self.isLost(step, at: candidate) {
      rows.terminations[row] = .converged
    }
    return true
  }

  mutating func reject(_ row: Int, _ slope: Slope) {
    guard dampings[row].tighten() else { return }
    // Where rounding hides all further descent, that is convergence.
    let reach = (2 * rows.losses[row] * slope.curvature).squareRoot()
    rows.terminations[row] = slope.gradientNorm <= 1e-4 * reach ? .converged : .stalled
  }

  private static func isLost(_ step: [Double], at latent: ArraySlice<Float>) -> Bool {
    let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length < 1e-7 * sumOfSquares(latent).squareRoot()
  }
}

/// How steep and how curved the loss is at a latent.
struct Slope: Sendable {
  var gradientNorm: Double
  var curvature: Double
}

extension Batch {
  /// Each row with its step added.
  func moved(by steps: [[Double]]) -> Batch {
    var moved = self
    for (row, step) in steps.enumerated() {
      for entry in step.indices { moved.values[row &* width &+ entry] += Float(step[entry]) }
    }
    return moved
  }
}

extension Damping: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    factor = try reader.read()
    rejections = try reader.read()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(factor)
    writer.write(rejections)
  }
}
