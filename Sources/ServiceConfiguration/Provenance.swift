import Configuration
import Synchronization

/// Notes which of a reader's providers gave each value, so that a message can say where it stands.
final class Provenance: AccessReporter {
  private let layers = Mutex<[String: Int]>([:])

  func report(_ event: AccessEvent) {
    // The reader asks its providers in order and stops at the first that has the key.
    let index = event.providerResults.firstIndex { result in
      (try? result.result.get())?.value != nil
    }
    let key = event.metadata.key.components.joined(separator: ".")
    layers.withLock { $0[key] = index }
  }

  /// The place, in the reader's order, of the provider that gave `key`.
  func layer(of key: String) -> Int? {
    layers.withLock { $0[key] }
  }
}
