import SignalFormats

/// Pictures in rows and columns, each row and column with its name.
package struct PictureGrid: Panel {
  var columnNames: [String]
  var rowNames: [String]
  /// `[row][column]`; `nil` leaves the place empty.
  var pictures: [[Raster?]]
  /// `[row][column]`, below each picture; `nil` for none.
  var captions: [[String?]]

  package init(
    columnNames: [String], rowNames: [String], pictures: [[Raster?]], captions: [[String?]]
  ) {
    self.columnNames = columnNames
    self.rowNames = rowNames
    self.pictures = pictures
    self.captions = captions
  }

  private static let gap = 10.0

  package func draw(in frame: Frame) -> [SVGElement] {
    let nameWidth =
      rowNames.map { TextMeasure.width($0, size: Axes.nameSize) }.max() ?? 0
    let nameHeight = Axes.nameSize + 10
    let left = frame.left + nameWidth + 14
    let columnWidth = (frame.right - left) / Double(max(columnNames.count, 1))
    let rowHeight = (frame.height - nameHeight) / Double(max(rowNames.count, 1))
    let side = min(columnWidth, rowHeight - Axes.tickSize - 4) - Self.gap
    var elements: [SVGElement] = []
    for (column, name) in columnNames.enumerated() {
      elements.append(
        .text(
          name,
          at: (left + (Double(column) + 0.5) * columnWidth, frame.top + Axes.nameSize + 2),
          size: Axes.nameSize, anchor: .middle))
    }
    for (row, name) in rowNames.enumerated() {
      let middle = frame.top + nameHeight + (Double(row) + 0.5) * rowHeight
      elements.append(
        .text(
          name, at: (frame.left + nameWidth + 4, middle + Axes.nameSize * 0.36),
          size: Axes.nameSize, anchor: .end))
      for (column, picture) in pictures[row].enumerated() {
        guard let picture else { continue }
        let centre = left + (Double(column) + 0.5) * columnWidth
        // The longer side of the picture fills the square.
        let longer = Double(max(picture.width, picture.height))
        let (width, height) = (
          side * Double(picture.width) / longer, side * Double(picture.height) / longer
        )
        elements.append(
          .picture(
            picture,
            in: Frame(
              left: centre - width / 2, top: middle - height / 2 - Axes.tickSize / 2, width: width,
              height: height)))
        if let caption = captions[row][column] {
          elements.append(
            .text(
              caption, at: (centre, middle + height / 2 + Axes.tickSize / 2 + 3),
              size: Axes.tickSize, anchor: .middle))
        }
      }
    }
    return elements
  }
}
