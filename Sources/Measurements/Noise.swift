import Documents

/// What was added to the measured signal.
public enum Noise: Sendable, Equatable {
  /// Nothing beyond rounding.
  case none
  /// Independent normal errors of that standard deviation; `nil` when it is not known.
  case gaussian(sigma: Double?)

  public static let types = ["none", "gaussian"]

  public static let schema: JSONValue = [
    "oneOf": [
      [
        "type": "object", "required": ["type"], "additionalProperties": false,
        "properties": ["type": ["const": "none"]],
      ],
      [
        "type": "object", "required": ["type"], "additionalProperties": false,
        "properties": [
          "type": ["const": "gaussian"],
          "sigma": [
            "type": ["number", "null"], "exclusiveMinimum": 0,
            "description": "standard deviation in the signal's units; left out: estimated",
          ],
        ],
      ],
    ], "default": ["type": "none"],
  ]

  /// - Parameter value: the request's `noise`; `nil` is no noise.
  public init(_ value: JSONValue?, pointer: String = "/noise") throws(DocumentError) {
    guard let value, value != .null else {
      self = .none
      return
    }
    let document = try ObjectReader(value, pointer: pointer)
    switch try document.requiredString("type") {
    case "none": self = .none
    case "gaussian":
      let sigma = try document.number("sigma", in: 0...1e30)
      guard sigma != 0 else {
        throw document.malformed("sigma", "is 0; expected a positive number, or noise \"none\"")
      }
      self = .gaussian(sigma: sigma)
    case let other:
      throw document.malformed(
        "type", "is \"\(other.prefix(64))\"; expected one of \(Self.types.joined(separator: ", "))")
    }
    try document.finish()
  }

  public var document: JSONValue {
    switch self {
    case .none: ["type": "none"]
    case .gaussian(let sigma): ["type": "gaussian", "sigma": sigma.map(JSONValue.number) ?? .null]
    }
  }

  /// The declared standard deviation, where there is one.
  public var sigma: Double? {
    if case .gaussian(let sigma) = self { sigma } else { nil }
  }
}
