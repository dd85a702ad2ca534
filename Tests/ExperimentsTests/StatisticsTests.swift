import Experiments
import LinearAlgebra
import Testing

/// Statistics against known values and against draws.
struct StatisticsTests {
  /// Against the roots of the score equation, solved by hand for 8 of 10 and 0 of 10.
  @Test func wilsonsInterval() {
    let most = Share(8, of: 10).interval
    #expect(abs(most.lowerBound - 0.490_2) < 5e-4 && abs(most.upperBound - 0.943_3) < 5e-4)
    let none = Share(0, of: 10).interval
    #expect(none.lowerBound == 0 && abs(none.upperBound - 0.277_5) < 5e-4)
    #expect(Share(10, of: 10).interval.upperBound == 1)
    #expect(Share(0, of: 0).interval == 0...1)
  }

  /// Intervals of both kinds hold what they should about as often as they say: of 600 draws at
  /// least 92 in 100, four standard errors below 95.
  @Test func intervalsHoldTheTruth() {
    var random = RandomNumbers(seed: 5)
    var held = (share: 0, median: 0)
    for _ in 0..<600 {
      let share = Share((0..<40).map { _ in random.uniform() < 0.3 })
      if share.interval.contains(0.3) { held.share += 1 }
      // A skewed distribution: its median is not its mean.
      let median = Median((0..<25).map { _ in -RandomNumbers.logarithm(1 - random.uniform()) })
      if median.interval.contains(0.693_147) { held.median += 1 }
    }
    #expect(held.share >= 548, "\(held.share)")
    #expect(held.median >= 548, "\(held.median)")
  }

  @Test func meansAndMedians() {
    let mean = Mean([1, 2, 3, 6])
    #expect(mean.value == 3)
    // Squared deviations 4 + 1 + 0 + 9 over 3, over 4.
    #expect(abs(mean.standardError - (14.0 / 12).squareRoot()) < 1e-12)
    #expect(Mean([5]).standardError == 0)
    #expect(Median([9, 1, 4, 2]).value == 3)
    #expect(Median([9, 1, 4, 2]).interval == 1...9)
  }

  @Test func fairCoins() {
    // Of 16 outcomes of four tosses 1, 5, 11, 15 and 16 have at least 4, 3, 2, 1 and 0 heads.
    for (least, count) in [(4, 1.0), (3, 5), (2, 11), (1, 15), (0, 16), (-3, 16), (5, 0)] {
      let probability = FairCoins.probability(ofAtLeast: least, in: 4)
      #expect(abs(probability - count / 16) < 1e-12, "\(least)")
    }
    // By symmetry, with 250 tosses as well.
    let middle = FairCoins.probability(ofAtLeast: 125, in: 250)
    #expect(abs(middle + FairCoins.probability(ofAtLeast: 126, in: 250) - 1) < 1e-10)
    #expect(abs(FairCoins.probability(ofAtLeast: 1, in: 250) - 1) < 1e-10)
  }

  @Test func spreads() {
    let spread = Spread((0...10).reversed().map { Double($0) * 3 })
    #expect(spread == Spread([0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30]))
    #expect(spread.tenth == 3 && spread.quarter == 7.5 && spread.median == 15)
    #expect(spread.threeQuarters == 22.5 && spread.nineTenths == 27)
    #expect(Spread([5]).nineTenths == 5)
  }

  @Test func linesAreFitted() throws {
    let exact = try #require(LineFit([(x: 1, y: 5), (x: 2, y: 7), (x: 4, y: 11)]))
    #expect(abs(exact.slope - 2) < 1e-12 && abs(exact.intercept - 3) < 1e-12)
    #expect(exact.standardError < 1e-12)
    let noisy = try #require(LineFit([(x: 0, y: 0), (x: 1, y: 1.5), (x: 2, y: 2)]))
    // Residuals -1/6, 1/3, -1/6 about the slope 1.
    #expect(abs(noisy.slope - 1) < 1e-12)
    #expect(abs(noisy.standardError - (1.0 / 12).squareRoot()) < 1e-12)
    #expect(LineFit([]) == nil && LineFit([(x: 1, y: 1), (x: 1, y: 2)]) == nil)
  }

  @Test func momentsTellGaussiansFromOthers() {
    var random = RandomNumbers(seed: 9)
    let gaussian = Moments((0..<20_000).map { _ in Float(2 + 3 * random.normal()) })
    #expect(abs(gaussian.mean - 2) < 0.1 && abs(gaussian.deviation - 3) < 0.1)
    // Four standard errors.
    #expect(abs(gaussian.skewness) < 4 * gaussian.skewnessError)
    #expect(abs(gaussian.excessKurtosis) < 4 * gaussian.kurtosisError)
    #expect(gaussian.gaussianDistance < 1.5 * gaussian.distanceByChance)
    let uniform = Moments((0..<20_000).map { _ in Float(random.uniform()) })
    // A uniform distribution has excess kurtosis -6/5, and its distance to the Gaussian of the same
    // moments is 0.0582 (at 0.117 and 0.883 of its width).
    #expect(abs(uniform.excessKurtosis + 1.2) < 0.05)
    #expect(abs(uniform.gaussianDistance - 0.058) < 0.01)
    #expect(abs(uniform.density(at: uniform.mean) - 0.398_9 / uniform.deviation) < 1e-3)
  }
}
