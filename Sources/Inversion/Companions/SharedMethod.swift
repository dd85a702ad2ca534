import LinearAlgebra

/// A method that treats each row by itself, so that one batch can hold rows of several problems
/// which come and go between two steps, and that forgives rounding: products of many rows are rounded
/// otherwise than those of one.
///
/// Subgradient descent and L-BFGS would do the former but not the latter: see <doc:Inversion>.
protocol SharedMethod: IterativeSolver where State: SharedState {}

/// A state whose rows come and go.
protocol SharedState: SolverState {
  /// Takes in another's rows after its own.
  mutating func append(_ other: Self)

  /// Lets go of all rows but those named, which ascend.
  mutating func keep(_ kept: [Int])
}

extension SolverRows {
  mutating func append(_ other: SolverRows) {
    latents.append(other.latents)
    losses += other.losses
    terminations += other.terminations
    forwardEquivalents += other.forwardEquivalents
  }

  mutating func keep(_ kept: [Int]) {
    latents = latents.rows(kept)
    losses = kept.map { losses[$0] }
    terminations = kept.map { terminations[$0] }
  }
}

extension Batch {
  /// Takes in the rows of another batch of the same width.
  mutating func append(_ other: Batch) {
    precondition(other.width == width, "the rows of a batch have one length")
    self = Batch(count: count + other.count, width: width, values: values + other.values)
  }
}

extension [Float] {
  /// The entries of the named rows, `width` each.
  func rows(_ kept: [Int], width: Int) -> [Float] {
    kept.flatMap { self[$0 * width..<($0 + 1) * width] }
  }
}

extension Adam: SharedMethod {}

extension Adam.State: SharedState {
  mutating func append(_ other: Adam.State) {
    rows.append(other.rows)
    latents.append(other.latents)
    gradients.append(other.gradients)
    firstMoments += other.firstMoments
    secondMoments += other.secondMoments
    iterations += other.iterations
  }

  mutating func keep(_ kept: [Int]) {
    rows.keep(kept)
    latents = latents.rows(kept)
    gradients = gradients.rows(kept)
    firstMoments = firstMoments.rows(kept, width: latents.width)
    secondMoments = secondMoments.rows(kept, width: latents.width)
    iterations = kept.map { iterations[$0] }
  }
}

extension GradientDescent: SharedMethod {}

extension GradientDescent.State: SharedState {
  mutating func append(_ other: GradientDescent.State) {
    rows.append(other.rows)
    latents.append(other.latents)
    gradients.append(other.gradients)
    velocities.append(other.velocities)
    rates += other.rates
    iterations += other.iterations
  }

  mutating func keep(_ kept: [Int]) {
    rows.keep(kept)
    latents = latents.rows(kept)
    gradients = gradients.rows(kept)
    velocities = velocities.rows(kept)
    rates = kept.map { rates[$0] }
    iterations = kept.map { iterations[$0] }
  }
}
