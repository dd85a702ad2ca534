/// The straight line nearest to some points, and how sure its slope is.
public struct LineFit: Sendable, Equatable {
  public var slope: Double
  public var intercept: Double
  /// Of the slope, from how far the points lie off the line; zero for two points.
  public var standardError: Double

  /// `nil` with fewer than two different abscissas.
  public init?(_ points: [(x: Double, y: Double)]) {
    let count = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    guard points.count >= 2, spread > 0 else { return nil }
    let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
    let intercept = meanY - slope * meanX
    let residuals = points.reduce(0.0) { sum, point in
      let residual = point.y - intercept - slope * point.x
      return sum + residual * residual
    }
    self.slope = slope
    self.intercept = intercept
    standardError =
      points.count > 2 ? (residuals / (count - 2) / spread).squareRoot() : 0
  }
}
