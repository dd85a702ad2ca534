import Inversion

/// What became of the draws of one row.
struct RecoveryTally {
  private(set) var draws = 0
  private(set) var identifiable = 0
  /// Of the identifiable ones: within 1e-3 of the planted latent, and within 1e-6.
  private(set) var found = 0
  private(set) var precise = 0
  /// Not within 1e-3, but the fit explains the observation: another latent does too.
  private(set) var fitsElsewhere = 0
  /// Called `recovered`, and those of them that are wrong or not identifiable.
  private(set) var claimed = 0
  private(set) var claimedWrongly = 0
  private(set) var verdicts: [Verdict: Int] = [:]
  private(set) var errors: [Double] = []
  private var equivalents = 0.0
  private var seconds = 0.0

  mutating func add(_ draw: RecoveryDraw) {
    draws += 1
    equivalents += draw.forwardEquivalents
    seconds += draw.seconds
    verdicts[draw.verdict, default: 0] += 1
    let isFound = draw.error <= 1e-3
    if draw.verdict == .recovered {
      claimed += 1
      if !isFound || !draw.isIdentifiable { claimedWrongly += 1 }
    }
    guard draw.isIdentifiable else { return }
    identifiable += 1
    if isFound {
      found += 1
      errors.append(draw.error)
      if draw.error <= 1e-6 { precise += 1 }
    } else if draw.relativeResidual <= 1e-5 {
      fitsElsewhere += 1
    }
  }

  /// Of the identifiable draws.
  var success: Double { share(found, of: identifiable) }
  var meanEquivalents: Double { equivalents / Double(max(draws, 1)) }
  var meanSeconds: Double { seconds / Double(max(draws, 1)) }

  func share(_ count: Int, of total: Int) -> Double {
    total > 0 ? Double(count) / Double(total) : .nan
  }
}

/// One planted latent, and what was made of what it shows.
struct RecoveryDraw {
  /// Whether the Jacobian at the planted latent has full rank.
  var isIdentifiable: Bool
  /// `|z - z*| / |z*|`
  var error: Double
  var relativeResidual: Double
  var verdict: Verdict
  var restarts: Int
  var forwardEquivalents: Double
  var seconds: Double
}

extension RecoveryDraw: CustomStringConvertible {
  var description: String {
    "error \(error.text()), residual \(relativeResidual.text()), \(verdict.rawValue), "
      + (isIdentifiable ? "" : "not identifiable, ") + "\(restarts) starts, "
      + "\(forwardEquivalents.text()) equivalents, \((1e3 * seconds).text()) ms"
  }
}
