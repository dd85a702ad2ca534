import Documents

/// A convolution of images, or of signals along one axis.
enum ConvOperator: ONNXOperator {
  static let name = "Conv"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let convolution = try Convolution(node, network)
    let weight = convolution.weight
    guard convolution.channels == weight.shape[1] * convolution.groups,
      weight.shape[0] % convolution.groups == 0
    else { throw convolution.mismatch(node) }
    let pads = try pads(convolution, node)
    let extents = convolution.axes.map { axis in
      let padded = convolution.image[axis] + pads[axis].before + pads[axis].after
      // Rounded down, also where the kernel is too large by less than a stride.
      let room = padded - convolution.reach(axis)
      return room < 0 ? 0 : room / convolution.strides[axis] + 1
    }
    // A layer pads both ends of an axis alike.
    let shared = pads.map { min($0.before, $0.after) }
    let rest = zip(pads, shared).map { (before: $0.before - $1, after: $0.after - $1) }
    let signal = try network.pad(convolution.signal, [(0, 0), (0, 0)] + rest, node)
    return .signal(
      try convolution.append(
        "conv", behind: signal, outputs: weight.shape[0], extents: extents, padding: shared, node,
        &network))
  }

  private static func pads(
    _ convolution: Convolution, _ node: ONNXNode
  ) throws(WeightFormatError) -> [(before: Int, after: Int)] {
    let autoPad = try node.text("auto_pad", default: "NOTSET")
    switch autoPad {
    case "NOTSET": return convolution.pads
    case "VALID": return convolution.axes.map { _ in (0, 0) }
    case "SAME_UPPER", "SAME_LOWER":
      // As many outputs as steps of the stride fit into the image.
      return convolution.axes.map { axis in
        let (image, stride) = (convolution.image[axis], convolution.strides[axis])
        let covered = (image - 1) / stride * stride + convolution.reach(axis)
        let missing = max(covered - image, 0)
        let (less, more) = (missing / 2, missing - missing / 2)
        return autoPad == "SAME_UPPER" ? (less, more) : (more, less)
      }
    default:
      throw node.unsupported(
        "has auto_pad \(autoPad); expected NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    }
  }
}

/// The adjoint of a convolution, PyTorch's `ConvTranspose1d` and `ConvTranspose2d`.
enum ConvTransposeOperator: ONNXOperator {
  static let name = "ConvTranspose"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let convolution = try Convolution(node, network)
    let weight = convolution.weight
    guard convolution.channels == weight.shape[0],
      convolution.channels % convolution.groups == 0
    else { throw convolution.mismatch(node) }
    let autoPad = try node.text("auto_pad", default: "NOTSET")
    guard ["NOTSET", "VALID"].contains(autoPad) else {
      throw node.unsupported("has auto_pad \(autoPad); expected NOTSET, with explicit pads")
    }
    let rank = convolution.axes.count
    let extra =
      try node.integers("output_padding", in: 0...Convolution.stepMax, count: rank)
      ?? [Int](repeating: 0, count: rank)
    let full = convolution.axes.map { axis in
      (convolution.image[axis] - 1) * convolution.strides[axis] + convolution.reach(axis)
        + extra[axis]
    }
    var crops = autoPad == "VALID" ? convolution.axes.map { _ in (0, 0) } : convolution.pads
    if let asked = try node.integers(
      "output_shape", in: 1...Int(Int32.max), count: rank)
    {
      crops = zip(full, asked).map { full, asked in
        // Where the number is odd, the start loses more.
        (full - asked - (full - asked) / 2, (full - asked) / 2)
      }
      guard zip(full, asked).allSatisfy({ $0 >= $1 }) else {
        throw node.unsupported("has output_shape \(asked); expected at most \(full)")
      }
    }
    return .signal(
      try append(convolution, full: full, extra: extra, crops: crops, node, &network))
  }

  /// The layer crops both ends of an axis alike, and makes up for less at the end by output padding;
  /// what is left is cut off behind it.
  private static func append(
    _ convolution: Convolution, full: [Int], extra: [Int], crops: [(before: Int, after: Int)],
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXSignal {
    var (padding, extra, extents) = (crops.map { min($0.before, $0.after) }, extra, full)
    for axis in convolution.axes {
      let more = extra[axis] + max(crops[axis].before - crops[axis].after, 0)
      if more < max(convolution.strides[axis], convolution.dilations[axis]) {
        extents[axis] += more - extra[axis]
        extra[axis] = more
        padding[axis] = crops[axis].before
      }
      padding[axis] = min(padding[axis], crops[axis].before)
      extents[axis] -= 2 * padding[axis]
    }
    let whole = try convolution.append(
      "conv_transpose", behind: convolution.signal,
      outputs: convolution.weight.shape[1] * convolution.groups,
      extents: extents, padding: padding,
      extraFields: extra.allSatisfy { $0 == 0 } ? [] : [("output_padding", JSONValue(extra))],
      node, &network)
    var result = whole
    for axis in convolution.axes {
      let start = crops[axis].before - padding[axis]
      let extent = full[axis] - crops[axis].before - crops[axis].after
      guard extent > 0 else {
        throw node.malformed("would give the shape \(extents); expected positive dimensions")
      }
      result = try network.slice(
        result, axis: 2 + axis,
        Stretch(extent: extents[axis], from: start, to: start + extent, step: 1), node)
    }
    return result
  }
}
