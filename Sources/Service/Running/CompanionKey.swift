import Documents
import Inversion
import Measurements
import Storage

extension InversionRequest {
  /// What inversions that may be advanced together have in common: a digest of generator, measurement
  /// and solver, the latter two as they were written. `nil` where an inversion is carried out alone.
  func companionKey(for generator: StoredGenerator) throws -> String? {
    guard let search = solverMethod.companionSearch(), CompanionRule.admits(noise),
      !isOneBit(measurement), let latents = try GeneratorResource.latentDistribution(generator),
      CompanionRule.admits(prior, of: latents)
    else { return nil }
    let layers = try GeneratorResource.layers(generator)
    guard CompanionRule.admits(layers), CompanionRule.admits(search, of: layers) else { return nil }
    let shared = JSONWriter.bytes(of: [
      "generator": .string(generator.id), "measurement": measurement, "solver": solver,
    ])
    return ContentDigest(hashing: shared).hexadecimal
  }

  /// Whether what solvers compare is not what is measured, by the document: to build a measurement may
  /// take longer than all else about a request.
  private func isOneBit(_ measurement: JSONValue) -> Bool {
    if let last = measurement.object?["of"]?.elements?.last { return isOneBit(last) }
    return measurement.object?["type"]?.string == OneBitMeasurement.type
  }
}
