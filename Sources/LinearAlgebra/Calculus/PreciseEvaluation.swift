/// A map that can also be evaluated in double precision, its single-precision constants taken as
/// they are: what the last digits of a solution are found with.
public protocol PreciselyEvaluated: DifferentiableMap {
  /// The value at one row; `nil` where a part has no such evaluation.
  func evaluatePrecisely(_ x: [Double]) -> [Double]?
}

extension Chain: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    var value = x
    for stage in stages {
      guard let next = (stage as? any PreciselyEvaluated)?.evaluatePrecisely(value) else {
        return nil
      }
      value = next
    }
    return value
  }
}

extension AffineMap: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    guard let value = (linear as? any PreciselyEvaluated)?.evaluatePrecisely(x) else { return nil }
    guard let offset else { return value }
    return zip(value, offset).map { $0 + Double($1) }
  }
}

extension IdentityMap: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { x }
}

extension Translation: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    zip(x, origin).map { $0 - Double($1) }
  }
}

extension SelectionMap: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { indices.map { x[$0] } }
}

extension DenseMap: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    matrix.withUnsafeBufferPointer { matrix in
      x.withUnsafeBufferPointer { x in
        (0..<outputCount).map { row in
          Self.product(
            UnsafeBufferPointer(rebasing: matrix[row * inputCount..<(row + 1) * inputCount]), x)
        }
      }
    }
  }

  private static func product(
    _ row: UnsafeBufferPointer<Float>, _ x: UnsafeBufferPointer<Double>
  ) -> Double {
    var sums = SIMD8<Double>.zero
    let whole = x.count & ~7
    if let row = row.baseAddress, let x = x.baseAddress {
      for start in stride(from: 0, to: whole, by: 8) {
        let weights = UnsafeRawPointer(row + start).loadUnaligned(as: SIMD8<Float>.self)
        let entries = UnsafeRawPointer(x + start).loadUnaligned(as: SIMD8<Double>.self)
        sums += SIMD8<Double>(weights) * entries
      }
    }
    return (whole..<x.count).reduce(sums.sum()) { $0 + Double(row[$1]) * x[$1] }
  }
}
