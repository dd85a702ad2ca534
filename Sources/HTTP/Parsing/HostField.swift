/// The rules of `Host`: exactly one, syntactically a host with an optional port, and in agreement
/// with an absolute-form target (RFC 9112 section 3.2, RFC 9110 section 7.2).
enum HostField {
  static func check(
    _ bytes: [UInt8], _ value: Range<Int>?, line: RequestLine
  ) throws(HTTPFailure) {
    guard let value else {
      if line.minorVersion == 0 { return }
      throw .badRequest("missing_host", "An HTTP/1.1 request needs a Host field.")
    }
    guard isAuthority(bytes, value) else {
      throw .badRequest("bad_host", "Host must be a host name or address with an optional port.")
    }
    if let authority = line.target.authority {
      let same =
        authority.count == value.count
        && zip(bytes[authority], bytes[value]).allSatisfy { $0.lowered == $1.lowered }
      guard same else {
        throw .badRequest("host_mismatch", "The target's authority differs from Host.")
      }
    }
  }

  /// `uri-host [ ":" port ]`, host not empty, no user information.
  static func isAuthority(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    var end = range.lowerBound
    if end < range.upperBound, bytes[end] == Byte.leftBracket {
      end += 1
      var colons = 0
      while end < range.upperBound, bytes[end] != Byte.rightBracket {
        let byte = bytes[end]
        if byte == Byte.colon {
          colons += 1
        } else if byte != Byte.dot, byte.hexValue == nil {
          return false
        }
        end += 1
      }
      guard end < range.upperBound, colons >= 2, colons <= 7 else { return false }
      end += 1
    } else {
      while end < range.upperBound, ByteSet.registeredName.contains(bytes[end]) {
        if bytes[end] == Byte.percent {
          guard end + 2 < range.upperBound, bytes[end + 1].hexValue != nil,
            bytes[end + 2].hexValue != nil
          else { return false }
        }
        end += 1
      }
      guard end > range.lowerBound else { return false }
    }
    if end == range.upperBound { return true }
    guard bytes[end] == Byte.colon, range.upperBound - end - 1 <= 5 else { return false }
    var port = 0
    for index in end + 1..<range.upperBound {
      guard bytes[index].isDigit else { return false }
      port = port * 10 + Int(bytes[index] &- 0x30)
    }
    return port <= 65_535
  }
}
