import Documents
import LinearAlgebra
import Measurements
import Synchronization

/// Keeps banks of latents by generator and fitted encoders by generator, measurement and noise, the most
/// recently used first, within a bound of memory. Fitting is seeded by constants, so that whether
/// an encoder was kept never changes a result.
public final class EncoderLibrary: Sendable {
  private struct Shelf {
    var banks: [(key: String, bank: LatentBank)] = []
    var encoders: [(key: String, encoder: AffineEncoder?)] = []
  }

  private let shelf = Mutex(Shelf())
  private let bankBytesMax: Int
  private let encodersMax: Int

  /// - Parameters:
  ///   - bankBytesMax: for all banks together; the one in use is kept even when it is larger.
  ///   - encodersMax: fitted encoders that are kept.
  public init(bankBytesMax: Int = 256 << 20, encodersMax: Int = 64) {
    self.bankBytesMax = bankBytesMax
    self.encodersMax = encodersMax
  }

  /// - Parameter generatorKey: names the generator's content; the same key, the same generator.
  package func encoder(for problem: InverseProblem, generatorKey: String) -> AffineEncoder? {
    let documents = [problem.measurement.document, problem.noise.document].map {
      String(decoding: JSONWriter.bytes(of: $0), as: UTF8.self)
    }
    let key = "\(generatorKey) \(documents.joined(separator: " "))"
    let kept = shelf.withLock { shelf -> AffineEncoder?? in
      guard let place = shelf.encoders.firstIndex(where: { $0.key == key }) else { return nil }
      let entry = shelf.encoders.remove(at: place)
      shelf.encoders.insert(entry, at: 0)
      return .some(entry.encoder)
    }
    if let kept { return kept }
    let encoder = AffineEncoder(bank(for: problem, generatorKey), problem)
    shelf.withLock { shelf in
      guard !shelf.encoders.contains(where: { $0.key == key }) else { return }
      shelf.encoders.insert((key, encoder), at: 0)
      if shelf.encoders.count > encodersMax { shelf.encoders.removeLast() }
    }
    return encoder
  }

  private func bank(for problem: InverseProblem, _ key: String) -> LatentBank {
    let kept = shelf.withLock { shelf -> LatentBank? in
      guard let place = shelf.banks.firstIndex(where: { $0.key == key }) else { return nil }
      let entry = shelf.banks.remove(at: place)
      shelf.banks.insert(entry, at: 0)
      return entry.bank
    }
    if let kept { return kept }
    let bank = LatentBank(problem.generator)
    shelf.withLock { shelf in
      guard !shelf.banks.contains(where: { $0.key == key }) else { return }
      shelf.banks.insert((key, bank), at: 0)
      while shelf.banks.count > 1,
        shelf.banks.reduce(0, { $0 + $1.bank.byteCount }) > bankBytesMax
      { shelf.banks.removeLast() }
    }
    return bank
  }
}
