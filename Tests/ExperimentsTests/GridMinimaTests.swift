import Experiments
import LinearAlgebra
import Testing

/// Minima of functions that are known, and pixels of masks.
struct GridMinimaTests {
  private func grid(_ count: Int, _ value: (Double, Double) -> Double) -> [[Double]] {
    (0..<count).map { row in
      (0..<count).map { column in
        value(Double(row) / Double(count - 1), Double(column) / Double(count - 1))
      }
    }
  }

  @Test func wellsAreCounted() {
    let one = grid(21) { y, x in (x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5) }
    let single = GridMinima(one, tolerance: 1e-9, including: (10, 10)).minima
    #expect(single.map { [$0.row, $0.column, $0.cellCount] } == [[10, 10, 1]])
    let two = grid(21) { y, x in
      min((x - 0.25) * (x - 0.25), (x - 0.75) * (x - 0.75) + 0.01) + (y - 0.5) * (y - 0.5)
    }
    let both = GridMinima(two, tolerance: 1e-9, including: (10, 5)).minima
    #expect(both.map(\.column).sorted() == [5, 15])
  }

  /// A flat piece is one minimum, however large, and also when its rim climbs by less than the
  /// tolerance at each step.
  @Test func flatPiecesAreOne() {
    let basin = grid(21) { y, x in
      max(0, max(abs(x - 0.5), abs(y - 0.5)) - 0.2)
    }
    let flat = GridMinima(basin, tolerance: 1e-9, including: (10, 10)).minima
    #expect(flat.count == 1 && flat[0].cellCount == 81)
    let gentle = grid(21) { y, x in 1e-3 * max(abs(x - 0.5), abs(y - 0.5)) }
    let whole = GridMinima(gentle, tolerance: 1e-4, including: (10, 10)).minima
    #expect(whole.map(\.cellCount) == [441])
  }

  /// What still falls at the border is no minimum, unless it is the one that is looked for.
  @Test func bordersAreLeftOut() {
    let slope = grid(11) { _, x in x }
    #expect(GridMinima(slope, tolerance: 1e-9, including: (5, 5)).minima.isEmpty)
    #expect(GridMinima(slope, tolerance: 1e-9, including: (5, 0)).minima.count == 1)
  }

  @Test(arguments: MaskPattern.allCases)
  func masksSeeTheirShare(pattern: MaskPattern) {
    for rate in [0.001, 0.1, 0.37, 0.5, 1] {
      var random = RandomNumbers(seed: 1)
      let pixels = pattern.pixels(rate: rate, shape: [1, 10, 12], from: &random)
      #expect(pixels.count == max(1, Int((rate * 120).rounded())))
      #expect(pixels == Array(Set(pixels)).sorted() && pixels.allSatisfy { (0..<120).contains($0) })
    }
    var random = RandomNumbers(seed: 1)
    let half = pattern.pixels(rate: 0.5, shape: [1, 10, 12], from: &random)
    switch pattern {
    case .half: #expect(half == Array(0..<60))
    // The two outermost rings of 10 x 12 have 40 + 32 pixels; the first of them is seen whole.
    case .boundary: #expect(half.prefix(12) == Array(0..<12)[...] && !half.contains(5 * 12 + 6))
    case .random: #expect(half.contains { $0 >= 60 } && half.contains { $0 < 60 })
    }
  }
}
