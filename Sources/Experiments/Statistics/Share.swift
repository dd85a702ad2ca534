/// How many of some trials succeeded.
public struct Share: Sendable, Equatable {
  public var successes: Int
  public var trials: Int

  /// `successes` is from 0 to `trials`.
  public init(_ successes: Int, of trials: Int) {
    precondition((0...trials).contains(successes), "no more successes than trials")
    self.successes = successes
    self.trials = trials
  }

  public init(_ outcomes: some Sequence<Bool>) {
    var share = Share(0, of: 0)
    for outcome in outcomes {
      share.trials += 1
      if outcome { share.successes += 1 }
    }
    self = share
  }

  /// Zero when there were no trials.
  public var value: Double { trials == 0 ? 0 : Double(successes) / Double(trials) }

  /// Wilson's interval, which holds the probability in 95 of 100 experiments.
  public var interval: ClosedRange<Double> {
    guard trials > 0 else { return 0...1 }
    let z = 1.959_964
    let n = Double(trials)
    let centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    let reach =
      z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, min(centre - reach, value))...min(1, max(centre + reach, value))
  }

  static func + (a: Share, b: Share) -> Share {
    Share(a.successes + b.successes, of: a.trials + b.trials)
  }
}
