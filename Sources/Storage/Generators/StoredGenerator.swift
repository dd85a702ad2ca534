// A generator as it is stored: its weights by digest, and documents that storage does not read.

import Foundation
import Jobs

/// Whose a generator is.
public enum GeneratorOwner: Sendable, Hashable {
  /// One client's, and unknown to all others.
  case client(String)
  /// Everybody may use it.
  case everybody

  /// As it is stored; no client has the name that stands for all.
  var stored: String {
    switch self {
    case .client(let name): name
    case .everybody: "*"
    }
  }

  init(stored: String) { self = stored == "*" ? .everybody : .client(stored) }
}

/// A generator on its way into the store.
public struct NewGenerator: Sendable {
  public var id: String
  public var owner: GeneratorOwner
  /// Unique among its owner's generators; 1 to 128 characters.
  public var name: String?
  /// The weights, stored and held.
  public var blob: Blob
  /// The weight file's format, such as `safetensors`.
  public var format: String
  /// The canonical architecture document: with the weights' digest it is the generator's identity.
  public var architecture: [UInt8]
  /// Whatever the resource shows that is costly to compute; opaque.
  public var summary: [UInt8]
  public var parameterCount: Int

  public init(
    id: String, owner: GeneratorOwner = .client(""), name: String?, blob: Blob, format: String,
    architecture: [UInt8],
    summary: [UInt8], parameterCount: Int
  ) {
    self.id = id
    self.owner = owner
    self.name = name
    self.blob = blob
    self.format = format
    self.architecture = architecture
    self.summary = summary
    self.parameterCount = parameterCount
  }
}

/// A stored generator. Its architecture is fetched separately.
public struct StoredGenerator: Sendable, Equatable, Identifiable {
  public var id: String
  public var owner: GeneratorOwner
  public var name: String?
  public var blob: Blob
  public var format: String
  public var summary: [UInt8]
  public var parameterCount: Int
  public var createdAt: Date
}

/// A generator, and whether this insertion made it.
public struct InsertedGenerator: Sendable, Equatable {
  public var generator: StoredGenerator
  /// `false` when the same weights and architecture were stored before.
  public var isNew: Bool
}

/// Which generators are wanted; what is `nil` matches all.
public struct GeneratorQuery: Sendable, Hashable {
  /// Those of this client and everybody's.
  public var visibleTo: String?
  public var name: String?
  public var format: String?

  public init(visibleTo: String? = nil, name: String? = nil, format: String? = nil) {
    self.visibleTo = visibleTo
    self.name = name
    self.format = format
  }
}

/// Some generators, newest first.
public struct GeneratorPage: Sendable {
  public var generators: [StoredGenerator]
  /// Where the next page begins; `nil` at the end.
  public var nextToken: String?
}
