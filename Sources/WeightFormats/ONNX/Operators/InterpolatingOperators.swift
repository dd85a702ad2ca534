import Documents
import Networks

/// Entries by their places along the first axes, which are constants: as exporters write linear
/// upsampling along one axis, and only as a part of that.
enum GatherNDOperator: ONNXOperator {
  static let name = "GatherND"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let signal = try node.signal(0)
    let asked = try node.constant(1)
    let shape = signal.shape
    let extents = shape.filter { $0 != 1 }
    guard try node.integer("batch_dims", default: 0, in: 0...8) == 0, asked.shape.count == 2,
      asked.shape[1] == 1, asked.shape[0] > 1, let extent = shape.first, extent > 1,
      network.sample(of: shape)?.offset == 0, !asked.elementType.isFloatingPoint
    else {
      throw node.unsupported(
        "takes places of shape \(asked.shape) from the shape \(shape); expected a list of places "
          + "along a first axis that is not the batch")
    }
    var places: [Int] = []
    for place in try asked.tensor(in: node.source).values {
      places.append(try node.axis(Int(place), rank: extent))
    }
    var layer = ONNXLayer(
      "gather", of: [network.shaped(signal, extents)],
      refusal: node.unsupported(
        "takes entries in an order of their own; that is supported as a part of linear upsampling "
          + "along one axis (torch.onnx.export with dynamo=False writes it in one piece)"))
    layer.places = places
    return .signal(
      network.append(
        layer, shape: try node.checked([places.count] + shape.dropFirst()),
        layerShape: [places.count] + extents.dropFirst()))
  }
}

/// Linear upsampling along one axis that an exporter has taken apart: `a + (b - a) w` with two
/// neighbours `a` and `b` for each place, and the second one's share `w`.
extension ONNXNetwork {
  /// Entries of a signal at places along the first axis of its layer's shape, which has then moved.
  private struct Gathering {
    let source: ONNXSignal
    let places: [Int]
    let dims: [Int]
  }

  /// The sum of the signals as a layer that upsamples; `nil` when it is anything else.
  mutating func interpolation(
    _ first: ONNXSignal, _ weighted: ONNXSignal, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal? {
    guard let near = gathering(first), let scaling = layer(of: weighted), scaling.isScaling,
      scaling.weights[1].constant == nil, let shares = scaling.weights[0].constant,
      let difference = difference(scaling.inputs[0]), difference.from.layer == first.layer,
      let far = gathering(difference.of), far.source.layer == near.source.layer,
      far.dims == near.dims, near.dims.last == 0
    else { return nil }
    let source = near.source
    let (extent, count) = (source.layerShape[0], near.places.count)
    let channels = source.layerShape.dropFirst().reduce(1, *)
    let values = try shares.tensor(in: node.source).values
    guard values.count == channels * count else { return nil }
    var positions: [Double] = []
    for (place, share) in values.enumerated() {
      let (near, far) = (near.places[place % count], far.places[place % count])
      guard share == 0 || far == min(near + 1, extent - 1) else { return nil }
      positions.append(Double(near) + Double(far - near) * Double(share))
    }
    guard let alignsCorners = Self.alignment(of: positions, extent: extent, count: count) else {
      return nil
    }
    let base = try permuted(source, source.layerShape, near.dims)
    var fields: [(name: String, value: JSONValue)] = [
      ("size", JSONValue([count])), ("mode", "linear"),
    ]
    if alignsCorners { fields.append(("align_corners", true)) }
    return append(
      ONNXLayer("upsample", behind: shaped(base, [channels, extent]), fields: fields),
      shape: first.shape, layerShape: [channels, count])
  }

  /// Whether the outermost entries stay in place, where these are the positions that linear
  /// upsampling has, for one channel after the other.
  private static func alignment(of positions: [Double], extent: Int, count: Int) -> Bool? {
    [false, true].first { alignsCorners in
      positions.enumerated().allSatisfy { index, position in
        let place = Double(index % count)
        let expected =
          alignsCorners
          ? place * Double(extent - 1) / Double(count - 1)
          : (place + 0.5) * Double(extent) / Double(count) - 0.5
        // Shares were computed in single precision.
        let bounded = min(max(expected, 0), Double(extent - 1))
        return abs(position - bounded) <= 1e-6 * Double(max(extent, 10))
      }
    }
  }

  private func gathering(_ signal: ONNXSignal) -> Gathering? {
    guard let layer = layer(of: signal) else { return nil }
    if let places = layer.places {
      let source = layer.inputs[0]
      return Gathering(source: source, places: places, dims: Array(source.layerShape.indices))
    }
    guard let dims = layer.dims, let moved = self.layer(of: layer.inputs[0]),
      let places = moved.places
    else { return nil }
    return Gathering(source: moved.inputs[0], places: places, dims: dims)
  }

  /// The two signals whose difference this is, in whatever shape.
  private func difference(_ signal: ONNXSignal) -> (of: ONNXSignal, from: ONNXSignal)? {
    guard let layer = layer(of: signal) else { return nil }
    if layer.type == "reshape" { return difference(layer.inputs[0]) }
    guard layer.inputs.count == 2, let function = layer.function,
      function([1, 0]) == 1, function([0, 1]) == -1, function([5, 3]) == 2
    else { return nil }
    return (layer.inputs[0], layer.inputs[1])
  }
}
