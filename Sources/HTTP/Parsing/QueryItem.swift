/// One `name=value` of a query, decoded.
public struct QueryItem: Sendable, Equatable {
  public let name: String
  /// Empty when the item had no "=".
  public let value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

extension QueryItem {
  /// The items of the query at `range`, in order; empty ones ("&&") are left out.
  package static func items(
    _ input: [UInt8], _ range: Range<Int>
  ) throws(HTTPFailure) -> [QueryItem] {
    var items: [QueryItem] = []
    var start = range.lowerBound
    var equals: Int?
    for index in range.lowerBound...range.upperBound {
      if index == range.upperBound || input[index] == Byte.ampersand {
        if start < index {
          let nameEnd = equals ?? index
          items.append(
            QueryItem(
              name: try PercentDecoding.queryText(input, start..<nameEnd),
              value: try equals.map { at throws(HTTPFailure) in
                try PercentDecoding.queryText(input, at + 1..<index)
              } ?? ""))
        }
        start = index + 1
        equals = nil
      } else if input[index] == Byte.equals {
        equals = equals ?? index
      } else if !ByteSet.query.contains(input[index]) {
        // Names the fragment too, which is never sent (RFC 9112 section 3.2).
        throw .badRequest(
          "bad_target",
          "The query contains the byte \(input[index]), which must be percent-encoded.")
      }
    }
    return items
  }
}
