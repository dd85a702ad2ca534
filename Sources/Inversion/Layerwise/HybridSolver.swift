import Measurements
import Networks

/// Layer-wise solutions first, each polished end to end, and then what ``AutomaticSolver`` would
/// begin with: each family finds latents that the other one misses.
struct HybridSolver: InversionSolver {
  var search: AutomaticSolver
  var candidates: LayerwiseCandidates

  /// - Parameter methodNames: of ``methodNames``.
  init(search: AutomaticSolver, methodNames: [String], matrixEntriesMax: Int) {
    self.search = search
    candidates = LayerwiseCandidates(
      methods: methodNames.compactMap { name in
        Self.methods.first { $0.type == name }
      }, matrixEntriesMax: matrixEntriesMax)
  }

  private static let methods: [(type: String, method: any LayerMethod)] = [
    (LinearSystem.type, LinearSystem()), (SupremumFit.type, SupremumFit()),
    (AbsoluteFit.type, AbsoluteFit()), (RelaxedFit.type, RelaxedFit()),
    (BasisPursuit.type, BasisPursuit()), (LatentPursuit.type, LatentPursuit()),
  ]
  static let methodNames = methods.map(\.type)
  static let defaultMethodNames =
    [LinearSystem.type] + LayerwiseCandidates.programs.methods.map(\.type)

  var readsLayers: Bool { true }

  func refusal(of measurement: any Measurement) -> String? {
    LayerwiseCandidates.refusal(of: measurement)
  }

  func refusal(of generator: Generator, through measurement: any Measurement) -> String? {
    LayerChain.refusal(of: generator)
  }

  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search {
    var search = search
    search.layerwise = LayerwiseWave.leading(candidates)
    return search.search(problem, context)
  }
}
