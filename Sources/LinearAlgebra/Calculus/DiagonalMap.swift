/// Multiplies every vector of a sample, entry by entry, with that sample's row: the derivative
/// of whatever acts on each entry alone.
public struct DiagonalMap: LinearMap {
  let scales: Batch

  /// - Parameter scales: one row a sample.
  public init(_ scales: Batch) {
    self.scales = scales
  }

  public var inputCount: Int { scales.width }
  public var outputCount: Int { scales.width }
  public var sampleCount: Int { scales.count }

  public func apply(_ x: Batch) -> Batch {
    let width = scales.width
    guard x.count > 0, width > 0 else { return x }
    precondition(x.width == width && x.count % scales.count == 0, "rows come in equal groups")
    let vectorsPerSample = x.count / scales.count
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        scales.values.withUnsafeBufferPointer { scales in
          for row in 0..<x.count / width {
            let from = row &* width
            let scale = (row / vectorsPerSample) &* width
            for entry in 0..<width {
              result[from &+ entry] = x[from &+ entry] * scales[scale &+ entry]
            }
          }
        }
      }
    }
  }

  public func applyAdjoint(_ y: Batch) -> Batch { apply(y) }
}
