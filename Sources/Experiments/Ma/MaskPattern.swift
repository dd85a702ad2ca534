import LinearAlgebra
import Networks

/// Which pixels are seen when only a share of them is.
package enum MaskPattern: String, CaseIterable, Sendable {
  /// Each set of pixels as likely as any other.
  case random
  /// The upper part of the picture: half of it at a rate of 1/2.
  case half
  /// The pixels nearest to the border.
  case boundary

  /// The observed pixels of a picture of one channel.
  ///
  /// - Parameters:
  ///   - rate: share of the pixels, rounded to a whole number of them, at least one.
  ///   - shape: channels (one), height, width.
  package func pixels(rate: Double, shape: [Int], from random: inout RandomNumbers) -> [Int] {
    let (height, width) = (shape[shape.count - 2], shape[shape.count - 1])
    let count = max(1, Int((rate * Double(height * width)).rounded()))
    switch self {
    case .random: return random.subset(count, below: height * width)
    case .half: return Array(0..<count)
    case .boundary:
      func depth(_ pixel: Int) -> Int {
        let (row, column) = (pixel / width, pixel % width)
        return min(min(row, height - 1 - row), min(column, width - 1 - column))
      }
      let outermost = (0..<height * width).sorted { (depth($0), $0) < (depth($1), $1) }
      return outermost.prefix(count).sorted()
    }
  }
}
