import BundledGenerators
import Foundation
import Jobs
import Storage
import WeightFormats

extension PreimageService {
  /// Offers the bundled generators to everybody where nothing is everybody's yet.
  func seedBundledGenerators() throws {
    guard try !parts.generators.hasAnyOfEverybody() else { return }
    for bundled in BundledGenerator.all {
      let file = try FileBytes(path: bundled.weightsPath)
      let writer = try parts.blobs.makeWriter(byteCountMax: file.byteCount)
      defer { writer.abort() }
      try writer.append(try file.read(at: 0, count: file.byteCount))
      _ = try GeneratorUpload(
        generators: parts.generators, blobs: parts.blobs,
        limits: parts.limits, owner: .everybody, bytesMax: nil
      ).store(
        writer, name: bundled.name, architecture: nil, state: nil, now: parts.clock.now())
    }
  }
}
