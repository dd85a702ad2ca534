import Dispatch

/// A client that sends on another thread while the test looks at the server; the two sides of its
/// socket do not touch each other.
final class Sending: @unchecked Sendable {
  private let client: TestClient
  private let body: @Sendable (TestClient) -> Void

  init(_ client: TestClient, _ body: @escaping @Sendable (TestClient) -> Void) {
    self.client = client
    self.body = body
  }

  func start() {
    DispatchQueue(label: "sending").async { self.body(self.client) }
  }
}
