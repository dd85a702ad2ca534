/// A published experiment that can be done again: its sizes are a value, its seed and its progress
/// are told, and what comes out is tables and figures. It reads no clock and writes nothing.
public protocol Experiment: Sendable {
  /// What `preimage reproduce` calls it.
  static var name: String { get }
  /// One line for the list.
  static var summary: String { get }
  /// The figure of the paper that it redraws, such as "Ma et al. 2018, figure 4".
  static var source: String { get }
  /// Minutes of one core that the full scale takes.
  static var fullMinutes: Double { get }

  init(_ scale: ExperimentScale)

  /// - Parameter seed: the same seed on the same machine gives the same bytes.
  /// - Throws: what loading a bundled generator throws.
  func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport
}

/// An experiment that can also use a generator which does not come with the product.
public protocol OutsideGeneratorExperiment: Experiment {
  /// What its folder is called.
  static var generatorName: String { get }
  /// The folder, with `weights.safetensors` and `architecture.json`; `nil` where there is none, and
  /// what needs the generator is left out or done with a bundled one.
  var generatorFolder: String? { get set }
}

/// How much is computed.
public enum ExperimentScale: String, Sendable, CaseIterable {
  /// At most a minute on one core: enough to see the figure's shape.
  case quick
  /// Enough trials for the intervals to be narrow.
  case full
}
