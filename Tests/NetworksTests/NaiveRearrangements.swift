import Documents

/// Layers that move entries or blend neighbours, written down index by index.
extension NaiveNetwork {
  /// A signal of the given shape, each entry computed from its index.
  private func signal(_ shape: [Int], _ entry: ([Int]) -> Double) -> Signal {
    let values = (0..<shape.reduce(1, *)).map { place in
      var index: [Int] = []
      var rest = place
      for extent in shape.reversed() {
        index.insert(rest % extent, at: 0)
        rest /= extent
      }
      return entry(index)
    }
    return Signal(shape: shape, values: values)
  }

  private func entry(_ x: Signal, _ index: [Int]) -> Double {
    x.values[zip(index, x.shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  func permuted(_ layer: JSONObject, _ x: Signal) -> Signal {
    let dims = layer["dims"]!.numbers!.map { Int($0) < 0 ? Int($0) + x.shape.count : Int($0) }
    return signal(dims.map { x.shape[$0] }) { index in
      var source = index
      for (to, from) in dims.enumerated() { source[from] = index[to] }
      return entry(x, source)
    }
  }

  func sliced(_ layer: JSONObject, _ x: Signal) -> Signal {
    let asked = Int(layer["dim"]?.number ?? 0)
    let axis = asked < 0 ? asked + x.shape.count : asked
    let extent = x.shape[axis]
    func bound(_ number: Double?, _ otherwise: Int) -> Int {
      let place = number.map { Int($0) } ?? otherwise
      return max(0, min(extent, place < 0 ? place + extent : place))
    }
    let start = bound(layer["start"]?.number, 0)
    let end = bound(layer["end"]?.number, extent)
    let step = Int(layer["step"]?.number ?? 1)
    var shape = x.shape
    shape[axis] = (end - start + step - 1) / step
    return signal(shape) { index in
      var source = index
      source[axis] = start + index[axis] * step
      return entry(x, source)
    }
  }

  func padded(_ layer: JSONObject, _ x: Signal) -> Signal {
    let padding = layer["padding"]!.numbers!.map { Int($0) }
    var before = [Int](repeating: 0, count: x.shape.count)
    var shape = x.shape
    for pair in 0..<padding.count / 2 {
      let axis = x.shape.count - 1 - pair
      before[axis] = padding[2 * pair]
      shape[axis] += padding[2 * pair] + padding[2 * pair + 1]
    }
    return signal(shape) { index in
      var source = index
      for axis in index.indices {
        let last = x.shape[axis] - 1
        source[axis] -= before[axis]
        guard !(0...last).contains(source[axis]) else { continue }
        switch layer["mode"]?.string {
        case "reflect": source[axis] = source[axis] < 0 ? -source[axis] : 2 * last - source[axis]
        case "replicate": source[axis] = source[axis] < 0 ? 0 : last
        default: return Double(Float(layer["value"]?.number ?? 0))
        }
      }
      return entry(x, source)
    }
  }

  func shuffled(_ layer: JSONObject, _ x: Signal) -> Signal {
    let factor = Int(layer["upscale_factor"]!.number!)
    let shape = [x.shape[0] / (factor * factor), x.shape[1] * factor, x.shape[2] * factor]
    return signal(shape) { index in
      let block = index[1] % factor * factor + index[2] % factor
      return entry(
        x, [index[0] * factor * factor + block, index[1] / factor, index[2] / factor])
    }
  }

  func upsampled(_ layer: JSONObject, _ x: Signal) -> Signal {
    let extents = Array(x.shape.dropFirst())
    func perAxis(_ field: String) -> [Double]? {
      layer[field]?.number.map { [Double](repeating: $0, count: extents.count) }
        ?? layer[field]?.numbers
    }
    let scales = perAxis("scale_factor")
    let size =
      perAxis("size")?.map { Int($0) }
      ?? zip(extents, scales!).map { Int((Double($0) * $1).rounded(.down)) }
    let keepsScale = scales != nil && layer["recompute_scale_factor"] != true
    let isNearest = (layer["mode"]?.string ?? "nearest") == "nearest"
    let isAligned = layer["align_corners"] == true
    let isAsymmetric = layer["coordinates"] == "asymmetric"

    /// The places of the input that an output is made from, along one axis, with their shares.
    func sources(_ place: Int, _ axis: Int) -> [(place: Int, share: Double)] {
      let last = extents[axis] - 1
      let ratio = keepsScale ? 1 / scales![axis] : Double(extents[axis]) / Double(size[axis])
      if isNearest { return [(min(Int(Double(place) * ratio), last), 1)] }
      let position =
        isAligned
        ? size[axis] == 1 ? 0 : Double(place * last) / Double(size[axis] - 1)
        : isAsymmetric ? ratio * Double(place) : max(0, ratio * (Double(place) + 0.5) - 0.5)
      let lower = min(Int(position), last)
      let share = min(position - Double(lower), 1)
      return [(lower, 1 - share), (min(lower + 1, last), share)]
    }
    return signal([x.shape[0]] + size) { index in
      var terms = [(source: [index[0]], share: 1.0)]
      for axis in extents.indices {
        terms = terms.flatMap { term in
          sources(index[axis + 1], axis).map { (term.source + [$0.place], term.share * $0.share) }
        }
      }
      return terms.reduce(0) { $0 + $1.share * entry(x, $1.source) }
    }
  }
}
