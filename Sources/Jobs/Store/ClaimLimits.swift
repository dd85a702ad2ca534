// What may run at once, beside the number of workers.

/// The bounds that a waiting job must meet in the moment it is taken.
public struct ClaimLimits: Sendable, Hashable {
  /// How many jobs of one client may run at once; `nil` for no limit.
  public var clientRunningMax: Int?
  /// What the running jobs may need of memory together, by what their submissions say; `nil` for no
  /// limit. A job that needs more runs when nothing else does.
  public var memoryBytesMax: Int?

  public static let none = ClaimLimits()

  public init(clientRunningMax: Int? = nil, memoryBytesMax: Int? = nil) {
    precondition(clientRunningMax.map { $0 >= 1 } ?? true, "clientRunningMax must be at least 1")
    precondition(memoryBytesMax.map { $0 >= 1 } ?? true, "memoryBytesMax must be at least 1")
    self.clientRunningMax = clientRunningMax
    self.memoryBytesMax = memoryBytesMax
  }
}
