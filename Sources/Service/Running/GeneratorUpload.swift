import Documents
import Foundation
import HTTPTypes
import Networks
import Storage
import WeightFormats

/// Takes weights in, checks that they make a generator, and stores both, or neither.
struct GeneratorUpload {
  let generators: GeneratorStore
  let blobs: BlobStore
  let limits: ServiceLimits
  let owner: GeneratorOwner
  /// What the owner may have stored; `nil` for no limit.
  let bytesMax: Int?

  /// - Parameters:
  ///   - writer: holds all of the weights, unfinished.
  ///   - architecture: beside the weights; `nil` when it has to be inside them.
  ///   - state: which state dictionary of a checkpoint is meant; `nil` for the one that fits.
  func store(
    _ writer: BlobWriter, name: String?, architecture: JSONValue?, state: String?, now: Date
  ) throws -> InsertedGenerator {
    if let name { try Self.checkName(name) }
    let blob = try writer.finish()
    defer { try? blobs.release(blob) }
    return try generators.insert(
      try describe(blob, name: name, architecture: architecture, state: state, now: now),
      bytesMax: bytesMax, now: now)
  }

  /// The generator that the weights make, not stored.
  func describe(
    _ blob: Blob, name: String?, architecture: JSONValue?, state: String?, now: Date
  ) throws -> NewGenerator {
    // The weights themselves are taken up by the first that computes with them.
    let loaded = try WeightFormats.outline(
      in: StoredWeights(reader: try blobs.reader(for: blob.digest)), architecture: architecture,
      state: state, limits: limits.weights, generatorLimits: limits.generators)
    return NewGenerator(
      id: ResourceID.make(prefix: "gen", at: now), owner: owner, name: name, blob: blob,
      format: loaded.format,
      architecture: JSONWriter.bytes(of: loaded.architecture),
      summary: JSONWriter.bytes(of: GeneratorResource.summary(loaded.content)),
      parameterCount: loaded.content.parameterCount)
  }

  /// `[A-Za-z0-9._-]{1,128}`, so that a name can stand in a path.
  static func checkName(_ name: String) throws(Problem) {
    let isSane =
      (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
        default: false
        }
      }
    guard isSane else {
      throw .malformed(
        "invalid_name",
        "name is \"\(name.prefix(128))\"; expected 1 to 128 of the characters A-Z a-z 0-9 . _ -")
    }
  }
}
