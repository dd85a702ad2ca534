/// The sign at a point, a second way to tell series apart.
package enum Marker: Sendable, CaseIterable {
  case circle, square, triangle, diamond, cross

  /// Different for neighbouring series.
  static func series(_ place: Int) -> Marker { allCases[place % allCases.count] }

  /// About `2 * radius` wide around `place`.
  func draw(
    at place: (x: Double, y: Double), radius: Double, _ attributes: [(String, String)]
  ) -> SVGElement {
    let (x, y) = place
    switch self {
    case .circle:
      return SVGElement(
        "circle",
        [
          ("cx", SVGElement.pixels(x)), ("cy", SVGElement.pixels(y)),
          ("r", SVGElement.pixels(radius)),
        ] + attributes)
    case .square:
      let half = radius * 0.9
      return polygon(
        [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)],
        attributes)
    case .triangle:
      return polygon(
        [
          (x, y - radius * 1.2), (x + radius * 1.1, y + radius * 0.8),
          (x - radius * 1.1, y + radius * 0.8),
        ],
        attributes)
    case .diamond:
      let half = radius * 1.25
      return polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], attributes)
    case .cross:
      let (thin, half) = (radius * 0.35, radius * 1.15)
      return polygon(
        [
          (x - half, y - half + thin), (x - half + thin, y - half), (x, y - thin),
          (x + half - thin, y - half), (x + half, y - half + thin), (x + thin, y),
          (x + half, y + half - thin), (x + half - thin, y + half), (x, y + thin),
          (x - half + thin, y + half), (x - half, y + half - thin), (x - thin, y),
        ], attributes)
    }
  }

  private func polygon(
    _ points: [(x: Double, y: Double)], _ attributes: [(String, String)]
  ) -> SVGElement {
    let list = points.map { "\(SVGElement.pixels($0.x)),\(SVGElement.pixels($0.y))" }
    return SVGElement("polygon", [("points", list.joined(separator: " "))] + attributes)
  }
}

/// How a series is drawn.
package struct SeriesStyle: Sendable {
  var colour: String
  /// `nil` for a line without signs.
  var marker: Marker?
  var isDashed = false
  /// Whether the points are joined.
  var hasLine = true
  /// Of the signs.
  var outline = Palette.paper
  /// Of the signs, in pixels.
  var radius = 3.6

  /// The usual style of the series at that place; colours that come again are dashed.
  package static func series(_ place: Int) -> SeriesStyle {
    SeriesStyle(
      colour: Palette.series(place), marker: .series(place),
      isDashed: place >= Palette.series.count)
  }

  /// A thin dashed line without signs.
  package static func dashed(_ colour: String) -> SeriesStyle {
    SeriesStyle(colour: colour, marker: nil, isDashed: true)
  }

  var stroke: [(String, String)] {
    let dash = isDashed ? [("stroke-dasharray", "5 4")] : []
    return [
      ("stroke", colour), ("stroke-width", isDashed ? "1.3" : "1.8"), ("stroke-linejoin", "round"),
    ] + dash
  }

  func sign(at place: (x: Double, y: Double)) -> SVGElement? {
    marker?.draw(
      at: place, radius: radius,
      [
        ("fill", colour), ("stroke", outline),
        ("stroke-width", outline == Palette.paper ? "0.8" : "1.4"),
      ])
  }
}

/// One line of a legend: how something is drawn and what it is.
package struct LegendEntry: Sendable {
  var name: String
  var style: SeriesStyle

  package init(name: String, style: SeriesStyle) {
    self.name = name
    self.style = style
  }

  private static let textSize = 13.0
  private static let sampleWidth = 30.0
  private static let lineHeight = 21.0

  /// The entries side by side, in as many lines as they need; with the height of all lines.
  static func draw(
    _ entries: [LegendEntry], left: Double, right: Double, top: Double
  ) -> (elements: [SVGElement], height: Double) {
    guard !entries.isEmpty else { return ([], 0) }
    var elements: [SVGElement] = []
    var (x, line) = (left, 0.0)
    for entry in entries {
      let width = sampleWidth + 8 + TextMeasure.width(entry.name, size: textSize) + 18
      if x > left, x + width > right { (x, line) = (left, line + 1) }
      let y = top + line * lineHeight + lineHeight / 2
      if entry.style.hasLine {
        elements.append(.line((x, y), (x + sampleWidth, y), entry.style.stroke))
      }
      if let sign = entry.style.sign(at: (x + sampleWidth / 2, y)) { elements.append(sign) }
      elements.append(
        .text(entry.name, at: (x + sampleWidth + 8, y + textSize * 0.36), size: textSize))
      x += width
    }
    return (elements, (line + 1) * lineHeight)
  }
}
