import LinearAlgebra

/// The layers of a generator as a graph of maps, and the shortest chain of stages that computes it:
/// constants are folded into the affine map before them, and only what branches stays a `Graph`.
struct LayerGraph {
  private var nodes: [Graph.Node] = []
  /// The value that each layer gives, in the order of the layers; first the latent.
  private var values = [0]

  /// - Parameters:
  ///   - operation: `nil` when the layer gives the numbers that it takes.
  ///   - inputs: the layers it takes from, as ``LayerWiring`` counts them.
  mutating func append(_ operation: Graph.Operation?, inputs: [Int]) {
    let taken = inputs.map { values[$0] }
    guard let operation else {
      values.append(taken[0])
      return
    }
    nodes.append(Graph.Node(operation, inputs: taken))
    values.append(nodes.count)
  }

  /// The computation from the latent to the last layer, which the graph then no longer has.
  consuming func stages(inputCount: Int) -> [any DifferentiableMap] {
    let nodes = folded()
    var stages: [any DifferentiableMap] = []
    var count = inputCount
    var start = 0
    for end in Self.waists(of: nodes) {
      let stage = Self.stage(nodes[start..<end], inputCount: count)
      stages.append(stage)
      count = stage.outputCount
      start = end
    }
    return stages
  }

  /// The nodes after each of which nothing takes a value from before it.
  private static func waists(of nodes: [Graph.Node]) -> [Int] {
    var lastUses = [Int](repeating: 0, count: nodes.count + 1)
    for (place, node) in nodes.enumerated() {
      for input in node.inputs { lastUses[input] = place + 1 }
    }
    var latest = 0
    return (1...max(nodes.count, 1)).filter { value in
      guard value <= nodes.count else { return false }
      latest = max(latest, lastUses[value - 1])
      return latest <= value
    }
  }

  /// Nodes that only take the value before them and their own.
  private static func stage(
    _ nodes: ArraySlice<Graph.Node>, inputCount: Int
  ) -> any DifferentiableMap {
    if nodes.count == 1, let node = nodes.first, case .map(let map) = node.operation { return map }
    return Graph(
      nodes.map { node in
        Graph.Node(node.operation, inputs: node.inputs.map { $0 - nodes.startIndex })
      }, inputCount: inputCount)
  }

  /// Constants behind an affine map that nothing else takes become part of it.
  private mutating func folded() -> [Graph.Node] {
    var uses = [Int](repeating: 0, count: nodes.count + 1)
    for node in nodes { for input in node.inputs { uses[input] += 1 } }
    var result: [Graph.Node] = []
    var places = [0]
    for index in nodes.indices {
      let node = nodes[index]
      // Whatever is folded into it, the map as it was is not needed again, nor are its weights.
      nodes[index].operation = .sum
      let inputs = node.inputs.map { places[$0] }
      if case .map(let map) = node.operation, let scaling = map as? EntryScaling,
        let place = inputs.first, place > 0, uses[node.inputs[0]] == 1,
        case .map(let before) = result[place - 1].operation, let affine = before as? AffineMap,
        let folded = scaling.folded(into: affine)
      {
        result[place - 1].operation = .map(folded)
        places.append(place)
      } else {
        result.append(Graph.Node(node.operation, inputs: inputs))
        places.append(result.count)
      }
    }
    return result
  }
}
