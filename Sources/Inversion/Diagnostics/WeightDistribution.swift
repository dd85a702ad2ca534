import Foundation

/// How the weights of one layer are distributed, beside the Gaussian of the same mean and deviation
/// (Ma, Ayaz and Karaman 2018, figure 3).
public struct WeightDistribution: Sendable {
  /// Place in the architecture document, counted from 0.
  public var layer: Int
  public var count: Int
  public var mean: Double
  public var deviation: Double
  /// `E(w - mean)^3 / deviation^3`; 0 for a Gaussian, and where there is no deviation.
  public var skewness: Double
  /// `E(w - mean)^4 / deviation^4 - 3`; 0 for a Gaussian, and where there is no deviation.
  public var excessKurtosis: Double
  /// Of the bins, one more than there are bins: equally wide, from the least weight to the greatest.
  public var binEdges: [Double]
  public var binCounts: [Int]
  /// What the Gaussian expects in each bin.
  public var gaussianCounts: [Double]
  /// The largest distance between the two distribution functions (Kolmogorov and Smirnov), of at
  /// most `sampleMax` weights that are evenly spread over the tensor.
  public var distance: Double

  public static let binCount = 64
  private static let sampleMax = 1 << 18

  /// - Parameter weights: finite, at least one.
  init?(layer: Int, _ weights: [Float]) {
    guard let least = weights.min(), let greatest = weights.max() else { return nil }
    self.layer = layer
    count = weights.count
    let mean = weights.reduce(0) { $0 + Double($1) } / Double(weights.count)
    var moments = (second: 0.0, third: 0.0, fourth: 0.0)
    for weight in weights {
      let offset = Double(weight) - mean
      let square = offset * offset
      moments.second += square
      moments.third += square * offset
      moments.fourth += square * square
    }
    let variance = moments.second / Double(weights.count)
    let deviation = variance.squareRoot()
    self.mean = mean
    self.deviation = deviation
    skewness =
      deviation > 0 ? moments.third / Double(weights.count) / (variance * deviation) : 0
    excessKurtosis =
      deviation > 0 ? moments.fourth / Double(weights.count) / (variance * variance) - 3 : 0

    let (start, width) = (Double(least), (Double(greatest) - Double(least)) / Double(Self.binCount))
    let edges = (0...Self.binCount).map { start + Double($0) * width }
    binEdges = edges
    var counts = [Int](repeating: 0, count: Self.binCount)
    for weight in weights {
      let place = width > 0 ? Int((Double(weight) - start) / width) : 0
      counts[min(max(place, 0), Self.binCount - 1)] += 1
    }
    binCounts = counts
    func share(below edge: Double) -> Double {
      guard deviation > 0 else { return edge < mean ? 0 : 1 }
      return 0.5 * erfc((mean - edge) / (deviation * 2.0.squareRoot()))
    }
    gaussianCounts = zip(edges, edges.dropFirst()).map {
      Double(weights.count) * (share(below: $1) - share(below: $0))
    }
    let stride = (weights.count + Self.sampleMax - 1) / Self.sampleMax
    let sample = Swift.stride(from: 0, to: weights.count, by: stride).map { weights[$0] }.sorted()
    var distance = 0.0
    for (place, weight) in sample.enumerated() {
      let expected = share(below: Double(weight))
      distance = max(
        distance, expected - Double(place) / Double(sample.count),
        Double(place + 1) / Double(sample.count) - expected)
    }
    self.distance = distance
  }
}
