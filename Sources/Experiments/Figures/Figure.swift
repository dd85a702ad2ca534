/// A picture of one or more panels under a common title, as SVG that refers to nothing outside of
/// itself: 800 pixels wide, on white.
public struct Figure: Sendable {
  /// Part of the file's name: lower case, words joined by "-".
  public var name: String
  package var title: String
  /// From left to right, then downwards.
  package var panels: [any Panel]
  /// Panels side by side.
  package var columns: Int
  /// Of each panel, in pixels.
  package var panelHeight: Double
  /// Below the panels.
  package var legend: [LegendEntry]

  package init(
    name: String, title: String, panels: [any Panel], columns: Int = 1,
    panelHeight: Double = 330, legend: [LegendEntry] = []
  ) {
    self.name = name
    self.title = title
    self.panels = panels
    self.columns = columns
    self.panelHeight = panelHeight
    self.legend = legend
  }

  package static let width = 800.0
  private static let margin = 14.0
  private static let titleSize = 17.0

  /// The whole file.
  public var svg: String {
    let titleLines = TextMeasure.lines(
      title, width: Self.width - 2 * Self.margin, size: Self.titleSize)
    let titleHeight = Self.margin + Double(titleLines.count) * Self.titleSize * 1.3
    let rows = (panels.count + columns - 1) / max(columns, 1)
    let panelWidth = (Self.width - 2 * Self.margin) / Double(max(columns, 1))
    let legendTop = titleHeight + Double(rows) * panelHeight + 10
    let (legendElements, legendHeight) = LegendEntry.draw(
      legend, left: Self.margin + 6, right: Self.width - Self.margin, top: legendTop)
    let height = legendTop + legendHeight + Self.margin

    var children = [
      SVGElement("title", text: title),
      .rectangle(
        Frame(left: 0, top: 0, width: Self.width, height: height), [("fill", Palette.paper)]),
    ]
    for (place, line) in titleLines.enumerated() {
      children.append(
        .text(
          line, at: (Self.width / 2, Self.margin + Self.titleSize * (1 + 1.3 * Double(place))),
          size: Self.titleSize, anchor: .middle, weight: "bold"))
    }
    for (place, panel) in panels.enumerated() {
      let frame = Frame(
        left: Self.margin + Double(place % columns) * panelWidth,
        top: titleHeight + Double(place / columns) * panelHeight, width: panelWidth,
        height: panelHeight)
      children.append(.group(panel.draw(in: frame)))
    }
    children += legendElements
    let picture = SVGElement(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
        ("width", SVGElement.pixels(Self.width)), ("height", SVGElement.pixels(height)),
        ("viewBox", "0 0 \(SVGElement.pixels(Self.width)) \(SVGElement.pixels(height))"),
        ("font-family", "Helvetica, Arial, 'DejaVu Sans', sans-serif"),
      ], children)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + picture.lines()
  }
}

/// One plot of a figure.
package protocol Panel: Sendable {
  /// All of it, labels included, within the frame.
  func draw(in frame: Frame) -> [SVGElement]
}

/// How much room text takes, as far as that can be known without the font.
enum TextMeasure {
  /// In pixels, on the safe side for sans-serif fonts.
  static func width(_ text: String, size: Double) -> Double { Double(text.count) * size * 0.56 }

  /// Broken between words into lines that fit.
  static func lines(_ text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, Self.width("\(last) \(word)", size: size) <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
