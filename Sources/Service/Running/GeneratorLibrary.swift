import Documents
import Foundation
import Networks
import Storage
import Synchronization
import WeightFormats

/// Generators that are ready to compute, the most recently used ones, within a bound of memory.
final class GeneratorLibrary: Sendable {
  private let generators: GeneratorStore
  private let blobs: BlobStore
  private let limits: ServiceLimits
  private let shelf = Mutex<[(id: String, generator: Generator)]>([])
  /// One for each generator that is being read: weights may fill the memory, once.
  private let readings = Mutex<[String: Reading]>([:])

  init(generators: GeneratorStore, blobs: BlobStore, limits: ServiceLimits) {
    self.generators = generators
    self.blobs = blobs
    self.limits = limits
  }

  /// The generator, from memory or from its stored weights. Of several threads that ask for one that
  /// is not in memory, one reads it and the others wait.
  ///
  /// - Throws: `Problem` 404 when there is none; what reading may throw.
  func generator(_ id: String) throws -> Generator {
    if let kept = kept(id) { return kept }
    let reading = readings.withLock { readings in
      let reading = readings[id] ?? Reading()
      readings[id] = reading
      reading.threadCount += 1
      return reading
    }
    defer {
      readings.withLock { readings in
        reading.threadCount -= 1
        if reading.threadCount == 0 { readings[id] = nil }
      }
    }
    return try reading.lock.withLock {
      if let kept = kept(id) { return kept }
      let generator = try read(id)
      keep(generator, as: id)
      return generator
    }
  }

  private final class Reading: @unchecked Sendable {
    let lock = NSLock()
    /// Threads that read or wait; touched under the lock of all readings.
    var threadCount = 0
  }

  private func kept(_ id: String) -> Generator? {
    shelf.withLock { shelf -> Generator? in
      guard let place = shelf.firstIndex(where: { $0.id == id }) else { return nil }
      let entry = shelf.remove(at: place)
      shelf.insert(entry, at: 0)
      return entry.generator
    }
  }

  private func read(_ id: String) throws -> Generator {
    guard let stored = try generators.find(id: id),
      let architecture = try generators.architecture(of: id)
    else { throw Problem.notFound("generator", id) }
    let source = StoredWeights(reader: try blobs.reader(for: stored.blob.digest))
    return try WeightFormats.generator(
      in: source, architecture: try JSONParser().parse(architecture), limits: limits.weights,
      generatorLimits: limits.generators
    ).generator
  }

  private func keep(_ generator: Generator, as id: String) {
    shelf.withLock { shelf in
      guard !shelf.contains(where: { $0.id == id }) else { return }
      shelf.insert((id, generator), at: 0)
      var bytes = 0
      for (place, entry) in shelf.enumerated() {
        bytes += 4 * entry.generator.parameterCount
        if place > 0, bytes > limits.generatorCacheBytesMax {
          shelf.removeSubrange(place...)
          break
        }
      }
    }
  }

  func forget(_ id: String) {
    shelf.withLock { $0.removeAll { $0.id == id } }
  }
}
