import HTTP
import HTTPTypes
import Testing

@Suite struct RouterTests {
  private static let router: Router = {
    var router = Router()
    let handler = RouteHandler.inline { _ in Response(.noContent) }
    for (method, pattern) in [
      (HTTPRequest.Method.get, "/"), (.get, "/healthz"), (.get, "/v1/generators"),
      (.post, "/v1/generators"), (.get, "/v1/generators/{id}"), (.delete, "/v1/generators/{id}"),
      (.get, "/v1/generators/{id}/weights"), (.post, "/v1/inversions/search"),
      (.get, "/v1/inversions/{id}"), (.post, "/v1/inversions/{id}/cancel"),
      (.get, "/v1/{kind}/{id}/raw"),
    ] {
      router.on(method, pattern, handler)
    }
    return router
  }()

  private func match(_ method: HTTPRequest.Method, _ path: String) -> String {
    let bytes = Array("xx\(path)".utf8)
    switch Self.router.match(method, bytes, 2..<bytes.count) {
    case .found(let route, let parameters):
      let values = parameters.map { String(decoding: bytes[$0], as: UTF8.self) }
      return ([route.method.rawValue, route.pattern] + values).joined(separator: " ")
    case .wrongMethod(let allow): return "405 \(allow)"
    case .notFound: return "404"
    }
  }

  @Test(arguments: [
    ("GET", "/", "GET /"), ("GET", "/healthz", "GET /healthz"),
    ("HEAD", "/healthz", "GET /healthz"), ("POST", "/healthz", "405 GET, HEAD, OPTIONS"),
    ("GET", "/healthz/", "404"), ("GET", "/health", "404"), ("GET", "/healthzz", "404"),
    ("GET", "//healthz", "404"), ("GET", "", "404"), ("OPTIONS", "*", "404"),
    ("GET", "/v1/generators/a", "GET /v1/generators/{id} a"),
    ("PUT", "/v1/generators/a", "405 DELETE, GET, HEAD, OPTIONS"),
    ("GET", "/v1/generators/", "404"),
    ("GET", "/v1/generators/a/weights", "GET /v1/generators/{id}/weights a"),
    ("GET", "/v1/generators//weights", "404"), ("GET", "/v1/generators/a/other", "404"),
    ("POST", "/v1/inversions/search", "POST /v1/inversions/search"),
    ("GET", "/v1/inversions/x", "GET /v1/inversions/{id} x"),
    ("POST", "/v1/inversions/search/cancel", "POST /v1/inversions/{id}/cancel search"),
    ("GET", "/v1/generators/a/raw", "GET /v1/{kind}/{id}/raw generators a"),
    ("GET", "/V1/generators", "404"),
  ])
  func matches(_ method: String, _ path: String, _ expected: String) throws {
    #expect(match(try #require(HTTPRequest.Method(method)), path) == expected)
  }

  @Test func listsItsRoutes() {
    #expect(Self.router.routes.count == 11)
    #expect(Self.router.allowEverywhere == "DELETE, GET, HEAD, OPTIONS, POST")
  }
}
