import LinearAlgebra

/// Correctors that bring outlying complementarity products back, so that the next step may be longer
/// (Gondzio, Computational Optimization and Applications 6, 1996). Each costs a solve with the factor
/// at hand, which pays where the factor is dear.
final class CentralityCorrector {
  private let at: InteriorPointIterate
  private let memory: InteriorPointIterate.Vector
  private let slackStep, dualStep, excessStep, imageStep, step: InteriorPointIterate.Vector

  /// By how much longer a step is hoped for, and the share of that which has to come true.
  private static let hope = 0.2
  private static let leastShare = 0.1
  /// Products are left alone from a tenth of the target to ten times the target.
  private static let spread = 10.0

  /// How many correctors pay: one where a factor costs as much as several solves, more where it costs
  /// as much as dozens.
  static func count(columnCount: Int) -> Int {
    columnCount < 48 ? 0 : columnCount < 150 ? 1 : 2
  }

  init(_ iterate: InteriorPointIterate) {
    at = iterate
    let (rowCount, columnCount) = (iterate.rowCount, iterate.columnCount)
    let memory = InteriorPointIterate.Vector.allocate(capacity: 4 * rowCount + columnCount)
    memory.initialize(repeating: 0)
    self.memory = memory
    func rows(_ place: Int) -> InteriorPointIterate.Vector {
      InteriorPointIterate.Vector(rebasing: memory[place * rowCount..<(place + 1) * rowCount])
    }
    slackStep = rows(0)
    dualStep = rows(1)
    excessStep = rows(2)
    imageStep = rows(3)
    step = InteriorPointIterate.Vector(rebasing: memory[(4 * rowCount)...])
  }

  deinit {
    memory.deallocate()
  }

  /// What is asked of the products at a trial point beyond the step of the length found: into
  /// `slackStep` and `excessStep`, as shares of the duals and rooms. The step so far is kept.
  func aim(target: Double, primal: Double, dual: Double) {
    _ = slackStep.update(fromContentsOf: at.slackStep)
    _ = dualStep.update(fromContentsOf: at.dualStep)
    _ = excessStep.update(fromContentsOf: at.excessStep)
    _ = imageStep.update(fromContentsOf: at.imageStep)
    _ = step.update(fromContentsOf: at.step)
    let primal = min(1, primal + Self.hope)
    let dual = min(1, dual + Self.hope)
    let (least, most) = (target / Self.spread, target * Self.spread)
    func missing(_ product: Double) -> Double {
      product < least ? least - product : product > most ? max(most - product, -most) : 0
    }
    for row in 0..<at.rowCount {
      let product =
        (at.slack[row] + primal * slackStep[row]) * (at.dual[row] + dual * dualStep[row])
      at.slackStep[row] = missing(product) / at.dual[row]
      at.right[row] = at.slackStep[row]
    }
    if at.softCount > 0 {
      for row in 0..<at.rowCount {
        let product =
          (at.excess[row] + primal * excessStep[row]) * (at.room[row] - dual * dualStep[row])
        at.excessStep[row] = at.soft[row] * missing(product) / at.room[row]
        at.right[row] -= at.excessStep[row]
      }
    }
  }

  /// Whether a step got so much longer that the corrector is worth keeping.
  static func pays(
    from before: (primal: Double, dual: Double), to after: (primal: Double, dual: Double)
  )
    -> Bool
  {
    let gain = min(1, after.primal) - min(1, before.primal)
    let dualGain = min(1, after.dual) - min(1, before.dual)
    return gain >= 0 && dualGain >= 0 && gain + dualGain >= leastShare * hope
  }

  /// Adds the step that was kept.
  func combine() {
    for row in 0..<at.rowCount {
      at.slackStep[row] += slackStep[row]
      at.dualStep[row] += dualStep[row]
      at.excessStep[row] += excessStep[row]
      at.imageStep[row] += imageStep[row]
    }
    for column in 0..<at.columnCount { at.step[column] += step[column] }
  }

  /// Goes back to the step that was kept.
  func restore() {
    _ = at.slackStep.update(fromContentsOf: slackStep)
    _ = at.dualStep.update(fromContentsOf: dualStep)
    _ = at.excessStep.update(fromContentsOf: excessStep)
    _ = at.imageStep.update(fromContentsOf: imageStep)
    _ = at.step.update(fromContentsOf: step)
  }
}
