import Documents

/// Stretches of a signal or of a constant, in steps.
enum SliceOperator: ONNXOperator {
  static let name = "Slice"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let starts = try node.integers(1, orAttribute: "starts") ?? []
    let ends = try node.integers(2, orAttribute: "ends") ?? []
    let axes = try node.integers(3, orAttribute: "axes") ?? Array(starts.indices)
    let steps =
      try node.integers(4, orAttribute: "steps") ?? [Int](repeating: 1, count: starts.count)
    guard !starts.isEmpty, [ends, axes, steps].allSatisfy({ $0.count == starts.count }),
      !steps.contains(0), !steps.contains(.min)
    else {
      throw node.malformed(
        "slices from \(starts) to \(ends) in steps of \(steps) along the axes \(axes); expected as "
          + "many of each, and steps other than 0")
    }
    var result = value
    for place in starts.indices {
      let axis = try node.axis(axes[place], rank: value.shape.count)
      let stretch = Stretch(
        extent: result.shape[axis], from: starts[place], to: ends[place], step: steps[place])
      switch result {
      case .signal(let signal):
        result = .signal(try network.slice(signal, axis: axis, stretch, node))
      case .constant(let constant):
        result = .constant(try node.slice(constant, axis: axis, stretch))
      }
    }
    return result
  }
}

/// A signal cut into stretches along one axis.
enum SplitOperator: ONNXOperatorKind {
  static let name = "Split"

  static func outputs(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> [ONNXValue] {
    let value = try node.value(0)
    let axis = try node.axis(
      try node.integer("axis", default: 0, in: -8...7), rank: value.shape.count)
    let extent = value.shape[axis]
    var counts = try node.integers(1, orAttribute: "split") ?? []
    if counts.isEmpty {
      let asked = try node.integer("num_outputs", default: node.outputCount, in: 1...256)
      // The last may be shorter.
      let longest = (extent + asked - 1) / asked
      counts = (0..<asked).map { min(longest, extent - min($0 * longest, extent)) }
    }
    guard counts.count == node.outputCount, counts.allSatisfy({ (1...extent).contains($0) }),
      counts.reduce(0, +) == extent
    else {
      throw node.malformed(
        "splits \(extent) entries into \(counts) as \(node.outputCount) outputs; expected positive "
          + "counts that add up, one an output")
    }
    var outputs: [ONNXValue] = []
    var start = 0
    for count in counts {
      let stretch = Stretch(extent: extent, from: start, to: start + count, step: 1)
      switch value {
      case .signal(let signal):
        outputs.append(.signal(try network.slice(signal, axis: axis, stretch, node)))
      case .constant(let constant):
        outputs.append(.constant(try node.slice(constant, axis: axis, stretch)))
      }
      start += count
    }
    return outputs
  }
}

/// Entries by their places along an axis, which are constants.
enum GatherOperator: ONNXOperator {
  static let name = "Gather"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let axis = try node.axis(
      try node.integer("axis", default: 0, in: -8...7), rank: value.shape.count)
    let asked = try node.constant(1)
    var places: [Int] = []
    for place in try node.integers(1) {
      places.append(try node.axis(place, rank: value.shape[axis]))
    }
    guard !places.isEmpty else { throw node.malformed("gathers nothing") }
    var shape = value.shape
    shape.replaceSubrange(axis...axis, with: asked.shape)
    switch value {
    case .constant(let constant):
      return .constant(try node.slice(constant, axis: axis, places).reshaped(shape))
    case .signal(let signal):
      var parts: [ONNXSignal] = []
      for stretch in Stretch.stretches(of: places, extent: signal.shape[axis]) {
        parts.append(try network.slice(signal, axis: axis, stretch, node))
      }
      let joined = try network.join(parts, axis: axis, node)
      return try ONNXValue.signal(joined).reshaped(shape, node, network)
    }
  }
}

/// Places along an axis at equal steps, as a slice asks for them.
struct Stretch {
  let extent: Int
  let first: Int
  let step: Int
  let count: Int

  /// - Parameter step: neither 0 nor `Int.min`.
  init(extent: Int, from start: Int, to end: Int, step: Int) {
    func place(_ index: Int, _ range: ClosedRange<Int>) -> Int {
      min(max(index < 0 ? index + extent : index, range.lowerBound), range.upperBound)
    }
    self.extent = extent
    // Beyond the axis there is nothing more to step over.
    self.step = min(max(step, -extent - 1), extent + 1)
    guard extent > 0 else {
      (first, count) = (0, 0)
      return
    }
    first = place(start, step > 0 ? 0...extent : 0...extent - 1)
    let limit = place(end, step > 0 ? 0...extent : -1...extent - 1)
    let distance = step > 0 ? limit - first : first - limit
    let width = abs(self.step)
    count = distance > 0 ? (distance + width - 1) / width : 0
  }

  var places: [Int] { (0..<count).map { first + $0 * step } }

  /// The fewest that have these places one after the other.
  static func stretches(of places: [Int], extent: Int) -> [Stretch] {
    var stretches: [Stretch] = []
    var start = 0
    while start < places.count {
      var end = start + 1
      let step = end < places.count ? max(places[end] - places[start], 1) : 1
      while end < places.count, places[end] - places[end - 1] == step { end += 1 }
      stretches.append(
        Stretch(extent: extent, from: places[start], to: places[end - 1] + 1, step: step))
      start = end
    }
    return stretches
  }
}

extension ONNXNetwork {
  /// A stretch of the signal along an axis of its shape.
  mutating func slice(
    _ signal: ONNXSignal, axis: Int, _ stretch: Stretch, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let (first, count) = (stretch.first, stretch.count)
    let step = count > 1 ? stretch.step : 1
    guard count > 0 else {
      throw node.unsupported("takes nothing of axis \(axis) of the shape \(signal.shape)")
    }
    if count == stretch.extent, step == 1 { return signal }
    guard step > 0, let (sample, offset) = sample(of: signal.shape), axis >= offset else {
      throw node.unsupported(
        "takes every \(step). entry of axis \(axis) of the shape \(signal.shape); expected steps "
          + "forward along an axis that is not the batch")
    }
    var shape = signal.shape
    shape[axis] = count
    var fields: [(name: String, value: JSONValue)] = [
      ("dim", JSONValue(axis - offset)), ("start", JSONValue(first)),
      ("end", JSONValue(first + (count - 1) * step + 1)),
    ]
    if step != 1 { fields.append(("step", JSONValue(step))) }
    let input = shaped(signal, sample)
    return append(
      ONNXLayer("slice", behind: input, fields: fields), shape: shape,
      layerShape: Array(shape.dropFirst(offset)))
  }
}

extension ONNXNode {
  fileprivate func slice(
    _ constant: ONNXConstant, axis: Int, _ stretch: Stretch
  ) throws(WeightFormatError) -> ONNXConstant {
    guard stretch.count <= ONNXConstant.integersMax else {
      throw unsupported(
        "takes \(stretch.count) entries of axis \(axis) of a constant of shape \(constant.shape); "
          + "expected at most \(ONNXConstant.integersMax) numbers")
    }
    return try slice(constant, axis: axis, stretch.places)
  }

  /// The entries of a short constant at these places along an axis.
  fileprivate func slice(
    _ constant: ONNXConstant, axis: Int, _ places: [Int]
  ) throws(WeightFormatError) -> ONNXConstant {
    var shape = constant.shape
    let inner = shape[(axis + 1)...].reduce(1, *)
    let extent = shape[axis]
    shape[axis] = places.count
    let outer = shape[..<axis].reduce(1, *)
    func taken<Value>(_ values: [Value]) -> [Value] {
      var result: [Value] = []
      for block in 0..<outer {
        for place in places {
          let start = (block * extent + place) * inner
          result += values[start..<start + inner]
        }
      }
      return result
    }
    let (count, overflow) = places.count.multipliedReportingOverflow(
      by: constant.elementCount / max(extent, 1))
    guard !overflow, count <= ONNXConstant.integersMax else {
      throw unsupported(
        "takes \(places.count) entries of axis \(axis) of a constant of shape \(constant.shape); "
          + "expected at most \(ONNXConstant.integersMax) numbers")
    }
    guard constant.elementType.isFloatingPoint else {
      let integers = taken(try constant.integers(in: source))
      return ONNXConstant(integers: integers, shape: shape, name: outputName)
    }
    return ONNXConstant(
      reals: taken(try constant.reals(in: source)), shape: shape, name: outputName)
  }
}
