/// The text format that Prometheus scrapes, version 0.0.4.
package struct MetricsText {
  package private(set) var text = ""

  package init() {}

  package mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
    family(name, help, "gauge", [([], Double(value))])
  }

  package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
    family(name, help, "gauge", [([], value)])
  }

  package mutating func counter(_ name: String, _ help: String, _ value: Int) {
    family(name, help, "counter", [([], Double(value))])
  }

  package mutating func family(
    _ name: String, _ help: String, _ type: String,
    _ samples: [(labels: [(String, String)], value: Double)]
  ) {
    head(name, help, type)
    for sample in samples { line(name, sample.labels, sample.value) }
  }

  package mutating func histogram(
    _ name: String, _ help: String,
    _ samples: [(labels: [(String, String)], value: ServiceMetrics.Histogram)]
  ) {
    head(name, help, "histogram")
    for (labels, histogram) in samples {
      var sum = 0
      for (bound, count) in zip(histogram.bounds, histogram.buckets) {
        sum += count
        line("\(name)_bucket", labels + [("le", Self.number(bound))], Double(sum))
      }
      line("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
      line("\(name)_sum", labels, histogram.sum)
      line("\(name)_count", labels, Double(histogram.count))
    }
  }

  private mutating func head(_ name: String, _ help: String, _ type: String) {
    let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(Self.number(value))\n"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  private static func escaped(_ text: String) -> String {
    // By scalars: a carriage return and a line feed are one Character.
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
