import Documents
import Networks
import Storage
import WeightFormats

/// Generators that are ready to compute, the most recently used ones, within a bound of memory.
final class GeneratorLibrary: Sendable {
  private let generators: GeneratorStore
  private let blobs: BlobStore
  private let limits: ServiceLimits
  private let shelf: Shelf<Generator>

  init(generators: GeneratorStore, blobs: BlobStore, limits: ServiceLimits) {
    self.generators = generators
    self.blobs = blobs
    self.limits = limits
    shelf = Shelf(bytesMax: limits.generatorCacheBytesMax) { 4 * $0.parameterCount }
  }

  /// The generator, from memory or from its stored weights.
  ///
  /// - Throws: `Problem` 404 when there is none; what reading may throw.
  func generator(_ id: String) throws -> Generator {
    try shelf.value(id) { try read(id) }
  }

  func forget(_ id: String) { shelf.remove(id) }

  private func read(_ id: String) throws -> Generator {
    guard let stored = try generators.find(id: id),
      let architecture = try generators.architecture(of: id)
    else { throw Problem.notFound("generator", id) }
    let source = StoredWeights(reader: try blobs.reader(for: stored.blob.digest))
    do {
      return try WeightFormats.generator(
        in: source, architecture: try JSONParser().parse(architecture), limits: limits.weights,
        generatorLimits: limits.generators
      ).generator
    } catch WeightFormatError.unreadable(_, _, let reason) {
      // They were read when they were uploaded: that is the storage's doing.
      throw StorageError.io(detail: reason)
    }
  }
}
