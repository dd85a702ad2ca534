/// Takes some entries of a row, in a given order: a mask, written as the map it is.
public struct SelectionMap: LinearMap {
  public let inputCount: Int
  /// Which entries; distinct, each in `0..<inputCount`.
  public let indices: [Int]

  public init(_ indices: [Int], inputCount: Int) {
    precondition(indices.allSatisfy { (0..<inputCount).contains($0) }, "indices lie in the row")
    self.indices = indices
    self.inputCount = inputCount
  }

  public var outputCount: Int { indices.count }

  public func apply(_ x: Batch) -> Batch {
    let width = indices.count
    let stride = inputCount
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        for row in 0..<(width > 0 ? result.count / width : 0) {
          for (place, index) in indices.enumerated() {
            result[row &* width &+ place] = x[row &* stride &+ index]
          }
        }
      }
    }
  }

  /// Puts the entries back where they came from, zero elsewhere.
  public func applyAdjoint(_ y: Batch) -> Batch {
    var result = Batch(zeros: y.count, width: inputCount)
    for row in 0..<y.count {
      for (place, index) in indices.enumerated() {
        result.values[row &* inputCount &+ index] = y.values[row &* indices.count &+ place]
      }
    }
    return result
  }
}
