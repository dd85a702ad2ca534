import LinearAlgebra

/// Every output is one of the inputs, or zero: what permutes axes, cuts out, and pads.
struct GatherMap: LinearMap {
  let inputCount: Int
  /// For each output the input that it is; -1 for zero. An input may be several outputs.
  let sources: [Int32]

  var outputCount: Int { sources.count }

  func apply(_ x: Batch) -> Batch {
    let rows = x.count
    return Batch(count: rows, width: sources.count) { result in
      x.values.withUnsafeBufferPointer { x in
        sources.withUnsafeBufferPointer { sources in
          for row in 0..<rows {
            let from = row &* inputCount
            let to = row &* sources.count
            for place in 0..<sources.count {
              let source = Int(sources[place])
              result[to &+ place] = source < 0 ? 0 : x[from &+ source]
            }
          }
        }
      }
    }
  }

  func applyAdjoint(_ y: Batch) -> Batch {
    let rows = y.count
    return Batch(count: rows, width: inputCount) { result in
      result.update(repeating: 0)
      y.values.withUnsafeBufferPointer { y in
        sources.withUnsafeBufferPointer { sources in
          for row in 0..<rows {
            let to = row &* inputCount
            let from = row &* sources.count
            for place in 0..<sources.count {
              let source = Int(sources[place])
              if source >= 0 { result[to &+ source] += y[from &+ place] }
            }
          }
        }
      }
    }
  }

  /// Whether each output is the input at its own place.
  var isIdentity: Bool {
    sources.count == inputCount && sources.enumerated().allSatisfy { $0 == Int($1) }
  }
}

extension GatherMap {
  /// Each axis gathered by itself.
  ///
  /// - Parameter axes: for each axis of `shape`, outermost first, the places along it that the
  ///   output takes; -1 for zero.
  init(shape: [Int], axes: [[Int]]) {
    var sources: [Int32] = [0]
    for (extent, places) in zip(shape, axes) {
      var finer: [Int32] = []
      finer.reserveCapacity(sources.count * places.count)
      for outer in sources {
        for place in places {
          finer.append(outer < 0 || place < 0 ? -1 : outer * Int32(extent) + Int32(place))
        }
      }
      sources = finer
    }
    self.init(inputCount: shape.reduce(1, *), sources: sources)
  }

  /// The axes of `shape` in another order: axis `i` of the output is axis `order[i]` of the input.
  init(shape: [Int], order: [Int]) {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    var sources: [Int32] = [0]
    for axis in order {
      var finer: [Int32] = []
      finer.reserveCapacity(sources.count * shape[axis])
      for outer in sources {
        for place in 0..<shape[axis] { finer.append(outer + Int32(place * strides[axis])) }
      }
      sources = finer
    }
    self.init(inputCount: shape.reduce(1, *), sources: sources)
  }
}

extension BuiltLayer {
  /// A layer that gathers.
  ///
  /// - Parameter fill: what stands where nothing is gathered.
  static func gather(_ map: GatherMap, outputShape: [Int], fill: Float = 0) -> BuiltLayer {
    if map.isIdentity {
      return BuiltLayer(outputShape: outputShape, parameterCount: 0, stage: nil)
    }
    let offset = fill == 0 ? nil : map.sources.map { $0 < 0 ? fill : 0 }
    return BuiltLayer(
      outputShape: outputShape, parameterCount: 0, stage: AffineMap(map, offset: offset))
  }
}
