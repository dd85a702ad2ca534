import LinearAlgebra
import Measurements
import Networks

/// One layer-wise method, from the observation to a latent, with nothing behind it.
struct LayerwiseSolver: InversionSolver {
  let type: String
  let method: any LayerMethod
  let matrixEntriesMax: Int

  var readsLayers: Bool { true }

  func refusal(of measurement: any Measurement) -> String? {
    LayerwiseCandidates.refusal(of: measurement)
  }

  func refusal(of generator: Generator, through measurement: any Measurement) -> String? {
    if let reason = LayerChain.refusal(of: generator) { return reason }
    return LayerwiseInversion.refusal(
      of: LayerChain(
        generator, observing: measurement.observedEntries, matrixEntriesMax: matrixEntriesMax),
      by: method)
  }

  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search {
    let found = LayerwiseCandidates(methods: [(type, method)], matrixEntriesMax: matrixEntriesMax)
      .find(problem, context.control)
    var progress = Restarts(problem, iterationsMax: 1)
    for candidate in found.candidates {
      progress.add(candidate, context.control)
    }
    if let interruption = context.control.interruption() {
      progress.fail(interruption)
    } else if found.candidates.isEmpty {
      progress.fail(found.termination ?? .infeasible)
    }
    return Search(
      restarts: progress, solver: type, choice: found.failures.joined(separator: "; ").nonEmpty,
      layerwise: found.candidates)
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
