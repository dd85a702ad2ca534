import BundledGenerators
import Foundation
import Jobs
import Storage
import WeightFormats

extension PreimageService {
  /// Offers the bundled generators to everybody where nothing is everybody's yet: all of them or, when
  /// the process dies meanwhile, none, so that the next start does it.
  func seedBundledGenerators() throws {
    guard try !parts.generators.hasAnyOfEverybody() else { return }
    let upload = GeneratorUpload(
      generators: parts.generators, blobs: parts.blobs, limits: parts.limits, owner: .everybody,
      bytesMax: nil)
    var held: [Blob] = []
    defer { for blob in held { try? parts.blobs.release(blob) } }
    let all = try BundledGenerator.all.map { bundled in
      let file = try FileBytes(path: bundled.weightsPath)
      let writer = try parts.blobs.makeWriter(byteCountMax: file.byteCount)
      defer { writer.abort() }
      try writer.append(try file.read(at: 0, count: file.byteCount))
      let blob = try writer.finish()
      held.append(blob)
      return try upload.describe(
        blob, name: bundled.name, architecture: nil, state: nil, now: parts.clock.now())
    }
    try parts.generators.insert(together: all, now: parts.clock.now())
  }
}
