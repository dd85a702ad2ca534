/// A part of a picture in SVG 1.1: a name, attributes, and what is inside.
package struct SVGElement: Sendable, Equatable {
  var name: String
  var attributes: [(name: String, value: String)]
  var children: [SVGElement] = []
  var text = ""

  init(
    _ name: String, _ attributes: [(String, String)] = [], _ children: [SVGElement] = [],
    text: String = ""
  ) {
    self.name = name
    self.attributes = attributes.map { (name: $0.0, value: $0.1) }
    self.children = children
    self.text = text
  }

  /// The element and all that is in it, two spaces further in for each level.
  func lines(indent: String = "") -> String {
    let open = attributes.reduce("\(indent)<\(name)") { tag, attribute in
      "\(tag) \(attribute.name)=\"\(Self.escaped(attribute.value))\""
    }
    if !text.isEmpty { return "\(open)>\(Self.escaped(text))</\(name)>\n" }
    if children.isEmpty { return "\(open)/>\n" }
    let inside = children.map { $0.lines(indent: indent + "  ") }.joined()
    return "\(open)>\n\(inside)\(indent)</\(name)>\n"
  }

  /// As the content of an element or of an attribute. Control characters, which XML cannot hold,
  /// become spaces.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  package static func == (a: SVGElement, b: SVGElement) -> Bool { a.lines() == b.lines() }
}

// The elements that figures are made of. Lengths are pixels; y runs downwards.
extension SVGElement {
  /// A length or place with at most two decimals.
  static func pixels(_ length: Double) -> String {
    let text = length.fixed(2)
    guard text.contains(".") else { return text }
    let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    let number = String(trimmed.reversed())
    return number == "-0" ? "0" : number
  }

  static func group(_ children: [SVGElement], _ attributes: [(String, String)] = []) -> SVGElement {
    SVGElement("g", attributes, children)
  }

  static func rectangle(_ frame: Frame, _ attributes: [(String, String)]) -> SVGElement {
    SVGElement(
      "rect",
      [
        ("x", pixels(frame.left)), ("y", pixels(frame.top)), ("width", pixels(frame.width)),
        ("height", pixels(frame.height)),
      ] + attributes)
  }

  static func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ attributes: [(String, String)]
  ) -> SVGElement {
    SVGElement(
      "line",
      [
        ("x1", pixels(from.x)), ("y1", pixels(from.y)), ("x2", pixels(to.x)), ("y2", pixels(to.y)),
      ] + attributes)
  }

  static func polyline(
    _ points: [(x: Double, y: Double)], _ attributes: [(String, String)]
  ) -> SVGElement {
    let list = points.map { "\(pixels($0.x)),\(pixels($0.y))" }.joined(separator: " ")
    return SVGElement("polyline", [("points", list), ("fill", "none")] + attributes)
  }

  /// Where a text stands beside the place that it is given.
  enum Anchor: String {
    case start, middle, end
  }

  /// One line of text whose baseline goes through `place`.
  static func text(
    _ text: String, at place: (x: Double, y: Double), size: Double, anchor: Anchor = .start,
    weight: String? = nil, turned: Bool = false
  ) -> SVGElement {
    var attributes = [
      ("x", pixels(place.x)), ("y", pixels(place.y)), ("font-size", pixels(size)),
      ("text-anchor", anchor.rawValue), ("fill", Palette.ink),
    ]
    if let weight { attributes.append(("font-weight", weight)) }
    if turned {
      attributes.append(("transform", "rotate(-90 \(pixels(place.x)) \(pixels(place.y)))"))
    }
    return SVGElement("text", attributes, text: text)
  }
}

/// A rectangle of the picture in pixels.
package struct Frame: Sendable, Equatable {
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  var right: Double { left + width }
  var bottom: Double { top + height }

  /// The frame less a margin at each side.
  func inset(left: Double, top: Double, right: Double, bottom: Double) -> Frame {
    Frame(
      left: self.left + left, top: self.top + top, width: width - left - right,
      height: height - top - bottom)
  }
}
