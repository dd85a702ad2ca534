/// Curves and points with error bars.
package struct LinePlot: Panel {
  var axes: Axes
  var series: [Series]

  package init(axes: Axes, series: [Series]) {
    self.axes = axes
    self.series = series
  }

  package struct Series: Sendable {
    var style: SeriesStyle
    /// In the order in which a line joins them.
    var points: [Point]

    package init(_ style: SeriesStyle, _ points: [Point]) {
      self.style = style
      self.points = points
    }
  }

  package struct Point: Sendable {
    var x: Double
    var y: Double
    /// Where the error bar ends; `nil` for none.
    var interval: ClosedRange<Double>?

    package init(_ x: Double, _ y: Double, _ interval: ClosedRange<Double>? = nil) {
      self.x = x
      self.y = y
      self.interval = interval
    }
  }

  package func draw(in frame: Frame) -> [SVGElement] {
    let plot = axes.plot(in: frame)
    return axes.grid(in: plot) + series.flatMap { draw($0, in: plot) }
      + axes.labels(in: plot, of: frame)
  }

  private func draw(_ series: Series, in plot: Frame) -> [SVGElement] {
    let points = series.points.filter { $0.x.isFinite && $0.y.isFinite }
    let places = points.map { axes.place($0.x, $0.y, in: plot) }
    var elements: [SVGElement] = []
    if series.style.hasLine, places.count > 1 {
      elements.append(.polyline(places, series.style.stroke))
    }
    for (point, place) in zip(points, places) {
      if let interval = point.interval {
        elements += bar(interval, at: point.x, series.style.colour, in: plot)
      }
      if let sign = series.style.sign(at: place) { elements.append(sign) }
    }
    return elements
  }

  private func bar(
    _ interval: ClosedRange<Double>, at x: Double, _ colour: String, in plot: Frame
  ) -> [SVGElement] {
    let low = axes.place(x, interval.lowerBound, in: plot)
    let high = axes.place(x, interval.upperBound, in: plot)
    let stroke = [("stroke", colour), ("stroke-width", "1.1"), ("stroke-opacity", "0.75")]
    return [
      .line(low, high, stroke), .line((low.x - 3, low.y), (low.x + 3, low.y), stroke),
      .line((high.x - 3, high.y), (high.x + 3, high.y), stroke),
    ]
  }
}
