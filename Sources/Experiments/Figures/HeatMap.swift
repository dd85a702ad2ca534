import SignalFormats

/// A function over a rectangle as colours, with a colour bar and signs at some places.
package struct HeatMap: Panel {
  var axes: Axes
  /// `[row][column]`, the first row at the lower end of the y axis; cells are centred on equidistant
  /// places from one end of each axis to the other.
  var values: [[Double]]
  /// What the colours stand for.
  var colours: AxisScale
  var marks: [Mark]
  /// Beside the colour bar.
  private let colourName: String

  package struct Mark: Sendable {
    var x: Double
    var y: Double
    var style: SeriesStyle

    package init(x: Double, y: Double, style: SeriesStyle) {
      self.x = x
      self.y = y
      self.style = style
    }
  }

  private static let barWidth = 14.0

  /// `values` is a rectangle with at least one cell.
  package init(
    axes: Axes, values: [[Double]], colours: AxisScale, colourName: String, marks: [Mark]
  ) {
    precondition(
      !values.isEmpty && !values[0].isEmpty && values.allSatisfy { $0.count == values[0].count },
      "a heat map is a rectangle")
    self.values = values
    self.colours = colours
    self.colourName = colourName
    self.marks = marks
    self.axes = axes
    let labels = colours.ticks().map { TextMeasure.width($0.label, size: Axes.tickSize) }
    self.axes.rightMargin = 10 + Self.barWidth + 8 + (labels.max() ?? 0) + Axes.nameSize + 12
  }

  package func draw(in frame: Frame) -> [SVGElement] {
    let plot = axes.plot(in: frame)
    var elements = [SVGElement.picture(raster, in: plot)]
    for mark in marks {
      if let sign = mark.style.sign(at: axes.place(mark.x, mark.y, in: plot)) {
        elements.append(sign)
      }
    }
    return elements + axes.labels(in: plot, of: frame) + colourBar(beside: plot)
  }

  /// The cells, the last row first.
  private var raster: Raster {
    let colours = values.reversed().flatMap { row in
      row.flatMap { ColourScale.colour(self.colours.position($0)) }
    }
    return Raster(width: values[0].count, height: values.count, channels: 3, values: colours)
  }

  private func colourBar(beside plot: Frame) -> [SVGElement] {
    let bar = Frame(
      left: plot.right + 10, top: plot.top, width: Self.barWidth, height: plot.height)
    let steps = 64
    let gradient = Raster(
      width: 1, height: steps, channels: 3,
      values: (0..<steps).flatMap {
        ColourScale.colour(1 - (Double($0) + 0.5) / Double(steps))
      })
    var elements = [
      SVGElement.picture(gradient, in: bar),
      .rectangle(bar, [("fill", "none"), ("stroke", Palette.frame), ("stroke-width", "1")]),
    ]
    var labelWidth = 0.0
    for tick in colours.ticks() {
      let place = bar.bottom - colours.position(tick.value) * bar.height
      elements.append(
        .line((bar.right, place), (bar.right + 4, place), [("stroke", Palette.frame)]))
      elements.append(
        .text(tick.label, at: (bar.right + 7, place + Axes.tickSize * 0.36), size: Axes.tickSize))
      labelWidth = max(labelWidth, TextMeasure.width(tick.label, size: Axes.tickSize))
    }
    elements.append(
      .text(
        colourName, at: (bar.right + labelWidth + Axes.nameSize + 10, plot.top + plot.height / 2),
        size: Axes.nameSize, anchor: .middle, turned: true))
    return elements
  }
}
