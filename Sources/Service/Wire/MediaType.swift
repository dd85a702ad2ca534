/// Media types in `Content-Type` and `Accept` [RFC 9110, sections 8.3 and 12.5.1].
package enum MediaType {
  /// The type without its parameters, in lower case.
  package static func essence(_ value: String) -> String {
    value.prefix { $0 != ";" }.trimmingSpaces().lowercased()
  }

  /// A parameter of a media type, such as `boundary`; quotes are taken off, and what they hold is
  /// one text whatever signs are in it [RFC 9110, section 5.6.6].
  package static func parameter(_ name: String, of value: String) -> String? {
    for part in parts(of: value).dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].trimmingSpaces().lowercased() == name else { continue }
      let text = pair[1].trimmingSpaces()
      return text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        ? unescaped(text.dropFirst().dropLast()) : text
    }
    return nil
  }

  /// What stands between semicolons that are not in quotes.
  private static func parts(of value: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    var isEscaped = false
    for character in value {
      if character == ";", !isQuoted {
        parts.append("")
        continue
      }
      if character == "\"", !isEscaped { isQuoted.toggle() }
      isEscaped = isQuoted && character == "\\" && !isEscaped
      parts[parts.count - 1].append(character)
    }
    return parts
  }

  private static func unescaped(_ quoted: Substring) -> String {
    var text = ""
    var isEscaped = false
    for character in quoted {
      isEscaped = character == "\\" && !isEscaped
      if !isEscaped { text.append(character) }
    }
    return text
  }

  /// The offered type that an `Accept` field likes best; the first offer where the field is absent
  /// or indifferent; `nil` when it wants none of them.
  package static func negotiate(_ accept: String?, offers: [String]) -> String? {
    guard let accept, !accept.trimmingSpaces().isEmpty else { return offers.first }
    var best: (offer: String, quality: Double)?
    for offer in offers {
      let quality = quality(of: offer, in: accept)
      if quality > best?.quality ?? 0 { best = (offer, quality) }
    }
    return best?.offer
  }

  /// The quality that the most specific matching range gives a type; 0 when none matches.
  private static func quality(of type: String, in accept: String) -> Double {
    let family = type.prefix { $0 != "/" } + "/*"
    var found: (specificity: Int, quality: Double) = (-1, 0)
    for range in accept.split(separator: ",") {
      let pattern = essence(String(range))
      let specificity = pattern == type ? 2 : pattern == family ? 1 : pattern == "*/*" ? 0 : -1
      guard specificity > found.specificity else { continue }
      let quality = parameter("q", of: String(range)).flatMap(Double.init) ?? 1
      found = (specificity, min(max(quality, 0), 1))
    }
    return found.quality
  }
}

extension StringProtocol {
  /// Without spaces and tabs at both ends.
  func trimmingSpaces() -> String {
    var text = self[...]
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
