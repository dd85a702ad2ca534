/// Splits one field line into name and value; header and trailer sections share it
/// (RFC 9112 section 5).
extension RequestHead.Field {
  /// `line` is a line of `input` without its CRLF; controls have been refused already. The ranges
  /// kept count from `origin`.
  package init(_ input: [UInt8], line: Range<Int>, origin: Int) throws(HTTPFailure) {
    let first = input[line.lowerBound]
    if first == Byte.space || first == Byte.tab {
      // RFC 9112 section 5.2 (obs-fold) and section 2.2 (whitespace before the first field).
      throw .badRequest(
        "folded_field", "A field line begins with whitespace; folding is not accepted.")
    }
    var colon = line.lowerBound
    while colon < line.upperBound, ByteSet.token.contains(input[colon]) { colon &+= 1 }
    guard colon < line.upperBound else {
      throw .badRequest("field_without_colon", "A field line has no colon.")
    }
    guard input[colon] == Byte.colon else {
      // Covers whitespace before the colon, RFC 9112 section 5.1.
      throw .badRequest(
        "bad_field_name", "A field name contains the byte \(input[colon]), expected a token.")
    }
    guard colon > line.lowerBound else {
      throw .badRequest("empty_field_name", "A field line begins with a colon.")
    }
    var start = colon + 1
    var end = line.upperBound
    while start < end, input[start] == Byte.space || input[start] == Byte.tab { start &+= 1 }
    while end > start, input[end - 1] == Byte.space || input[end - 1] == Byte.tab { end &-= 1 }
    name = line.lowerBound - origin..<colon - origin
    value = start - origin..<end - origin
  }
}
