import Foundation

/// Tosses of fair coins: how many rows of a layer with symmetric random weights are active.
package enum FairCoins {
  /// The probability of at least `least` heads in `count` tosses.
  package static func probability(ofAtLeast least: Int, in count: Int) -> Double {
    precondition(count >= 0, "tosses are counted")
    guard least <= count else { return 0 }
    let ways = lgamma(Double(count + 1)) - Double(count) * log(2)
    let logarithms = (max(least, 0)...count).map { heads -> Double in
      ways - lgamma(Double(heads + 1)) - lgamma(Double(count - heads + 1))
    }
    // From the smallest on, so that none is lost.
    return min(1, logarithms.map { exp($0) }.sorted().reduce(0, +))
  }
}
