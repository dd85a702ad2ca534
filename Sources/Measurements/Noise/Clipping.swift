import Documents

/// That noisy numbers were cut off at two ends, as pictures and sensors do: an observed number at
/// an end says no more than that it was there or beyond.
public enum Clipping: Sendable, Equatable {
  /// At the ends of the generator's output range, for measurements whose numbers lie in it.
  case toOutputRange
  case to(lower: Double, upper: Double)

  static let parameter = StructuredParameter(
    "clipped",
    schema: [
      "oneOf": [
        ["type": "boolean"],
        ["type": "array", "items": ["type": "number"], "minItems": 2, "maxItems": 2],
      ], "default": false,
      "description":
        """
      The noisy numbers were cut off at these two ends, `true` for those of the generator's \
      output range: a number at an end says that it was there or beyond.
      """,
    ])

  /// - Returns: `nil` where the document does not say, or says `false`.
  static func read(_ document: ObjectReader) throws(DocumentError) -> Clipping? {
    guard let value = document.value(parameter.name) else { return nil }
    switch value {
    case .bool(let isClipped): return isClipped ? .toOutputRange : nil
    case .numbers(let ends) where ends.count == 2:
      guard ends.allSatisfy({ abs($0) <= 1e30 }), ends[0] < ends[1] else {
        throw document.malformed(
          parameter.name, "is \(ends[0]) to \(ends[1]); expected the lower end, then the upper one")
      }
      return .to(lower: ends[0], upper: ends[1])
    default:
      throw document.malformed(
        parameter.name, "is \(value.kindName); expected true, false, or two numbers")
    }
  }

  var document: JSONValue {
    switch self {
    case .toOutputRange: true
    case .to(let lower, let upper): [.number(lower), .number(upper)]
    }
  }

  /// The ends in numbers; unchanged where there are none to be had.
  func resolved(_ outputRange: ClosedRange<Float>?) -> Clipping {
    guard case .toOutputRange = self, let outputRange else { return self }
    return .to(lower: Double(outputRange.lowerBound), upper: Double(outputRange.upperBound))
  }

  /// What an observed number says. Numbers as near to an end as single precision can tell are at it.
  func seen(_ observed: Double) -> Seen {
    guard case .to(let lower, let upper) = self else { return .exactly(observed) }
    let rounding = Self.rounding * (upper - lower)
    if observed <= lower + rounding { return .atMost(lower) }
    if observed >= upper - rounding { return .atLeast(upper) }
    return .exactly(observed)
  }

  private static let rounding = 1e-6

  /// - Throws: `DocumentError`, unprocessable, naming the first number beyond the ends.
  func check(_ observation: [Float], pointer: String) throws(DocumentError) {
    guard case .to(let lower, let upper) = self else { return }
    let rounding = Self.rounding * (upper - lower)
    let allowed = lower - rounding...upper + rounding
    guard let bad = observation.firstIndex(where: { !allowed.contains(Double($0)) }) else { return }
    throw .unprocessable(
      pointer,
      "number \(bad) of what is observed is \(observation[bad]), beyond the ends \(lower) and "
        + "\(upper) of clipped noise; leave clipped out, or give its ends")
  }
}

/// What one observed number says of the noisy one.
enum Seen: Sendable, Equatable {
  case exactly(Double)
  case atLeast(Double)
  case atMost(Double)
}
