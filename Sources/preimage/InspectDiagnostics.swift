import Foundation
import Inversion
import Measurements
import Networks
import WeightFormats

/// What `preimage inspect --diagnostics` adds: the generator seen whole at random latents, and its
/// layers.
struct InspectDiagnostics {
  private let diagnosis: GeneratorDiagnosis

  private static let latents = 16

  init(_ source: GeneratorSource, _ loaded: LoadedGenerator) throws {
    let tensors = try WeightFormats.tensors(
      in: try FileBytes(path: source.weightsPath), of: loaded.architecture)
    diagnosis = GeneratorDiagnosis(
      loaded.generator, IdentityMeasurement(count: loaded.generator.outputCount),
      weights: GeneratorDiagnosis.weights(of: loaded.architecture, in: tensors),
      draws: Self.latents, seed: 0)
  }

  func write() {
    if let found = diagnosis.identifiability {
      print(
        "identifiable  \(found.identifiableDraws) of \(found.draws) random latents "
          + "(\(found.answer.rawValue)), condition \(short(found.conditionNumber.median))")
      if !found.deadLatents.isEmpty {
        print("dead latents  \(found.deadLatents.map(String.init).joined(separator: " "))")
      }
    }
    for layer in diagnosis.layers {
      var line =
        "  \(layer.layer)  \(layer.type)  \(layer.inputCount) -> \(layer.outputCount), "
        + "expansivity \(short(layer.expansivity))"
      if let weights = layer.weights {
        line +=
          ", weights \(short(weights.mean)) +- \(short(weights.deviation)), excess kurtosis "
          + "\(short(weights.excessKurtosis)), \(short(weights.distance)) from a Gaussian"
      }
      if let condition = layer.condition {
        line +=
          ", WDC at least \(short(condition.unrestricted)), R2WDC at least "
          + short(condition.rangeRestricted)
      }
      print(line)
    }
  }

  /// Three digits.
  private func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    return String(format: "%.3g", value)
  }
}
