import HTTPTypes

/// Finds the handler for a method and a path.
///
/// A pattern is literal segments and parameters: `/v1/generators/{id}/weights`. A parameter takes
/// one segment that is not empty; a literal wins over a parameter. `HEAD` is served by `GET`.
public struct Router: Sendable {
  package enum Match: Sendable {
    /// Where in the path the parameters' values are.
    case found(Route, parameters: [Range<Int>])
    /// `Allow` as it is to be sent.
    case wrongMethod(allow: String)
    case notFound
  }

  private struct Node: Sendable {
    var literals: [(segment: [UInt8], child: Int)] = []
    var parameter: Int?
    var routes: [Route] = []
    var allow = ""
  }

  private var nodes = [Node()]

  public init() {}

  /// Every route in the order of the tree: method and pattern.
  public var routes: [(method: HTTPRequest.Method, pattern: String)] {
    nodes.flatMap { $0.routes.map { ($0.method, $0.pattern) } }
  }

  /// Adds a route. The alternative answers the requests that it is meant for. The pattern must begin with "/", its parameter names must differ, and no route
  /// may be given twice.
  public mutating func on(
    _ method: HTTPRequest.Method, _ pattern: String, body: BodyRule = .standard,
    _ handler: RouteHandler, alternative: RouteAlternative? = nil
  ) {
    precondition(pattern.utf8.first == Byte.slash, "the pattern \(pattern) lacks its first slash")
    var node = 0
    var names: [String] = []
    for segment in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if segment.hasPrefix("{") {
        precondition(segment.hasSuffix("}") && segment.count > 2, "bad parameter in \(pattern)")
        names.append(String(segment.dropFirst().dropLast()))
        node = parameterChild(of: node)
      } else {
        node = literalChild(of: node, Array(segment.utf8))
      }
    }
    precondition(Set(names).count == names.count, "\(pattern) names a parameter twice")
    precondition(
      !nodes[node].routes.contains { $0.method == method },
      "\(method.rawValue) \(pattern) is given twice")
    nodes[node].routes.append(
      Route(
        method: method, pattern: pattern, parameterNames: names, handler: handler, bodyRule: body,
        alternative: alternative))
    nodes[node].allow = Self.allow(nodes[node].routes.map(\.method))
  }

  /// The route for `method` at the decoded path in `range` of `bytes`.
  package func match(
    _ method: HTTPRequest.Method, _ bytes: [UInt8], _ range: Range<Int>
  ) -> Match {
    var parameters: [Range<Int>] = []
    guard range.count > 0, bytes[range.lowerBound] == Byte.slash,
      let end = find(0, bytes, range.lowerBound + 1, range.upperBound, &parameters)
    else { return .notFound }
    let routes = nodes[end].routes
    if let route = routes.first(where: { $0.method == method }) {
      return .found(route, parameters: parameters)
    }
    if method == .head, let route = routes.first(where: { $0.method == .get }) {
      return .found(route, parameters: parameters)
    }
    return .wrongMethod(allow: nodes[end].allow)
  }

  /// `Allow` for `OPTIONS *`.
  package var allowEverywhere: String { Self.allow(nodes.flatMap { $0.routes.map(\.method) }) }

  private func find(
    _ node: Int, _ bytes: [UInt8], _ start: Int, _ end: Int, _ parameters: inout [Range<Int>]
  ) -> Int? {
    if start > end { return nodes[node].routes.isEmpty ? nil : node }
    var stop = start
    while stop < end, bytes[stop] != Byte.slash { stop &+= 1 }
    for (segment, child) in nodes[node].literals where segment.count == stop &- start {
      var same = true
      for offset in 0..<segment.count where segment[offset] != bytes[start &+ offset] {
        same = false
        break
      }
      if same, let found = find(child, bytes, stop + 1, end, &parameters) { return found }
    }
    guard let child = nodes[node].parameter, stop > start else { return nil }
    parameters.append(start..<stop)
    if let found = find(child, bytes, stop + 1, end, &parameters) { return found }
    parameters.removeLast()
    return nil
  }

  private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
    if let known = nodes[node].literals.first(where: { $0.segment == segment }) {
      return known.child
    }
    nodes.append(Node())
    nodes[node].literals.append((segment, nodes.count - 1))
    return nodes.count - 1
  }

  private mutating func parameterChild(of node: Int) -> Int {
    if let known = nodes[node].parameter { return known }
    nodes.append(Node())
    nodes[node].parameter = nodes.count - 1
    return nodes.count - 1
  }

  /// RFC 9110 section 10.2.1.
  private static func allow(_ methods: [HTTPRequest.Method]) -> String {
    var names = Set(methods.map(\.rawValue))
    if names.contains("GET") { names.insert("HEAD") }
    names.insert("OPTIONS")
    return names.sorted().joined(separator: ", ")
  }
}
