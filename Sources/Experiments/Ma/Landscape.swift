import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// One network of Ma et al. (2018, section 4.2) with a latent planted in its plane, half of the output
/// seen: the loss around the planted latent, and where descents end.
package struct Landscape {
  /// What is varied between the parts of figure 4.
  package struct Kind: Sendable {
    package var name: String
    var activation: String
    var weights: RandomNetwork.Weights
    /// Of both entries of the planted latent.
    var sign: Double

    /// With weights of zero mean every direction of the latent is like every other. With weights
    /// from 0 to 1 it is not: a latent of two negative numbers turns all of the network off.
    package static let all = [
      Kind(name: "ReLU", activation: "relu", weights: .normal(deviation: 1), sign: -1),
      Kind(name: "sigmoid", activation: "sigmoid", weights: .normal(deviation: 1), sign: -1),
      Kind(name: "tanh", activation: "tanh", weights: .normal(deviation: 1), sign: -1),
      Kind(
        name: "ReLU, weights in [0, 1], z* < 0", activation: "relu", weights: .uniform(0...1),
        sign: -1),
      Kind(
        name: "ReLU, weights in [0, 1], z* > 0", activation: "relu", weights: .uniform(0...1),
        sign: 1),
    ]
  }

  let planted: PlantedProblem
  /// Half the side of the square around the planted latent.
  let reach: Double
  /// `[row][column]`: the loss over the largest on the grid; the planted latent is in the middle.
  package let losses: [[Double]]
  /// The largest loss on the grid.
  let scale: Double

  /// Losses within this share of the largest count as equal: about what single precision leaves of
  /// a sum of squares.
  package static let tolerance = 1e-6

  /// - Parameter gridCount: odd, at least 3.
  package init(
    _ kind: Kind, gridCount: Int, reach: Double, from random: inout RandomNumbers
  ) throws(DocumentError) {
    let generator = try RandomNetwork.twoTransposedConvolutions(
      latentCount: 2, activation: kind.activation, kind.weights, from: &random)
    let latent = (0..<2).map { _ in Float(kind.sign * (0.5 + abs(random.normal()))) }
    let observed = random.subset(generator.outputCount / 2, below: generator.outputCount)
    planted = PlantedProblem(
      generator, MaskMeasurement(entries: observed, signalCount: generator.outputCount),
      latent: latent)
    self.reach = reach
    let objective = planted.problem.objective
    let rows = (0..<gridCount).map { row in
      objective.losses(
        at: Batch(
          rows: (0..<gridCount).map { column in
            Self.place(row, column, gridCount, reach, around: latent)
          }, width: 2))
    }
    let scale = rows.joined().max() ?? 0
    self.scale = scale
    losses = rows.map { $0.map { scale > 0 ? $0 / scale : 0 } }
  }

  private static func place(
    _ row: Int, _ column: Int, _ count: Int, _ reach: Double, around latent: [Float]
  ) -> [Float] {
    func offset(_ place: Int) -> Float {
      // The middle exactly, so that the planted latent is on the grid.
      2 * place == count - 1 ? 0 : Float((2 * Double(place) / Double(count - 1) - 1) * reach)
    }
    return [latent[0] + offset(column), latent[1] + offset(row)]
  }

  private var middle: Int { losses.count / 2 }

  /// Of the loss on the grid.
  package var gridMinima: [GridMinima.Minimum] {
    GridMinima(losses, tolerance: Self.tolerance, including: (middle, middle)).minima
  }

  /// Share of the grid that cannot be told from the planted latent.
  package var flatShare: Double {
    let count = losses.count * losses.count
    return Double(losses.joined().count { $0 <= Self.tolerance }) / Double(count)
  }

  func isPlanted(_ latent: [Float]) -> Bool { planted.latentError(latent) <= 1e-2 }

  /// `<z, z*> / |z*|^2` of a place `z`, and the cosine between the two.
  func direction(of place: [Float]) -> (share: Double, cosine: Double) {
    let product = zip(place, planted.latent).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let length = norm(planted.latent)
    return (product / (length * length), product / (length * max(norm(place), 1e-30)))
  }

  /// Whether the loss says that the observation is explained.
  func isExplained(_ loss: Double) -> Bool { loss <= Self.tolerance * scale }

  /// Where descents from the minima of the grid end short of explaining the observation, each
  /// place once: the local minima that are not the grid's doing.
  func otherMinima(iterations: Int) -> [[Float]] {
    let starts = gridMinima.map {
      Self.place($0.row, $0.column, losses.count, reach, around: planted.latent)
    }
    let ends = Descent.adam(
      planted.problem.objective, from: Batch(rows: starts, width: 2), iterations: iterations)
    var distinct: [[Float]] = []
    for row in ends.losses.indices where !isExplained(ends.losses[row]) {
      let end = Array(ends.latents[row])
      if distinct.allSatisfy({ distance($0, end) > 0.02 * reach }) { distinct.append(end) }
    }
    return distinct
  }

  /// What became of descents from places drawn uniformly from the square.
  func descents(
    starts: Int, iterations: Int, from random: inout RandomNumbers
  ) -> (gradient: Ends, adam: Ends) {
    let rows = (0..<starts).map { _ in
      planted.latent.map { $0 + Float((2 * random.uniform() - 1) * reach) }
    }
    let latents = Batch(rows: rows, width: 2)
    let objective = planted.problem.objective
    return (
      ends(Descent.gradient(objective, from: latents, iterations: iterations)),
      ends(Descent.adam(objective, from: latents, iterations: iterations))
    )
  }

  struct Ends {
    /// The observation is explained.
    var explained: Share
    /// The planted latent is found.
    var found: Share
  }

  private func ends(_ rows: SolverRows) -> Ends {
    Ends(
      explained: Share(rows.losses.map(isExplained)),
      found: Share(rows.losses.indices.map { isPlanted(Array(rows.latents[$0])) }))
  }
}
