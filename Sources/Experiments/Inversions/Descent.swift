import Inversion
import LinearAlgebra

/// Descents from given latents, all at once and each to its own end: what a landscape does to those
/// who walk on it.
enum Descent {
  /// Momentum 0.9, steps of one over the curvature at the start.
  static func gradient(
    _ objective: LeastSquares, from latents: Batch, iterations: Int
  ) -> SolverRows {
    run(GradientDescent(iterationsMax: iterations), objective, from: latents)
  }

  /// Rate 0.1, as Ma et al. (2018) have it.
  static func adam(
    _ objective: LeastSquares, from latents: Batch, iterations: Int
  ) -> SolverRows {
    run(Adam(iterationsMax: iterations, rate: 0.1), objective, from: latents)
  }

  /// Levenberg-Marquardt: from planted latents, what least squares itself makes of noise.
  static func levenbergMarquardt(
    _ objective: LeastSquares, from latents: Batch, iterations: Int
  ) -> SolverRows {
    run(LevenbergMarquardt(iterationsMax: iterations, damping: 1e-3), objective, from: latents)
  }

  private static func run(
    _ solver: some IterativeSolver, _ objective: LeastSquares, from latents: Batch
  ) -> SolverRows {
    IterationLoop().run(solver, objective, from: latents) { _, _ in }.rows
  }
}
