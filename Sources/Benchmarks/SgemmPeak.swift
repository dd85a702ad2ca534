import LinearAlgebra

/// Work timed against what this processor's single-precision matrix product reaches at the same
/// moment: other programs disturb both alike.
struct SgemmPeak {
  /// Rows and columns of the square product that stands for the peak.
  static let size = 1024

  private let left: Batch
  private let map: DenseMap

  init() {
    var random = RandomNumbers(seed: 2)
    left = random.normal(count: Self.size, width: Self.size)
    map = DenseMap(
      matrix: random.normal(count: Self.size, width: Self.size).values, inputCount: Self.size,
      outputCount: Self.size)
  }

  /// GFLOP/s of the product, just now.
  func rate(leastSeconds: Double) -> Double {
    let operations = 2e-9 * Double(Self.size * Self.size * Self.size)
    return operations / Stopwatch.mean(leastSeconds: leastSeconds) { _ = map.apply(left) }
  }

  /// Times every piece of work once a round, between two measurements of the peak.
  ///
  /// - Parameters:
  ///   - rounds: whose medians are given.
  ///   - leastSeconds: for which each piece is repeated within a round.
  func compare(
    _ works: [MeasuredWork], rounds: Int, leastSeconds: Double
  ) -> [MeasuredWork.Figures] {
    var seconds = works.map { _ in [Double]() }
    var shares = seconds
    for work in works { work.run() }
    for _ in 0..<rounds {
      var before = rate(leastSeconds: leastSeconds)
      for (place, work) in works.enumerated() {
        let time = Stopwatch.mean(leastSeconds: leastSeconds, work.run)
        let after = rate(leastSeconds: leastSeconds)
        seconds[place].append(time)
        shares[place].append(work.operations / time * 1e-9 / ((before + after) / 2))
        before = after
      }
    }
    return works.indices.map {
      MeasuredWork.Figures(
        seconds: seconds[$0].median, rate: works[$0].operations / seconds[$0].median * 1e-9,
        shareOfPeak: shares[$0].median)
    }
  }
}

/// A piece of work with a known number of operations.
struct MeasuredWork {
  let name: String
  /// Multiplications and additions of the affine layers.
  let operations: Double
  let run: () -> Void

  /// Medians over the rounds.
  struct Figures {
    let seconds: Double
    /// GFLOP/s.
    let rate: Double
    let shareOfPeak: Double
  }
}
