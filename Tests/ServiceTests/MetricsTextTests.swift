import Service
import Testing

/// The text format of Prometheus.
struct MetricsTextTests {
  @Test func aGaugeIsThreeLines() {
    var text = MetricsText()
    text.gauge("preimage_workers", "Worker threads.", 3)
    #expect(
      text.text == """
        # HELP preimage_workers Worker threads.
        # TYPE preimage_workers gauge
        preimage_workers 3

        """)
  }

  @Test func labelsAreEscaped() {
    var text = MetricsText()
    text.family(
      "a_total", "A.", "counter", [([("path", "\\x\"y\nz\r\n"), ("b", "")], 0.25)])
    #expect(text.text.hasSuffix("\na_total{path=\"\\\\x\\\"y\\nz\r\\n\",b=\"\"} 0.25\n"))
  }

  @Test(arguments: [
    (0, "0"), (-2, "-2"), (1e14, "100000000000000"), (1e16, "1e+16"), (0.1, "0.1"),
    (1e-7, "1e-07"),
  ])
  func numbersAreShort(value: Double, shown: String) {
    var text = MetricsText()
    text.family("a", "A.", "gauge", [([], value)])
    #expect(text.text.hasSuffix("\na \(shown)\n"))
  }

  @Test func aHistogramIsCumulative() throws {
    var histogram = ServiceMetrics.Histogram()
    for seconds in [0.0005, 0.001, 0.02, 59, 61] { histogram.record(seconds) }
    var text = MetricsText()
    text.histogram("d_seconds", "D.", [([("route", "/x")], histogram)])
    let lines = text.text.split(separator: "\n").map(String.init)
    #expect(lines[1] == "# TYPE d_seconds histogram")
    #expect(lines.contains(#"d_seconds_bucket{route="/x",le="0.001"} 2"#))
    #expect(lines.contains(#"d_seconds_bucket{route="/x",le="0.025"} 3"#))
    #expect(lines.contains(#"d_seconds_bucket{route="/x",le="60"} 4"#))
    #expect(lines.contains(#"d_seconds_bucket{route="/x",le="+Inf"} 5"#))
    #expect(lines.last == #"d_seconds_count{route="/x"} 5"#)
    let counts = lines.filter { $0.hasPrefix("d_seconds_bucket") }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    #expect(counts.count == ServiceMetrics.bounds.count + 1)
    #expect(counts == counts.sorted())
  }
}
