/// The frame of a plot: a title above, numbers and names along the two axes.
package struct Axes: Sendable {
  var title: String
  var x: AxisScale
  var y: AxisScale
  var xName: String
  var yName: String
  /// Room to the right of the plot, for a colour bar.
  var rightMargin = 12.0

  package init(title: String, x: AxisScale, y: AxisScale, xName: String, yName: String) {
    self.title = title
    self.x = x
    self.y = y
    self.xName = xName
    self.yName = yName
  }

  static let tickSize = 12.0
  static let nameSize = 13.0
  static let titleSize = 14.0

  /// The rectangle within `frame` that the numbers span.
  func plot(in frame: Frame) -> Frame {
    let labelWidth =
      y.ticks().map { TextMeasure.width($0.label, size: Self.tickSize) }.max() ?? 0
    return frame.inset(
      left: labelWidth + Self.nameSize + 20, top: Self.titleSize + 18, right: rightMargin,
      bottom: Self.tickSize + Self.nameSize + 22)
  }

  /// Where a pair of numbers is in the picture.
  func place(_ xValue: Double, _ yValue: Double, in plot: Frame) -> (x: Double, y: Double) {
    (plot.left + x.position(xValue) * plot.width, plot.bottom - y.position(yValue) * plot.height)
  }

  /// Grid lines, to be drawn before the data.
  func grid(in plot: Frame) -> [SVGElement] {
    let stroke = [("stroke", Palette.grid), ("stroke-width", "1")]
    let across = xTicks(in: plot).map { tick in
      let place = plot.left + x.position(tick.value) * plot.width
      return SVGElement.line((place, plot.top), (place, plot.bottom), stroke)
    }
    let along = y.ticks().map { tick in
      let place = plot.bottom - y.position(tick.value) * plot.height
      return SVGElement.line((plot.left, place), (plot.right, place), stroke)
    }
    return across + along
  }

  /// Border, ticks, numbers, names and title, to be drawn after the data.
  func labels(in plot: Frame, of frame: Frame) -> [SVGElement] {
    var elements = [
      SVGElement.rectangle(
        plot, [("fill", "none"), ("stroke", Palette.frame), ("stroke-width", "1")]),
      .text(
        title, at: (plot.left + plot.width / 2, plot.top - 9), size: Self.titleSize,
        anchor: .middle, weight: "bold"),
      .text(
        xName, at: (plot.left + plot.width / 2, plot.bottom + Self.tickSize + Self.nameSize + 14),
        size: Self.nameSize, anchor: .middle),
      .text(
        yName, at: (frame.left + Self.nameSize + 2, plot.top + plot.height / 2),
        size: Self.nameSize, anchor: .middle, turned: true),
    ]
    let stroke = [("stroke", Palette.frame), ("stroke-width", "1")]
    for tick in xTicks(in: plot) {
      let place = plot.left + x.position(tick.value) * plot.width
      elements.append(.line((place, plot.bottom), (place, plot.bottom + 4), stroke))
      elements.append(
        .text(
          tick.label, at: (place, plot.bottom + Self.tickSize + 6), size: Self.tickSize,
          anchor: .middle))
    }
    for tick in y.ticks() {
      let place = plot.bottom - y.position(tick.value) * plot.height
      elements.append(.line((plot.left - 4, place), (plot.left, place), stroke))
      elements.append(
        .text(
          tick.label, at: (plot.left - 7, place + Self.tickSize * 0.36), size: Self.tickSize,
          anchor: .end))
    }
    return elements
  }

  /// As many as stand side by side without touching.
  private func xTicks(in plot: Frame) -> [AxisScale.Tick] {
    let candidates = [6, 5, 4, 3, 2].map { x.ticks($0) }
    return candidates.first { ticks in
      let widest = ticks.map { TextMeasure.width($0.label, size: Self.tickSize) }.max() ?? 0
      return zip(ticks, ticks.dropFirst()).allSatisfy { first, second in
        (x.position(second.value) - x.position(first.value)) * plot.width > widest + 6
      }
    } ?? x.ticks(2)
  }
}
