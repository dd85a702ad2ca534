import LinearAlgebra
import Measurements
import Networks

/// What layer-wise methods make of an observation: latents to be taken as they are, or to be
/// polished end to end.
struct LayerwiseCandidates: Sendable {
  var methods: [(type: String, method: any LayerMethod)]
  var matrixEntriesMax = LayerChain.matrixEntriesMax

  struct Candidate: Sendable {
    var type: String
    var latent: [Float]
    var layers: [LayerReport]
    /// Work in evaluations of the forward map.
    var forwardEquivalents: Double
  }

  struct Found: Sendable {
    var candidates: [Candidate] = []
    /// Why methods came to nothing, one sentence each.
    var failures: [String] = []
    /// Of the last of them, or why the rest was not tried.
    var termination: Termination?
  }

  static func refusal(of measurement: any Measurement) -> String? {
    measurement.observedEntries == nil
      ? "layer-wise solvers take entries of the output as they are, as identity and mask show them, "
        + "and otherwise project within projected_gradient" : nil
  }

  /// Those that find what the others miss.
  static let programs = LayerwiseCandidates(methods: [
    (SupremumFit.type, SupremumFit()), (RelaxedFit.type, RelaxedFit()),
    (LatentPursuit.type, LatentPursuit()),
  ])

  /// About what a program costs, for all layers: a dozen Gram matrices each.
  static func multiplyCount(_ problem: InverseProblem) -> Int {
    let widths = [problem.latentCount] + problem.generator.affineLayers.map(\.map.outputCount)
    return zip(widths, widths.dropFirst()).reduce(0) { sum, width in
      let entries = Double(width.0) * Double(width.1)
      guard entries <= Double(LayerChain.matrixEntriesMax) else { return .max / 2 }
      return Int(min(Double(sum) + 12 * entries * Double(width.0), 1e18))
    }
  }

  /// Whether the methods can be tried at all.
  static func canTakeApart(_ problem: InverseProblem) -> Bool {
    refusal(of: problem.measurement) == nil && LayerChain.refusal(of: problem.generator) == nil
  }

  func find(_ problem: InverseProblem, _ control: SolveControl) -> Found {
    let chain = LayerChain(
      problem.generator, observing: problem.measurement.observedEntries,
      matrixEntriesMax: matrixEntriesMax)
    let observation = LayerObservation(problem)
    var found = Found()
    for (type, method) in methods {
      if let interruption = control.interruption() {
        found.termination = interruption
        control.recorder?.stop()
        break
      }
      if let reason = LayerwiseInversion.refusal(of: chain, by: method) {
        found.failures.append("\(type): \(reason)")
        continue
      }
      do {
        let outcome = try LayerwiseInversion(chain: chain, method: method)
          .invert(observation, control: control)
        let work = outcome.reports.indices.reduce(0.0) {
          $0 + Double(chain.layers[$1].weights.multiplyCount * (outcome.reports[$1].productCount))
        }
        found.candidates.append(
          Candidate(
            type: type, latent: outcome.latent.map { Float($0) }, layers: outcome.reports,
            forwardEquivalents: work / Double(max(problem.forward.multiplyCount, 1))))
      } catch {
        found.failures.append("\(type): \(error.reason)")
        found.termination = error.termination
      }
    }
    return found
  }
}

extension LayerReport {
  /// Products by `W` that cost as much: those of a Gram matrix for each iteration, or of a least
  /// squares solution.
  fileprivate var productCount: Int { columnCount * max(program?.iterations ?? 1, 1) }
}
