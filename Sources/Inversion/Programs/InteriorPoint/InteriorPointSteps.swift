import LinearAlgebra

/// The arithmetic of an interior-point iteration, in the order in which `InteriorPoint` calls it.
final class InteriorPointSteps {
  private let at: InteriorPointIterate
  private let limitsSize: Double
  private let costsSize: Double
  private var complementarity = 0.0
  private var relativeGap = Double.infinity
  /// What the gap is relative to.
  private var objectiveSize = 1.0
  private var dualError = 0.0

  /// Whether the next normal matrix may be summed in single precision, twice as fast: far from the
  /// optimum a direction need not be exact, as residuals are computed anew each time. Where the sum
  /// does not take the time, or its rounding was seen in a residual, it may not.
  private var permitsSingle: Bool
  private let singleGapMin: Double
  private let goal: Double
  /// What is to be left of the dual residual after a step in single precision; `nil` after others.
  private var expectedDualError: Double?

  private static let singleColumnsMin = 48
  /// Times the rounding of single precision, a thousandth: directions are then that exact.
  private static let singleConditionMax = 1e4

  private let corrector: CentralityCorrector?
  private let correctorCount: Int
  /// Pairs of a slack or excess with its dual.
  private let pairCount: Double

  /// - Parameters:
  ///   - goal: the relative gap that is aimed at.
  ///   - singleGapMin: the relative gap from which on sums are in double precision.
  init(_ iterate: InteriorPointIterate, goal: Double, singleGapMin: Double) {
    self.goal = goal
    at = iterate
    self.singleGapMin = singleGapMin
    permitsSingle = iterate.columnCount >= Self.singleColumnsMin
    limitsSize = 1 + Self.largest(iterate.limits)
    costsSize = 1 + Self.largest(iterate.costs)
    correctorCount = CentralityCorrector.count(columnCount: iterate.columnCount)
    corrector = correctorCount > 0 ? CentralityCorrector(iterate) : nil
    pairCount = Double(max(1, iterate.rowCount + iterate.softCount))
  }

  private var mu: Double { complementarity / pairCount }

  /// `A z`, anew.
  func computeImage() {
    at.products.apply(UnsafeBufferPointer(at.point), into: at.image)
  }

  /// The largest of the residuals and the gap, each relative to the numbers it is the difference of.
  func measure() -> Double {
    let (slack, dual, excess, room) = (at.slack, at.dual, at.excess, at.room)
    at.products.applyAdjoint(UnsafeBufferPointer(dual), into: at.gradient)
    var smooth = 0.0
    var curved = 0.0
    for column in 0..<at.columnCount { at.step[column] = 0 }
    at.addQuadratic(at.point, to: at.step)
    dualError = 0
    var checksum = 0.0
    for column in 0..<at.columnCount {
      smooth += at.costs[column] * at.point[column]
      curved += at.step[column] * at.point[column]
      let residual = -(at.step[column] + at.costs[column] + at.gradient[column])
      at.dualResidual[column] = residual
      dualError = max(dualError, abs(residual))
      checksum += residual
    }
    var primalError = 0.0
    var products = 0.0
    var hinges = 0.0
    var worth = 0.0
    for row in 0..<at.rowCount {
      let residual = at.limits[row] - at.image[row] - slack[row] + excess[row]
      at.primalResidual[row] = residual
      primalError = max(primalError, abs(residual))
      checksum += residual
      products += dual[row] * slack[row]
      worth -= dual[row] * at.limits[row]
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        let isSoft = at.soft[row]
        products += isSoft * excess[row] * room[row]
        hinges += isSoft * max(0, at.image[row] - at.limits[row]) * (dual[row] + room[row])
      }
    }
    complementarity = products
    let objective = smooth + curved / 2 + hinges + at.constant
    let gap = objective - (worth - curved / 2 + at.constant)
    // Comparisons pass over what is not a number; the sum does not.
    guard (gap + products + checksum).isFinite else { return .infinity }
    objectiveSize = 1 + abs(objective)
    relativeGap = max(products, abs(gap)) / objectiveSize
    if let expectedDualError,
      dualError > expectedDualError + 0.001 * costsSize * min(relativeGap, 1)
    {
      permitsSingle = false
    }
    return max(primalError / limitsSize, dualError / costsSize, relativeGap)
  }

  /// `H + A'DA` and its factor.
  func factorize() -> Bool {
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        at.weights[row] =
          1 / (at.slack[row] / at.dual[row] + at.excess[row] / at.room[row])
      }
    } else {
      for row in 0..<at.rowCount { at.weights[row] = at.dual[row] / at.slack[row] }
    }
    if permitsSingle, relativeGap > singleGapMin {
      if factorize(.single), at.equations.conditionBound < Self.singleConditionMax {
        expectedDualError = dualError
        return true
      }
      permitsSingle = false
    }
    expectedDualError = nil
    return factorize(.double)
  }

  private func factorize(_ precision: WeightedNormalEquations.Precision) -> Bool {
    at.products.setGram(
      weights: UnsafeBufferPointer(at.weights), in: at.equations, precision: precision)
    if let quadratic = at.program.quadratic {
      at.equations.add(quadratic, scale: at.quadraticScale)
    }
    return at.equations.factorize()
  }

  /// The affine step: straight to complementarity zero.
  func predict() {
    for row in 0..<at.rowCount {
      at.right[row] = -at.slack[row] - at.primalResidual[row] + at.excess[row]
    }
    solve(residualShare: 1)
    for row in 0..<at.rowCount {
      let dualStep = at.weights[row] * (at.imageStep[row] + at.right[row])
      at.dualStep[row] = dualStep
      at.slackStep[row] = -at.slack[row] - at.slack[row] / at.dual[row] * dualStep
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        at.excessStep[row] =
          at.soft[row]
          * (at.excess[row] / at.room[row] * at.dualStep[row] - at.excess[row])
      }
    }
  }

  /// Mehrotra's corrector, and the step along it.
  ///
  /// - Returns: the longer of the primal and the dual step, 1 being the whole.
  func correct() -> Double {
    let (slack, dual, excess, room) = (at.slack, at.dual, at.excess, at.room)
    var (primal, dualLength) = lengths()
    primal = min(1, primal)
    dualLength = min(1, dualLength)
    if at.isQuadratic {
      primal = min(primal, dualLength)
      dualLength = primal
    }
    var affine = 0.0
    for row in 0..<at.rowCount {
      affine +=
        (dual[row] + dualLength * at.dualStep[row]) * (slack[row] + primal * at.slackStep[row])
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        affine +=
          at.soft[row] * (excess[row] + primal * at.excessStep[row])
          * (room[row] - dualLength * at.dualStep[row])
      }
    }
    let ratio = max(affine, 0) / max(complementarity, .leastNormalMagnitude)
    // Products smaller than what they are asked for only spoil the matrix.
    let target = max(ratio * ratio * ratio * mu, 0.01 * goal * objectiveSize / pairCount)

    // `right` is first what complementarity asks of the slacks and excesses, then of the rows.
    for row in 0..<at.rowCount {
      at.slackStep[row] =
        (target - at.dualStep[row] * at.slackStep[row]) / dual[row] - slack[row]
      at.right[row] = at.slackStep[row] - at.primalResidual[row]
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        at.excessStep[row] =
          at.soft[row]
          * ((target + at.excessStep[row] * at.dualStep[row]) / room[row] - excess[row])
        at.right[row] -= at.excessStep[row]
      }
    }
    completeStep(residualShare: 1)
    center(towards: target)
    return advance()
  }

  /// From what complementarity asks, in `slackStep`, `excessStep` and `right`, to the step.
  private func completeStep(residualShare: Double) {
    solve(residualShare: residualShare)
    for row in 0..<at.rowCount {
      let dualStep = at.weights[row] * (at.imageStep[row] + at.right[row])
      at.dualStep[row] = dualStep
      at.slackStep[row] -= at.slack[row] / at.dual[row] * dualStep
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        at.excessStep[row] += at.soft[row] * at.excess[row] / at.room[row] * at.dualStep[row]
      }
    }
  }

  /// Further correctors, as long as they pay.
  private func center(towards target: Double) {
    guard let corrector, target > 0 else { return }
    var reached = lengths()
    for _ in 0..<correctorCount {
      if min(reached.primal, reached.dual) >= 1 { return }
      corrector.aim(target: target, primal: reached.primal, dual: reached.dual)
      completeStep(residualShare: 0)
      corrector.combine()
      let longer = lengths()
      guard CentralityCorrector.pays(from: reached, to: longer) else { return corrector.restore() }
      reached = longer
    }
  }

  private func advance() -> Double {
    var (primal, dualLength) = lengths()
    let share = mu < 0.01 ? min(0.99995, max(0.9, 1 - 10 * mu)) : 0.9
    primal = min(1, share * primal)
    dualLength = min(1, share * dualLength)
    if at.isQuadratic {
      primal = min(primal, dualLength)
      dualLength = primal
    }
    expectedDualError = expectedDualError.map { (1 - dualLength) * $0 }
    for column in 0..<at.columnCount { at.point[column] += primal * at.step[column] }
    for row in 0..<at.rowCount {
      at.image[row] += primal * at.imageStep[row]
      at.slack[row] += primal * at.slackStep[row]
      at.dual[row] += dualLength * at.dualStep[row]
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        at.excess[row] += primal * at.excessStep[row]
        at.room[row] -= at.soft[row] * dualLength * at.dualStep[row]
      }
    }
    return max(primal, dualLength)
  }

  /// `step` with `(H + A'DA) step = share residual - A'D right`, and what it does to the rows.
  private func solve(residualShare share: Double) {
    for row in 0..<at.rowCount { at.weighted[row] = at.weights[row] * at.right[row] }
    at.products.applyAdjoint(UnsafeBufferPointer(at.weighted), into: at.columnRight)
    for column in 0..<at.columnCount {
      at.columnRight[column] = share * at.dualResidual[column] - at.columnRight[column]
    }
    if let right = at.columnRight.baseAddress, let step = at.step.baseAddress {
      at.equations.solve(right, into: step)
    }
    at.products.apply(UnsafeBufferPointer(at.step), into: at.imageStep)
  }

  /// How far the slacks and excesses, and the duals, may go before one of them is zero.
  private func lengths() -> (primal: Double, dual: Double) {
    var slackRate = 0.0
    var dualRate = 0.0
    for row in 0..<at.rowCount {
      let fall = -at.slackStep[row] / at.slack[row]
      if fall > slackRate { slackRate = fall }
      let dualFall = -at.dualStep[row] / at.dual[row]
      if dualFall > dualRate { dualRate = dualFall }
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount where at.soft[row] > 0 {
        let fall = -at.excessStep[row] / at.excess[row]
        if fall > slackRate { slackRate = fall }
        let rise = at.dualStep[row] / at.room[row]
        if rise > dualRate { dualRate = rise }
      }
    }
    return (1 / max(slackRate, 1e-30), 1 / max(dualRate, 1e-30))
  }

  private static func largest(_ vector: InteriorPointIterate.Vector) -> Double {
    vector.reduce(0) { max($0, abs($1)) }
  }
}
