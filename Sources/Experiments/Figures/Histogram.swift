/// Columns whose areas are shares, and a density drawn over them.
package struct Histogram: Panel {
  var title: String
  var xName: String
  /// At least one, all finite.
  var numbers: [Double]
  private let binCount = 40
  /// Where the columns lie; numbers outside are counted in the outermost ones.
  var range: ClosedRange<Double>
  var density: @Sendable (Double) -> Double
  static let bars = SeriesStyle(
    colour: Palette.series(5), marker: .square, hasLine: false, radius: 6)
  static let curve = SeriesStyle(colour: Palette.series(1), marker: nil)

  package init(
    title: String, xName: String, numbers: [Double], range: ClosedRange<Double>,
    density: @escaping @Sendable (Double) -> Double
  ) {
    self.title = title
    self.xName = xName
    self.numbers = numbers
    self.range = range
    self.density = density
  }

  /// Share of the numbers in each column over the column's width.
  package var heights: [Double] {
    let width = (range.upperBound - range.lowerBound) / Double(binCount)
    var counts = [Double](repeating: 0, count: binCount)
    for number in numbers {
      let bin = Int(((number - range.lowerBound) / width).rounded(.down))
      counts[min(max(bin, 0), binCount - 1)] += 1
    }
    return counts.map { $0 / Double(max(numbers.count, 1)) / width }
  }

  package func draw(in frame: Frame) -> [SVGElement] {
    let heights = heights
    let samples = (0...120).map { step in
      let x =
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 120
      return (x: x, y: density(x))
    }
    let axes = Axes(
      title: title, x: .linear(range),
      y: .linear(holding: [0] + heights + samples.map(\.y), tickCount: 4), xName: xName,
      yName: "density")
    let plot = axes.plot(in: frame)
    let width = plot.width / Double(binCount)
    let bars = heights.enumerated().filter { $0.element > 0 }.map { bin, height in
      let top = axes.place(range.lowerBound, height, in: plot).y
      return SVGElement.rectangle(
        Frame(
          left: plot.left + Double(bin) * width, top: top, width: width, height: plot.bottom - top),
        [("fill", Self.bars.colour), ("stroke", Palette.paper), ("stroke-width", "0.5")])
    }
    let line = SVGElement.polyline(
      samples.map { axes.place($0.x, $0.y, in: plot) }, Self.curve.stroke)
    return axes.grid(in: plot) + bars + [line] + axes.labels(in: plot, of: frame)
  }
}
