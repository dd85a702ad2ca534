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

  /// In place where nobody else holds the batch.
  public func apply(_ x: consuming Batch) -> Batch {
    let (count, width) = (x.count, scales.width)
    guard count > 0, width > 0 else { return x }
    precondition(x.width == width && count % scales.count == 0, "rows come in equal groups")
    let vectorsPerSample = count / scales.count
    x.values.withUnsafeMutableBufferPointer { x in
      scales.values.withUnsafeBufferPointer { scales in
        for row in 0..<count {
          let start = row &* width
          let scale = (row / vectorsPerSample) &* width
          for entry in 0..<width { x[start &+ entry] *= scales[scale &+ entry] }
        }
      }
    }
    return x
  }

  public func applyAdjoint(_ y: consuming Batch) -> Batch { apply(y) }
}
