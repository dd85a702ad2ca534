import LinearAlgebra

/// The primal-dual interior-point method with Mehrotra's predictor and corrector (SIAM Journal on
/// Optimization 2, 1992), for programs with hinges. With slacks `s`, excesses `t` and the room
/// `v = u - y` of the duals, it solves
///
///     Hz + c + A'y = 0     A z + s - t = b     s y = 0     t v = 0     s, y, t, v >= 0
///
/// by Newton's method on a path where the products are `mu`. A forbidden excess has neither `t` nor
/// `v`. All rows are eliminated: an iteration factors `H + A'DA`, `D = 1 / (s/y + t/v)`, once.
struct InteriorPoint {
  /// Residuals and gap, relative to what they are made of, below which a point is optimal.
  var tolerance = 1e-9
  /// Where they are aimed at; what ends between the two is optimal too.
  var goal = 1e-9
  var iterationsMax = 80
  /// The relative gap below which normal matrices are summed in double precision.
  var singleGapMin = 1e-4

  enum Ending {
    case converged
    /// No progress is possible, or `iterationsMax` iterations made too little.
    case stalled
    case interrupted(ProgramSolution.Status)
  }

  struct Outcome {
    var ending: Ending
    /// The largest of the relative residuals and gap at the best point.
    var merit: Double
    var iterationCount: Int
  }

  /// Leaves the best point in `iterate`.
  func run(_ iterate: InteriorPointIterate, within limits: ProgramLimits) -> Outcome {
    let began = limits.now()
    let steps = InteriorPointSteps(iterate, goal: goal, singleGapMin: singleGapMin)
    var best = Double.infinity
    var iteration = 0
    var bestIteration = 0
    steps.computeImage()
    while true {
      let merit = steps.measure()
      if merit < best {
        best = merit
        bestIteration = iteration
        iterate.keep()
      }
      func end(_ ending: Ending) -> Outcome {
        Outcome(ending: ending, merit: best, iterationCount: iteration)
      }
      let ownEnding = best < tolerance ? Ending.converged : .stalled
      if merit < goal { return end(.converged) }
      if best < tolerance, iteration > bestIteration + 3 { return end(.converged) }
      if !merit.isFinite || (iteration > 8 && merit > 1e3 * best) || iteration >= iterationsMax {
        return end(ownEnding)
      }
      if iteration >= limits.iterationsMax { return end(.interrupted(.iterationLimit)) }
      if limits.now() - began >= limits.seconds { return end(.interrupted(.timeLimit)) }
      if limits.isCancelled() { return end(.interrupted(.cancelled)) }
      guard steps.factorize() else { return end(ownEnding) }
      steps.predict()
      let longest = steps.correct()
      iteration += 1
      if longest < 1e-10 { return end(ownEnding) }
    }
  }
}
