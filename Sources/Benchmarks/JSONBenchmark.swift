import ArgumentParser
import Documents
import LinearAlgebra

/// How fast signals pass through JSON text.
struct JSONBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "json", abstract: "Reading and writing arrays of numbers, in MB/s of text.")

  @Option(help: "Numbers in the array.")
  var count = 200_000

  func run() throws {
    var random = RandomNumbers(seed: 1)
    let singles = random.normal(count: 1, width: count).values
    let doubles = (0..<count).map { _ in random.normal() }
    let pixels = (0..<count).map { _ in Double(Int(256 * random.uniform())) }
    var table = Table(["array of \(count)", "text MB", "read MB/s", "write MB/s"])
    for (name, numbers) in [("doubles", doubles), ("integers to 255", pixels)] {
      let value = JSONValue.numbers(numbers)
      let text = JSONWriter.bytes(of: value)
      guard try JSONParser().parse(text) == value else {
        throw ValidationError("the array is not read back as it was written")
      }
      table.add(row(name, text) { _ = JSONWriter.bytes(of: value) })
    }
    var writer = JSONWriter()
    writer.write(singles)
    table.add(
      row("floats", writer.bytes) {
        var writer = JSONWriter()
        writer.write(singles)
      })
    table.print()
  }

  private func row(_ name: String, _ text: [UInt8], write: () -> Void) -> [String] {
    let megabytes = Double(text.count) * 1e-6
    let readSeconds = Stopwatch.fastest { _ = try? JSONParser().parse(text) }
    let writeSeconds = Stopwatch.fastest { write() }
    return [
      name, megabytes.text(), (megabytes / readSeconds).text(), (megabytes / writeSeconds).text(),
    ]
  }
}
