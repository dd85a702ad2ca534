import Documents

/// How clients show who they are, in the terms of OpenAPI.
enum SecuritySchemes {
  static let all: JSONObject = [
    "bearer": [
      "type": "http", "scheme": "bearer",
      "description": .string(
        "An access token [RFC 6750], made with `preimage token create`. Each operation names the "
          + "scope that it needs; `admin` stands for all of them. Objects of other clients are 404."
      ),
    ]
  ]

  /// What an operation demands; nothing of what is open to all.
  static func requirement(_ access: Access?, isOptional: Bool) -> JSONValue {
    let scope: Scope
    switch access ?? .needs(.admin) {
    case .open: return .array([])
    case .needs(let needed): scope = needed
    }
    let bearer: JSONValue = ["bearer": .array([.string(scope.rawValue)])]
    return .array(isOptional ? [[:], bearer] : [bearer])
  }
}
