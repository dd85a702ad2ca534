import LinearAlgebra

/// A method that improves several latents step by step. It shows the published update and nothing
/// else: limits, cancellation, best-so-far and progress belong to `IterationLoop`.
public protocol IterativeSolver: Sendable {
  associatedtype State: SolverState

  /// The name in the catalogue.
  static var type: String { get }
  var iterationsMax: Int { get }

  func start(_ objective: LeastSquares, at latents: Batch) -> State
  func step(_ state: inout State, _ objective: LeastSquares)

  /// The state that was written to a checkpoint, to the same bits.
  ///
  /// - Parameters:
  ///   - rows: of the state.
  ///   - reader: at what ``SolverState/write(to:)`` wrote.
  /// - Throws: ``CheckpointError`` where that is no state of these rows.
  func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State
}

/// Where a solver stands, as a value.
public protocol SolverState: Sendable {
  var rows: SolverRows { get }
  /// Whether the last step was carried out to its end. One that was cut short from outside leaves
  /// nothing to go on from.
  var isWhole: Bool { get }
  /// Everything but the rows.
  func write(to writer: inout CheckpointWriter)
}

extension SolverState {
  public var isWhole: Bool { true }
}

/// What every solver knows of the latents that it works on, one row each.
public struct SolverRows: Sendable {
  /// The best latent of each row so far.
  public var latents: Batch
  /// `f` of each row's best latent; infinite when it is not finite.
  public var losses: [Double]
  /// Why a row is no longer worked on; `nil` while it is.
  public var terminations: [Termination?]
  /// Work so far, in evaluations of the forward map on one row.
  public var forwardEquivalents: Double

  public init(latents: Batch, losses: [Double], forwardEquivalents: Double) {
    self.latents = latents
    self.losses = losses
    self.terminations = losses.map { $0.isFinite ? nil : .nonFinite }
    self.forwardEquivalents = forwardEquivalents
  }

  /// The rows that are still worked on.
  public var active: [Int] { terminations.indices.filter { terminations[$0] == nil } }

  /// The row with the smallest loss; `nil` when there are none.
  public var best: Int? { losses.indices.min { losses[$0] < losses[$1] } }
}
