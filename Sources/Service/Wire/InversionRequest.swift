import Documents
import Foundation
import Inversion
import Jobs
import LinearAlgebra
import Measurements
import Networks
import SignalFormats

/// What a client asks to be inverted, checked against the generator it names.
package struct InversionRequest {
  package var generator: String
  package var measurement: JSONValue
  var noise: Noise
  package var solver: JSONValue
  package var seed: UInt64
  package var priority: Int
  package var deadlineSeconds: Double
  package var labels: [String: String]
  private let observation: ObjectReader

  package static let seedMax = (1 << 53) - 1

  /// Everything that can be checked without the generator.
  package init(_ body: JSONValue, limits: ServiceLimits) throws(DocumentError) {
    let document = try ObjectReader(body)
    generator = try document.requiredString("generator")
    observation = try document.requiredObject("observation")
    measurement = document.value("measurement") ?? ["type": "identity"]
    noise = try Noise(document.value("noise"))
    solver = document.value("solver") ?? SolverCatalogue.defaultDocument
    seed = UInt64(try document.integer("seed", in: 0...Self.seedMax) ?? 0)
    priority = try document.integer("priority", in: -1000...1000) ?? 0
    deadlineSeconds =
      try document.number("deadline_seconds", in: 0...limits.deadlineSecondsMax)
      ?? limits.deadlineSecondsDefault
    if deadlineSeconds == 0 {
      throw document.malformed("deadline_seconds", "is 0; expected a positive number of seconds")
    }
    labels = try Self.labels(document, limits)
    try document.finish()
    _ = try SolverCatalogue.build(solver)
    try Self.checkWork(solver, limits)
  }

  /// What a solver accepts may still be more than this server allows.
  private static func checkWork(
    _ solver: JSONValue, _ limits: ServiceLimits
  ) throws(DocumentError) {
    let bounds = [("restarts_max", limits.restartsMax), ("iterations_max", limits.iterationsMax)]
    for (name, bound) in bounds {
      guard let asked = solver.object?[name]?.number, asked > Double(bound) else { continue }
      throw .unprocessable("/solver/\(name)", "is \(Int(asked)); this server allows \(bound)")
    }
  }

  private static func labels(
    _ document: ObjectReader, _ limits: ServiceLimits
  ) throws(DocumentError) -> [String: String] {
    guard let value = document.value("labels") else { return [:] }
    guard let members = value.object?.members else {
      throw document.malformed("labels", "is \(value.kindName); expected an object of strings")
    }
    guard members.count <= limits.labelsMax else {
      throw document.malformed(
        "labels", "has \(members.count) labels; expected at most \(limits.labelsMax)")
    }
    // The store has bounds of its own, which no configuration moves.
    let keyBytesMax = min(limits.labelBytesMax, JobSubmission.labelKeyBytes.upperBound)
    let valueBytesMax = min(limits.labelBytesMax, JobSubmission.labelValueBytesMax)
    let reader = try ObjectReader(value, pointer: document.pointer(to: "labels"))
    var labels: [String: String] = [:]
    for (key, value) in members {
      guard let text = value.string else {
        throw reader.malformed(
          String(key.prefix(64)), "is \(value.kindName); expected a string")
      }
      guard (1...keyBytesMax).contains(key.utf8.count), text.utf8.count <= valueBytesMax else {
        throw reader.malformed(
          String(key.prefix(64)),
          "has a key of \(key.utf8.count) and a value of \(text.utf8.count) bytes; expected a key "
            + "of 1 to \(keyBytesMax) and a value of at most \(valueBytesMax)")
      }
      labels[key] = text
    }
    return labels
  }

  /// What the worker needs beside the observation.
  func storedDocument() -> [UInt8] {
    JSONWriter.bytes(
      of: [
        "measurement": measurement, "noise": noise.document, "solver": solver,
        "seed": .number(Double(seed)),
      ])
  }

  /// The observed numbers, in the measurement's order.
  ///
  /// - Throws: `DocumentError` naming the field.
  package func observedValues(shape: GeneratorShape) throws(DocumentError) -> [Float] {
    let measurement = try MeasurementCatalogue.build(
      self.measurement, signalShape: shape.output)
    let ways = ["values", "npy", "png"].filter(observation.has)
    guard ways.count == 1, let way = ways.first else {
      throw DocumentError.malformed(
        "/observation",
        "names \(ways.isEmpty ? "none" : ways.joined(separator: " and ")); expected exactly one of "
          + "values, npy, png")
    }
    let given = try givenValues(way, shape)
    try observation.finish()
    // Of a whole signal where only a part is observed, the rest is not read.
    let places: [Int]
    if given.count == measurement.outputCount {
      places = Array(given.indices)
    } else if let entries = measurement.observedEntries, given.count == measurement.inputCount {
      places = entries
    } else {
      let whole =
        measurement.observedEntries == nil
        ? "" : " or the whole signal of \(measurement.inputCount)"
      throw DocumentError.unprocessable(
        "/observation/\(way)",
        "has \(given.count) numbers; the measurement gives \(measurement.outputCount)\(whole)")
    }
    if let bad = places.first(where: { !given[$0].isFinite }) {
      throw DocumentError.unprocessable(
        "/observation/\(way)/\(bad)",
        "is \(given[bad]) as a single-precision number; expected a finite one")
    }
    return places.map { given[$0] }
  }

  private func givenValues(
    _ way: String, _ shape: GeneratorShape
  ) throws(DocumentError) -> [Float] {
    if way == "values" { return (try observation.numbers("values") ?? []).map { Float($0) } }
    let file = try base64(way)
    do throws(SignalFormatError) {
      if way == "npy" { return try NPY.read(file).values }
      let (height, width) = shape.pixels
      return try pictureValues(try PNG.decode(file, pixelsMax: max(height * width, 1)), shape)
    } catch {
      throw observation.unprocessable(way, error.message)
    }
  }

  private func base64(_ name: String) throws(DocumentError) -> [UInt8] {
    let text = try observation.requiredString(name)
    guard let bytes = Data(base64Encoded: text) else {
      throw observation.malformed(name, "is not base64")
    }
    return [UInt8](bytes)
  }

  /// A picture scaled into the generator's range; colour is averaged for a grey generator, grey
  /// repeated for one in colour.
  ///
  /// - Throws: `SignalFormatError.png` for a picture of another size.
  private func pictureValues(
    _ raster: Raster, _ shape: GeneratorShape
  ) throws(SignalFormatError) -> [Float] {
    let (height, width) = shape.pixels
    let channels = shape.output.dropLast(2).reduce(1, *)
    guard raster.height == height, raster.width == width, channels == 1 || channels == 3 else {
      throw .png(
        detail: "it is \(raster.height) x \(raster.width) pixels; the generator's output has shape "
          + "\(shape.output)")
    }
    let range = shape.range ?? 0...1
    let values = raster.signal(range: (lower: range.lowerBound, upper: range.upperBound))
    if raster.channels == channels { return values }
    let pixels = height * width
    if raster.channels == 1 { return values + values + values }
    return (0..<pixels).map { (values[$0] + values[pixels + $0] + values[2 * pixels + $0]) / 3 }
  }
}

/// What requests are checked against of a generator.
package struct GeneratorShape: Sendable {
  var latent: [Int]
  var output: [Int]
  var range: ClosedRange<Float>?

  package init(latent: [Int], output: [Int], range: ClosedRange<Float>? = nil) {
    self.latent = latent
    self.output = output
    self.range = range
  }

  /// Of the output as a picture.
  var pixels: (height: Int, width: Int) {
    (output.count > 1 ? output[output.count - 2] : 1, output.last ?? 1)
  }
}
