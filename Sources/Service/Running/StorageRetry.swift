import Foundation
import Storage

/// Tries again what storage failed at for a reason that may pass.
package struct StorageRetry: Sendable {
  /// Before each further try.
  package var pausesSeconds = [0.25, 0.5, 1, 2]

  package init(pausesSeconds: [Double]? = nil) {
    if let pausesSeconds { self.pausesSeconds = pausesSeconds }
  }

  /// - Parameter isPointless: asked before each further try.
  /// - Throws: what `body` threw last; at once, what is no failure of storage, or one that lasts.
  package func callAsFunction<Value>(
    unless isPointless: () -> Bool = { false }, _ body: () throws -> Value
  ) throws -> Value {
    for pause in pausesSeconds {
      do { return try body() } catch let error as StorageError where error.mayPass {
        guard !isPointless() else { throw error }
        Thread.sleep(forTimeInterval: pause)
      }
    }
    return try body()
  }
}

extension StorageError {
  fileprivate var mayPass: Bool {
    switch self {
    case .io, .busy, .full: true
    default: false
    }
  }
}
