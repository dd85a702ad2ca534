import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a parser of XML finds in an SVG file.
final class PictureReader: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  /// What each `text` element says.
  private(set) var texts: [String] = []
  private(set) var isWellFormed = false
  private var isInText = false

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(Element(name: elementName, attributes: attributes))
    isInText = elementName == "text"
    if isInText { texts.append("") }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if isInText { texts[texts.count - 1] += string }
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    isInText = false
  }

  /// Attributes that are lengths or places.
  private static let lengths: Set = [
    "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "font-size",
  ]

  /// Every number that says where something is, and how large.
  var coordinates: [Double] {
    elements.flatMap { element -> [Double] in
      let single = element.attributes.filter { Self.lengths.contains($0.key) }.values
        .map { Double($0) ?? .nan }
      let points = (element.attributes["points"] ?? "")
        .split(whereSeparator: { $0 == " " || $0 == "," }).map { Double($0) ?? .nan }
      return single + points
    }
  }

  /// References to anything that is not in the file itself.
  var references: [String] {
    elements.flatMap { element in
      element.attributes.filter { $0.key.hasSuffix("href") && !$0.value.hasPrefix("data:") }.values
    }
  }

  var width: Double? { elements.first.flatMap { $0.attributes["width"] }.flatMap { Double($0) } }
  var height: Double? { elements.first.flatMap { $0.attributes["height"] }.flatMap { Double($0) } }
}
