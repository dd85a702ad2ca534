/// What the owner of a server decides and says about every request, beside its handlers.
///
/// A request first meets `admit`, on the event loop and before any of its body is read; then
/// `verify`, on a handler thread and for handlers that run there; its response meets `finish`.
public struct RequestGate: Sendable {
  /// Called on the event loop once a head was parsed and a route found or not. It may give the
  /// request a context. A failure refuses the request, where a route was found; a long body is then
  /// not read. Must be quick and must not block.
  public var admit: @Sendable (inout Request) throws(HTTPFailure) -> Void
  /// Called on a handler thread before the handler; may block. A failure is the answer.
  public var verify: @Sendable (Request) throws(HTTPFailure) -> Void
  /// Called on the event loop: whether `verify` has nothing to say about the request. Must be quick.
  public var isVerified: @Sendable (Request) -> Bool
  /// Called on the event loop with the response to every request that `admit` gave a context, before
  /// it is encoded.
  public var finish: @Sendable (Request, inout Response) -> Void

  public init(
    admit: @escaping @Sendable (inout Request) throws(HTTPFailure) -> Void,
    verify: @escaping @Sendable (Request) throws(HTTPFailure) -> Void = { _ in },
    isVerified: @escaping @Sendable (Request) -> Bool = { _ in false },
    finish: @escaping @Sendable (Request, inout Response) -> Void = { _, _ in }
  ) {
    self.admit = admit
    self.verify = verify
    self.isVerified = isVerified
    self.finish = finish
  }
}
