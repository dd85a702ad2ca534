import Documents
import LinearAlgebra
import Networks

/// Where a solver begins.
public enum StartingPointChoice: String, Sendable, CaseIterable {
  /// The affine encoder's estimate, then draws around it.
  case encoder
  /// Draws from the latent's distribution.
  case prior

  static let parameter = StructuredParameter(
    "starts",
    schema: [
      "type": "string", "enum": JSONValue(allCases.map { .string($0.rawValue) }),
      "default": "encoder",
      "description": "the affine encoder's estimate and draws around it, or draws from the prior",
    ])

  init(_ document: ObjectReader) throws(DocumentError) {
    guard let name = try document.string(Self.parameter.name) else {
      self = .encoder
      return
    }
    guard let choice = Self(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw document.malformed("starts", "is \"\(name.prefix(64))\"; expected one of \(known)")
    }
    self = choice
  }
}

/// The starting points of one inversion, in a fixed order: those that the context names, then draws
/// from its seed.
struct StartingPoints {
  private let problem: InverseProblem
  private let context: SolveContext
  private let choice: StartingPointChoice
  private var random: RandomNumbers
  private var given: [[Float]]
  private var drawn = 0
  private lazy var encoder = fittedEncoder()
  private lazy var estimate = encoder?.estimate(problem.observation)
  /// Of the encoder's error in the draws, one after the other: near the estimate the starts are
  /// better, far from it they differ more.
  private static let scales = [1, 0.3, 0.6]

  init(_ choice: StartingPointChoice, _ problem: InverseProblem, _ context: SolveContext) {
    self.problem = problem
    self.context = context
    self.choice = choice
    given = context.starts
    random = RandomNumbers(seed: context.seed, stream: 1)
  }

  private func fittedEncoder() -> AffineEncoder? {
    guard choice == .encoder else { return nil }
    return context.library.encoder(for: problem, generatorKey: context.generatorKey)
  }

  mutating func next(_ count: Int) -> Batch {
    let first = Array(given.prefix(count))
    given.removeFirst(first.count)
    guard first.count < count else { return Batch(rows: first, width: problem.latentCount) }
    let others = draws(count - first.count)
    guard !first.isEmpty else { return others }
    return Batch(
      rows: first + (0..<others.count).map { Array(others[$0]) }, width: problem.latentCount)
  }

  /// Begins at these before any further draw.
  mutating func give(_ latents: [[Float]]) { given += latents }

  private mutating func draws(_ count: Int) -> Batch {
    guard let encoder, let estimate else { return priorDraws(count) }
    var rows: [[Float]] = []
    for _ in 0..<count {
      rows.append(
        drawn == 0
          ? estimate
          : encoder.draw(
            around: estimate, scale: Self.scales[drawn % Self.scales.count], from: &random))
      drawn += 1
    }
    return Batch(rows: rows, width: problem.latentCount)
  }

  /// A draw or its mirror image, whichever fits better: networks without biases have a spurious
  /// critical point near a negative multiple of the true latent (Cocola 2022).
  private mutating func priorDraws(_ count: Int) -> Batch {
    var draws = problem.generator.drawLatents(count: count, from: &random)
    let mirrored = -draws
    let losses = problem.objective.losses(at: draws)
    let mirroredLosses = problem.objective.losses(at: mirrored)
    for row in 0..<count where mirroredLosses[row] < losses[row] {
      draws.setRow(row, to: mirrored[row])
    }
    return draws
  }
}
