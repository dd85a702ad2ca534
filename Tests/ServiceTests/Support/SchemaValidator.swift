import Documents

/// Checks documents against the part of JSON Schema 2020-12 that the OpenAPI document uses. A
/// keyword that it does not know is a fault, so that nothing passes unchecked.
struct SchemaValidator: Sendable {
  let components: JSONValue

  /// Keywords that say nothing about validity.
  private static let annotations: Set = [
    "description", "default", "examples", "format", "contentEncoding", "contentMediaType",
  ]

  /// What is wrong with `value`, each with its place.
  ///
  /// - Parameter isClosed: whether members that a schema does not list are faults even where it
  ///   would let them pass.
  func faults(
    of value: JSONValue, _ schema: JSONValue, isClosed: Bool = false, at place: String = ""
  ) -> [String] {
    guard let keywords = schema.object else { return ["\(place): the schema is not an object"] }
    if let reference = keywords["$ref"]?.string {
      guard let target = resolve(reference) else { return ["\(place): \(reference) dangles"] }
      return faults(of: value, target, isClosed: isClosed, at: place)
    }
    var found: [String] = []
    for (keyword, argument) in keywords.members where !Self.annotations.contains(keyword) {
      switch keyword {
      case "properties", "required", "additionalProperties", "propertyNames", "maxProperties":
        break
      case "oneOf":
        let matches = (argument.elements ?? []).count {
          faults(of: value, $0, isClosed: isClosed, at: place).isEmpty
        }
        if matches != 1 { found.append("\(place): matches \(matches) of the alternatives") }
      default:
        if let fault = scalarFault(value, keyword, argument) ?? arrayFault(value, keyword, argument)
        {
          found.append("\(place): \(fault)")
        }
      }
    }
    if let items = keywords["items"], let elements = value.elements {
      for (index, element) in elements.enumerated() {
        found += faults(of: element, items, isClosed: isClosed, at: "\(place)/\(index)")
      }
    }
    if let object = value.object {
      found += memberFaults(object, keywords, isClosed: isClosed, at: place)
    }
    return found
  }

  func resolve(_ reference: String) -> JSONValue? {
    let prefix = "#/components/schemas/"
    guard reference.hasPrefix(prefix) else { return nil }
    return components[String(reference.dropFirst(prefix.count))]
  }

  private func memberFaults(
    _ object: JSONObject, _ keywords: JSONObject, isClosed: Bool, at place: String
  ) -> [String] {
    var found: [String] = []
    for name in keywords["required"]?.elements ?? [] where object[name.string ?? ""] == nil {
      found.append("\(place): lacks \(name)")
    }
    if let most = keywords["maxProperties"]?.number, object.members.count > Int(most) {
      found.append("\(place): has \(object.members.count) members")
    }
    let properties = keywords["properties"]?.object
    let others = keywords["additionalProperties"]
    for (key, value) in object.members {
      let here = "\(place)/\(key)"
      if let names = keywords["propertyNames"] {
        found += faults(of: .string(key), names, at: here)
      }
      if let schema = properties?[key] {
        found += faults(of: value, schema, isClosed: isClosed, at: here)
      } else if let others, others.object != nil {
        found += faults(of: value, others, isClosed: isClosed, at: here)
      } else if others == false || isClosed && others == nil && properties != nil {
        found.append("\(here): is not a known member")
      }
    }
    return found
  }

  private func arrayFault(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue
  ) -> String? {
    let count = value.elements.map { Double($0.count) }
    let bound = argument.number ?? 0
    switch keyword {
    case "items": return nil
    case "minItems": return count.map { $0 < bound } == true ? "has too few elements" : nil
    case "maxItems": return count.map { $0 > bound } == true ? "has too many elements" : nil
    case "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "minLength",
      "maxLength", "pattern":
      return nil
    default: return "the validator does not know \(keyword)"
    }
  }

  private func scalarFault(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue
  ) -> String? {
    let bound = argument.number ?? 0
    switch keyword {
    case "type":
      let types = argument.string.map { [$0] } ?? (argument.elements ?? []).compactMap(\.string)
      return types.contains { Self.isOf(value, $0) } ? nil : "is not \(types)"
    case "enum": return argument.elements?.contains(value) == true ? nil : "is not in the list"
    case "const": return argument == value ? nil : "is not \(argument)"
    case "minimum": return value.number.map { $0 < bound } == true ? "is below \(bound)" : nil
    case "maximum": return value.number.map { $0 > bound } == true ? "is above \(bound)" : nil
    case "exclusiveMinimum":
      return value.number.map { $0 <= bound } == true ? "is not above \(bound)" : nil
    case "minLength":
      return value.string.map { $0.unicodeScalars.count < Int(bound) } == true
        ? "is too short" : nil
    case "maxLength":
      return value.string.map { $0.unicodeScalars.count > Int(bound) } == true ? "is too long" : nil
    case "pattern":
      guard let text = value.string, let pattern = argument.string else { return nil }
      guard let regex = try? Regex(pattern) else { return "the pattern \(pattern) is none" }
      return text.contains(regex) ? nil : "does not match \(pattern)"
    default: return nil
    }
  }

  private static func isOf(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.object, "object"),
      (.array, "array"), (.numbers, "array"), (.number, "number"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}
