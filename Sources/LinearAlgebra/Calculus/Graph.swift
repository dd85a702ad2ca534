/// Maps that use one another's values, in an order of computation: a directed acyclic graph, which a
/// `Chain` is the simplest of. Residual connections are sums of such values.
///
/// Value 0 is what goes in, value `i + 1` what node `i` gives; the last node gives what comes out.
public struct Graph: DifferentiableMap {
  /// What a node does with the values that it takes.
  public enum Operation: Sendable {
    /// Takes one value.
    case map(any DifferentiableMap)
    /// Adds two values or more, entry by entry.
    case sum
    /// Joins two values or more. Each is seen as `blocks` equal parts; the parts of the same place
    /// follow one another. One block joins along the first axis, one a channel along the second.
    case joining(blocks: Int)
  }

  public struct Node: Sendable {
    public var operation: Operation
    /// The values it takes, each of a node before it or 0.
    public var inputs: [Int]

    public init(_ operation: Operation, inputs: [Int]) {
      self.operation = operation
      self.inputs = inputs
    }
  }

  public let nodes: [Node]
  public let inputCount: Int
  /// Entries of each value.
  let widths: [Int]
  /// The last node that takes each value.
  let lastUses: [Int]

  /// There must be a node, and each must take values from before it, of the width that it needs.
  public init(_ nodes: [Node], inputCount: Int) {
    precondition(!nodes.isEmpty, "a graph has a node")
    var widths = [inputCount]
    var lastUses = [Int](repeating: nodes.count, count: nodes.count + 1)
    for (place, node) in nodes.enumerated() {
      precondition(
        !node.inputs.isEmpty && node.inputs.allSatisfy { (0...place).contains($0) },
        "a node takes values from before it")
      widths.append(Self.width(of: node, widths))
      for input in node.inputs { lastUses[input] = place }
    }
    self.nodes = nodes
    self.inputCount = inputCount
    self.widths = widths
    self.lastUses = lastUses
  }

  public var outputCount: Int { widths[nodes.count] }

  public var multiplyCount: Int {
    nodes.reduce(0) {
      if case .map(let map) = $1.operation { return $0 + map.multiplyCount }
      return $0
    }
  }

  public func evaluate(_ x: Batch) -> Batch {
    carry(x) { map, rows in map.evaluate(rows) }
  }

  public func linearize(at x: Batch) -> Linearization {
    var factors: [(any LinearMap)?] = Array(repeating: nil, count: nodes.count)
    let value = carry(x) { place, operation, inputs in
      switch operation {
      case .map(let map):
        let linearization = map.linearize(at: inputs[0])
        factors[place] = linearization.jacobian
        return linearization.value
      case .sum: return Batch.sum(of: inputs)
      case .joining(let blocks): return Batch.joining(inputs, blocks: blocks)
      }
    }
    return Linearization(
      value: value, jacobian: LinearGraph(graph: self, factors: factors, sampleCount: x.count))
  }

  /// Carries rows through the nodes: each map's rows are what `body` makes of the rows that it
  /// takes, sums and joins are those of the rows. So whatever is carried along linearly, such as
  /// tangents beside the value they start from, can be followed from map to map.
  public func carry(
    _ x: Batch, through body: (_ map: any DifferentiableMap, _ rows: Batch) -> Batch
  ) -> Batch {
    carry(x) { _, operation, inputs in
      switch operation {
      case .map(let map): body(map, inputs[0])
      case .sum: Batch.sum(of: inputs)
      case .joining(let blocks): Batch.joining(inputs, blocks: blocks)
      }
    }
  }

  /// Walks over the nodes and keeps each value for as long as a node takes it.
  fileprivate func carry(
    _ x: Batch, _ compute: (_ place: Int, _ operation: Operation, _ inputs: [Batch]) -> Batch
  ) -> Batch {
    var values: [Batch?] = [x]
    values.reserveCapacity(nodes.count + 1)
    for (place, node) in nodes.enumerated() {
      let inputs = node.inputs.compactMap { values[$0] }
      for input in node.inputs where lastUses[input] == place { values[input] = nil }
      values.append(compute(place, node.operation, inputs))
    }
    guard let last = values.last, let result = last else { return x }
    return result
  }

  private static func width(of node: Node, _ widths: [Int]) -> Int {
    let taken = node.inputs.map { widths[$0] }
    switch node.operation {
    case .map(let map):
      precondition(taken == [map.inputCount], "a map takes one value of its width")
      return map.outputCount
    case .sum:
      precondition(taken.allSatisfy { $0 == taken[0] }, "the terms of a sum have one width")
      return taken[0]
    case .joining(let blocks):
      precondition(
        blocks > 0 && taken.allSatisfy { $0 % blocks == 0 }, "what is joined has whole blocks")
      return taken.reduce(0, +)
    }
  }
}

/// The derivative of a `Graph`: the same graph, with the derivatives of its maps.
struct LinearGraph: LinearMap {
  let graph: Graph
  /// The derivative of each node that is a map.
  let factors: [(any LinearMap)?]
  let sampleCount: Int

  var inputCount: Int { graph.inputCount }
  var outputCount: Int { graph.outputCount }

  func apply(_ x: Batch) -> Batch {
    graph.carry(x) { place, operation, inputs in
      switch operation {
      case .map: factors[place]?.apply(inputs[0]) ?? inputs[0]
      case .sum: Batch.sum(of: inputs)
      case .joining(let blocks): Batch.joining(inputs, blocks: blocks)
      }
    }
  }

  /// From the last node back: what a value is answered with is the sum over the nodes that take it.
  func applyAdjoint(_ y: Batch) -> Batch {
    var answers: [Batch?] = Array(repeating: nil, count: graph.nodes.count) + [y]
    func answer(_ value: Int, _ part: Batch) {
      answers[value] = answers[value].map { Batch.sum(of: [$0, part]) } ?? part
    }
    for (place, node) in graph.nodes.enumerated().reversed() {
      guard let own = answers[place + 1] else { continue }
      answers[place + 1] = nil
      switch node.operation {
      case .map:
        answer(node.inputs[0], factors[place]?.applyAdjoint(own) ?? own)
      case .sum:
        for input in node.inputs { answer(input, own) }
      case .joining(let blocks):
        let widths = node.inputs.map { graph.widths[$0] }
        for (input, part) in zip(node.inputs, own.parting(into: widths, blocks: blocks)) {
          answer(input, part)
        }
      }
    }
    return answers[0] ?? Batch(zeros: y.count, width: inputCount)
  }
}

extension Batch {
  /// The sum of batches of one shape, at least one.
  fileprivate static func sum(of terms: [Batch]) -> Batch {
    var sum = terms[0]
    sum.values.withUnsafeMutableBufferPointer { sum in
      for term in terms.dropFirst() {
        term.values.withUnsafeBufferPointer { term in
          for entry in 0..<term.count { sum[entry] += term[entry] }
        }
      }
    }
    return sum
  }

  fileprivate static func joining(_ parts: [Batch], blocks: Int) -> Batch {
    let count = parts[0].count
    let sizes = parts.map { $0.width / blocks }
    return Batch(count: count, width: sizes.reduce(0, +) * blocks) { joined in
      var place = 0
      for block in 0..<count * blocks {
        for (part, size) in zip(parts, sizes) {
          for entry in 0..<size {
            joined[place &+ entry] = part.values[block &* size &+ entry]
          }
          place += size
        }
      }
    }
  }

  fileprivate func parting(into widths: [Int], blocks: Int) -> [Batch] {
    let whole = width / blocks
    var start = 0
    return widths.map { partWidth in
      let size = partWidth / blocks
      defer { start += size }
      return Batch(count: count, width: partWidth) { part in
        for block in 0..<count * blocks {
          let from = block &* whole &+ start
          for entry in 0..<size { part[block &* size &+ entry] = values[from &+ entry] }
        }
      }
    }
  }
}
