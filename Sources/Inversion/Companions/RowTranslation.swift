import LinearAlgebra

/// `f(x) = x - origin` with an origin for each row: batches have a row for every one of them.
struct RowTranslation: DifferentiableMap {
  let origins: Batch

  var inputCount: Int { origins.width }
  var outputCount: Int { origins.width }

  /// In place where nobody else holds the batch.
  func evaluate(_ x: consuming Batch) -> Batch {
    precondition(x.count == origins.count, "a row for every origin")
    x.values.withUnsafeMutableBufferPointer { x in
      origins.values.withUnsafeBufferPointer { origins in
        for place in x.indices { x[place] -= origins[place] }
      }
    }
    return x
  }

  func linearize(at x: consuming Batch) -> Linearization {
    Linearization(value: evaluate(x), jacobian: IdentityMap(count: origins.width))
  }
}
