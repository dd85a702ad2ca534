/// The values of a tensor of this shape with its axes moved: axis `i` of the result is axis
/// `axes[i]`.
func rearranged<Value>(_ values: [Value], shape: [Int], axes: [Int]) -> [Value] {
  if axes == [1, 0] { return transposed(values, rows: shape[0], columns: shape[1]) }
  let strides = rowMajorStrides(shape)
  return gathered(values, extents: axes.map { shape[$0] }, steps: axes.map { strides[$0] })
}

/// The values repeated along the axes where `shape` has extent 1 and `result` has more.
func repeated<Value>(_ values: [Value], from shape: [Int], to result: [Int]) -> [Value] {
  let strides = rowMajorStrides(shape)
  return gathered(
    values, extents: result, steps: shape.indices.map { shape[$0] == 1 ? 0 : strides[$0] })
}

/// How far apart the neighbours along each axis lie.
private func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// A tensor of these extents, whose neighbours along axis `i` are `steps[i]` apart in `values`.
private func gathered<Value>(_ values: [Value], extents: [Int], steps: [Int]) -> [Value] {
  let count = extents.reduce(1, *)
  guard count > 0 else { return [] }
  var place = [Int](repeating: 0, count: extents.count)
  var source = 0
  return [Value](unsafeUninitializedCapacity: count) { result, filled in
    while filled < count {
      result.initializeElement(at: filled, to: values[source])
      filled += 1
      for axis in extents.indices.reversed() {
        place[axis] += 1
        source += steps[axis]
        if place[axis] < extents[axis] { break }
        source -= steps[axis] * extents[axis]
        place[axis] = 0
      }
    }
  }
}

/// In squares that stay in the cache on both sides.
private func transposed<Value>(_ values: [Value], rows: Int, columns: Int) -> [Value] {
  let side = 32
  return [Value](unsafeUninitializedCapacity: values.count) { result, filled in
    for top in stride(from: 0, to: rows, by: side) {
      for left in stride(from: 0, to: columns, by: side) {
        for row in top..<min(top + side, rows) {
          for column in left..<min(left + side, columns) {
            result.initializeElement(
              at: column &* rows &+ row, to: values[row &* columns &+ column])
          }
        }
      }
    }
    filled = values.count
  }
}
