import Documents
import LinearAlgebra

/// L-BFGS (Nocedal 1980; Liu and Nocedal 1989) with a strong Wolfe search on the least-squares loss.
/// An iteration is one evaluation of loss and gradient; the rows of a batch search on their own.
public struct LBFGS: IterativeSolver {
  public static let type = "lbfgs"

  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 500, in: 1...100_000, "evaluations of all restarts together")
  static let memoryParameter = Parameter<Int>(
    "memory", default: 10, in: 1...100, "steps that the model of the curvature remembers")

  public var iterationsMax: Int
  public var memory: Int

  public init(iterationsMax: Int = 500, memory: Int = 10) {
    self.iterationsMax = iterationsMax
    self.memory = memory
  }

  public struct State: SolverState {
    public var rows: SolverRows
    var descents: [Descent]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let (losses, gradients) = objective.gradients(at: latents)
    var rows = SolverRows(
      latents: latents, losses: losses, forwardEquivalents: 2 * Double(latents.count))
    rows.note(latents, losses: losses, gradients: gradients)
    return State(
      rows: rows,
      descents: (0..<latents.count).map {
        Descent(
          latent: latents[$0].map(Double.init), loss: losses[$0],
          gradient: gradients[$0].map(Double.init))
      })
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    let active = state.rows.active
    let trials = Batch(
      rows: active.map { state.descents[$0].trial.map { Float($0) } },
      width: state.rows.latents.width)
    let (losses, gradients) = objective.gradients(at: trials)
    state.rows.forwardEquivalents += 2 * Double(active.count)
    for (place, row) in active.enumerated() {
      let ended = state.descents[row].take(
        loss: losses[place], gradient: gradients[place].map(Double.init), memory: memory,
        scale: objective.scale)
      if losses[place] < state.rows.losses[row] {
        state.rows.losses[row] = losses[place]
        state.rows.latents.setRow(row, to: trials[place])
      }
      state.rows.terminations[row] = ended
    }
  }

  /// One row's descent: where it stands, what it remembers, and the search under way.
  struct Descent: Sendable {
    private var latent: [Double]
    private var loss: Double
    private var gradient: [Double]
    private var direction: [Double]
    private var search: StrongWolfeSearch
    /// Steps, and the changes of the gradient over them, oldest first.
    private var pairs: [(step: [Double], change: [Double], product: Double)] = []

    init(latent: [Double], loss: Double, gradient: [Double]) {
      self.latent = latent
      self.loss = loss
      self.gradient = gradient
      direction = gradient.map { -$0 }
      search = Self.firstSearch(loss, gradient)
    }

    /// Where the loss and its gradient are wanted.
    var trial: [Double] { zip(latent, direction).map { $0 + search.step * $1 } }

    /// - Returns: why the descent has ended; `nil` while it goes on.
    mutating func take(
      loss found: Double, gradient: [Double], memory: Int, scale: Double
    ) -> Termination? {
      switch search.take(value: found, slope: Self.product(gradient, direction)) {
      case .evaluate:
        return nil
      case .fail:
        // A model of the curvature that no longer fits may point nowhere: begin anew, once.
        guard !pairs.isEmpty else { return hasSettled ? .converged : .stalled }
        pairs = []
        direction = self.gradient.map { -$0 }
        search = Self.firstSearch(loss, self.gradient)
        return nil
      case .take:
        return move(to: found, gradient, memory, scale)
      }
    }

    private mutating func move(
      to found: Double, _ gradient: [Double], _ memory: Int, _ scale: Double
    ) -> Termination? {
      let step = direction.map { $0 * search.step }
      let change = zip(gradient, self.gradient).map { $0 - $1 }
      let product = Self.product(step, change)
      if product > 1e-10 * Self.product(change, change).squareRoot() * Self.length(step) {
        pairs.append((step, change, product))
        if pairs.count > memory { pairs.removeFirst() }
      }
      let length = Self.length(latent)
      latent = zip(latent, step).map { $0 + $1 }
      loss = found
      self.gradient = gradient
      if found <= 1e-13 * scale || Self.length(step) < 1e-8 * length { return .converged }
      if gradient.allSatisfy({ $0 == 0 }) { return .stalled }
      direction = twoLoopDirection()
      let slope = Self.product(gradient, direction)
      guard slope < 0 else {
        pairs = []
        direction = gradient.map { -$0 }
        search = Self.firstSearch(loss, gradient)
        return nil
      }
      search = StrongWolfeSearch(value: loss, slope: slope, firstStep: 1)
      return nil
    }

    /// Steps that single precision cannot tell from none are as near as it gets.
    private var hasSettled: Bool {
      let slope = Self.product(gradient, gradient)
      return slope <= 1e-10 * max(loss, .leastNormalMagnitude) * slope.squareRoot()
        || Self.length(gradient) * Self.length(latent) <= 1e-5 * loss
    }

    private func twoLoopDirection() -> [Double] {
      var result = gradient
      var weights: [Double] = []
      for pair in pairs.reversed() {
        let weight = Self.product(pair.step, result) / pair.product
        weights.append(weight)
        for entry in result.indices { result[entry] -= weight * pair.change[entry] }
      }
      if let last = pairs.last {
        let scale = last.product / Self.product(last.change, last.change)
        for entry in result.indices { result[entry] *= scale }
      } else {
        let scale = 1 / max(Self.length(gradient), .leastNormalMagnitude)
        for entry in result.indices { result[entry] *= scale }
      }
      for (pair, weight) in zip(pairs, weights.reversed()) {
        let correction = weight - Self.product(pair.change, result) / pair.product
        for entry in result.indices { result[entry] += correction * pair.step[entry] }
      }
      return result.map { -$0 }
    }

    /// Along the negative gradient, where nothing is known of the length: a step of a tenth.
    private static func firstSearch(_ loss: Double, _ gradient: [Double]) -> StrongWolfeSearch {
      let slope = -product(gradient, gradient)
      return StrongWolfeSearch(
        value: loss, slope: slope, firstStep: 0.1 / max((-slope).squareRoot(), 1e-30))
    }

    private static func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func length(_ a: [Double]) -> Double { product(a, a).squareRoot() }
  }
}

extension LBFGS {
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    State(
      rows: rows,
      descents: try (0..<rows.latents.count).map { _ throws(CheckpointError) in
        try Descent(from: &reader, width: rows.latents.width)
      })
  }
}

extension LBFGS.State {
  public func write(to writer: inout CheckpointWriter) {
    for descent in descents { descent.write(to: &writer) }
  }
}

extension LBFGS.Descent {
  /// - Parameter width: entries of the latent.
  fileprivate init(
    from reader: inout CheckpointReader, width: Int
  ) throws(CheckpointError) {
    latent = try reader.readArray(of: width)
    loss = try reader.read()
    gradient = try reader.readArray(of: width)
    direction = try reader.readArray(of: width)
    search = try reader.read()
    for _ in 0..<(try reader.readCount()) {
      pairs.append(
        (try reader.readArray(of: width), try reader.readArray(of: width), try reader.read()))
    }
  }

  fileprivate func write(to writer: inout CheckpointWriter) {
    writer.write(latent)
    writer.write(loss)
    writer.write(gradient)
    writer.write(direction)
    writer.write(search)
    writer.write(pairs.count)
    for pair in pairs {
      writer.write(pair.step)
      writer.write(pair.change)
      writer.write(pair.product)
    }
  }
}
