import LinearAlgebra

extension InteriorPointIterate {
  /// Where a program comes without a start: the point that comes nearest to `A z = b`, the shortest
  /// duals with `A'y = -c`, both shifted until they are well inside (Mehrotra 1992, section 7). With
  /// forgiven excesses, duals in the middle of their range.
  func placeByLeastSquares() {
    weights.update(repeating: 1)
    products.setGram(weights: UnsafeBufferPointer(weights), in: equations)
    guard equations.factorize() else {
      // Weights of one make an infinite matrix only where the program's numbers overflow.
      point.update(repeating: 0)
      dual.update(repeating: 1)
      return settle(leastSlack: 1)
    }
    products.applyAdjoint(UnsafeBufferPointer(limits), into: columnRight)
    solve(columnRight, into: point)
    products.apply(UnsafeBufferPointer(point), into: image)
    if softCount > 0 {
      var total = 0.0
      for row in 0..<rowCount { total += abs(image[row] - limits[row]) }
      return settle(leastSlack: total / Double(rowCount) + 1e-3)
    }
    for column in 0..<columnCount { columnRight[column] = -costs[column] }
    solve(columnRight, into: step)
    products.apply(UnsafeBufferPointer(step), into: dual)
    for row in 0..<rowCount { slack[row] = limits[row] - image[row] }
    shiftInside()
    for row in 0..<rowCount { room[row] = 1 }
  }

  private func solve(_ right: Vector, into solution: Vector) {
    guard let right = right.baseAddress, let solution = solution.baseAddress else { return }
    equations.solve(right, into: solution)
  }

  private func shiftInside() {
    guard rowCount > 0 else { return }
    func lift(_ vector: Vector, by amount: Double) {
      for row in 0..<rowCount { vector[row] += amount }
    }
    lift(slack, by: max(0, -1.5 * (slack.min() ?? 0)))
    lift(dual, by: max(0, -1.5 * (dual.min() ?? 0)))
    let product = zip(slack, dual).reduce(0) { $0 + $1.0 * $1.1 }
    let (slacks, duals) = (slack.reduce(0, +), dual.reduce(0, +))
    if product > 0 {
      lift(slack, by: product / duals / 2)
      lift(dual, by: product / slacks / 2)
    }
    // Where one side vanished altogether.
    lift(slack, by: max(0, 1e-2 - (slack.min() ?? 0)))
    lift(dual, by: max(0, 1e-2 - (dual.min() ?? 0)))
  }

  /// Slacks and excesses around the point's image, at least `leastSlack`.
  private func settle(leastSlack: Double) {
    for row in 0..<rowCount {
      let beyond = image[row] - limits[row]
      let isSoft = soft[row] > 0
      slack[row] = max(-beyond, 0) + leastSlack
      excess[row] = isSoft ? max(beyond, 0) + leastSlack : 0
      let range = isSoft ? penalty(row) : 2
      dual[row] = range / 2
      room[row] = isSoft ? range - dual[row] : 1
    }
  }
}
