import Experiments
import LinearAlgebra
import SignalFormats
import Testing

/// One law for every kind of panel: what is written can be read, lies on the page, and says what it
/// was told to say.
struct FigureTests {
  static let awkward = "a < b & \"c\" > 'd' \u{1}é → z*"

  private static let style = SeriesStyle.series(1)

  private static let axes = Axes(
    title: awkward, x: .linear(-3...7), y: .logarithmic(1e-4...20), xName: awkward, yName: awkward)

  static let panels: [(name: String, panel: any Panel)] = [
    (
      "lines",
      LinePlot(
        axes: axes,
        series: [
          LinePlot.Series(
            style,
            [
              LinePlot.Point(-3, 1e-4), LinePlot.Point(0, 1, 0.1...3),
              LinePlot.Point(1, .nan), LinePlot.Point(2, .infinity),
              // Beyond the axes: drawn at their ends.
              LinePlot.Point(9, -5, -6...1e9),
            ]),
          LinePlot.Series(.dashed("#123456"), []),
        ])
    ),
    (
      "heat map",
      HeatMap(
        axes: axes, values: [[0, 1e-9, 1], [.nan, .infinity, -1]], colours: .logarithmic(1e-4...1),
        colourName: awkward, marks: [HeatMap.Mark(x: 0, y: 1, style: style)])
    ),
    (
      "histogram",
      Histogram(
        title: awkward, xName: awkward, numbers: [-1, 0, 0.1, 0.1, 50], range: -2...2,
        density: { _ in 0.3 })
    ),
    (
      "pictures",
      PictureGrid(
        columnNames: [awkward, "b"], rowNames: [awkward],
        pictures: [[Raster(width: 2, height: 3, channels: 1, values: [0, 1, 2, 3, 4, 255]), nil]],
        captions: [[awkward, nil]])
    ),
  ]

  @Test(arguments: panels.indices)
  func whatIsWrittenCanBeRead(place: Int) throws {
    let (name, panel) = Self.panels[place]
    for count in [1, 3] {
      let figure = Figure(
        name: "figure", title: Self.awkward, panels: Array(repeating: panel, count: count),
        columns: 2, legend: [LegendEntry(name: Self.awkward, style: Self.style)])
      let reader = PictureReader(figure.svg)
      #expect(reader.isWellFormed, "\(name)")
      #expect(reader.width == 800)
      let height = try #require(reader.height)
      let coordinates = reader.coordinates
      #expect(coordinates.count > 10)
      #expect(coordinates.allSatisfy { $0 >= 0 && $0 <= max(800, height) }, "\(name)")
      #expect(reader.references.isEmpty)
      // A control character cannot be said in XML.
      let said = Self.awkward.replacing("\u{1}", with: " ")
      #expect(reader.texts.contains(said), "\(name): \(reader.texts)")
    }
  }

  @Test func areasOfAHistogramAreShares() {
    var random = RandomNumbers(seed: 3)
    let numbers = (0..<500).map { _ in 3 * random.normal() }
    // Numbers outside are in the outermost columns, so that none is lost.
    let histogram = Histogram(
      title: "", xName: "", numbers: numbers, range: -2...2, density: { _ in 0 })
    let area = histogram.heights.reduce(0, +) * 4 / Double(histogram.heights.count)
    #expect(abs(area - 1) < 1e-9)
    #expect((histogram.heights.first ?? 0) > (histogram.heights.dropFirst().first ?? 1))
  }

  /// Ticks lie on the axis, rise, have labels that differ and say the value.
  @Test func ticksAreRoundAndWithinTheAxis() {
    var random = RandomNumbers(seed: 11)
    for _ in 0..<400 {
      let size = exp10(random.uniform() * 12 - 6)
      let low = (random.uniform() - 0.5) * size
      let linear = AxisScale.linear(low...low + size * (0.1 + random.uniform()))
      let start = exp10(random.uniform() * 8 - 5)
      let logarithmic = AxisScale.logarithmic(start...start * exp10(0.7 + 6 * random.uniform()))
      for (scale, isLinear) in [(linear, true), (logarithmic, false)] {
        for count in [3, 5, 8] {
          let ticks = scale.ticks(count)
          let step = ticks.count > 1 ? ticks[1].value - ticks[0].value : size
          let slack = isLinear ? step * 1e-5 : 0
          #expect((2...2 * count + 2).contains(ticks.count), "\(scale) \(ticks)")
          #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
          #expect(Set(ticks.map(\.label)).count == ticks.count, "\(ticks)")
          for tick in ticks {
            let range = scale.range
            #expect(tick.value >= range.lowerBound - slack - 1e-8 * abs(range.lowerBound))
            #expect(tick.value <= range.upperBound + slack + 1e-8 * abs(range.upperBound))
            let said = Double(tick.label.replacing("\u{2212}", with: "-")) ?? .nan
            // Labels of linear axes have as many digits as the step, others four.
            let tolerance = isLinear ? step * 0.3 : abs(tick.value) * 1e-3
            #expect(abs(said - tick.value) <= tolerance, "\(tick) of \(scale)")
          }
        }
      }
    }
  }

  @Test func scalesHoldWhatTheyAreMadeFor() {
    let numbers = [0.3, -2.4, 17, .nan]
    let linear = AxisScale.linear(holding: numbers)
    #expect(linear.position(-2.4) > 0 - 1e-12 && linear.position(17) <= 1)
    #expect(linear.position(-1e9) == 0 && linear.position(1e9) == 1)
    let logarithmic = AxisScale.logarithmic(holding: [0.01, 5, 0, -1])
    #expect(logarithmic.position(0.01) > 0 && logarithmic.position(5) < 1)
    #expect(logarithmic.position(0) == 0)
    #expect(AxisScale.linear(holding: []).ticks().count > 1)
    #expect(AxisScale.linear(holding: [4, 4]).position(4) < 1)
    #expect(AxisScale.logarithmic(holding: [-1]).ticks().count > 1)
  }

  private func exp10(_ power: Double) -> Double {
    var value = 1.0
    for _ in 0..<Int(abs(power)) { value *= power < 0 ? 0.1 : 10 }
    // The part below a decade, by a straight line: any number will do.
    return value * (1 + (power.magnitude - power.magnitude.rounded(.down)))
  }
}
