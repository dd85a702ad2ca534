import Documents
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
  var noise: any NoiseModel
  var prior: LatentPrior
  package var solver: JSONValue
  package var seed: UInt64
  package var priority: Int
  package var deadlineSeconds: Double
  package var labels: [String: String]
  private let observation: Observation
  private let files: FormFiles
  let solverMethod: any InversionSolver
  private let measurementLimits: MeasurementLimits

  package static let seedMax = (1 << 53) - 1

  private enum Observation {
    case member(ObjectReader)
    case file([UInt8])
    /// Of a batch: beside the document.
    case rows
  }

  /// Everything that can be checked without the generator.
  package init(
    _ body: JSONValue, files: FormFiles = FormFiles(), limits: ServiceLimits
  ) throws(DocumentError) {
    let document = try ObjectReader(body)
    generator = try document.requiredString("generator")
    if files.isBatch {
      observation = .rows
    } else if let file = files.observation {
      guard !document.has("observation") else {
        throw document.unprocessable("observation", "is given as a part of the form too")
      }
      observation = .file(file)
    } else {
      observation = .member(try document.requiredObject("observation"))
    }
    self.files = files
    measurement = try files.measurement(document.value("measurement"))
    noise = try NoiseCatalogue.build(document.value("noise"))
    prior = try LatentPrior(document, for: noise)
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
    measurementLimits = limits.measurements
    try document.finish()
    solverMethod = try SolverCatalogue.build(solver)
    try Self.checkWork(solver, limits, pointer: "/solver")
  }

  /// What a solver accepts may still be more than this server allows.
  private static func checkWork(
    _ solver: JSONValue, _ limits: ServiceLimits, pointer: String
  ) throws(DocumentError) {
    let bounds = [("restarts_max", limits.restartsMax), ("iterations_max", limits.iterationsMax)]
    for (name, bound) in bounds {
      guard let asked = solver.object?[name]?.number, asked > Double(bound) else { continue }
      throw .unprocessable(
        "\(pointer)/\(name)", "is \(Int(asked)); this server allows \(bound)")
    }
    guard let inner = solver.object?["projection"] else { return }
    try checkWork(inner, limits, pointer: "\(pointer)/projection")
  }

  /// How much of the inversion goes on at once.
  package var waves: RestartWaves { solverMethod.waves }

  /// Whether ``check(_:)`` has anything to look at.
  package var readsLayers: Bool { solverMethod.readsLayers }

  /// The type of the solver that is asked for.
  var method: String { solver.object?["type"]?.string ?? "automatic" }

  /// - Throws: `DocumentError` naming the layer that the solver cannot invert.
  package func check(_ generator: Generator) throws(DocumentError) {
    let measurement = try MeasurementCatalogue.build(
      self.measurement, signalShape: generator.outputShape, limits: measurementLimits)
    try solverMethod.check(generator, through: measurement)
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
  var storedDocument: JSONObject {
    [
      "measurement": measurement, "noise": noise.document,
      "prior": .string(prior.rawValue), "solver": solver, "seed": .number(Double(seed)),
    ]
  }

  /// The observed numbers, in the measurement's order.
  ///
  /// - Throws: `DocumentError` naming the field, among them a solver that cannot follow the
  ///   measurement.
  package func observedValues(shape: GeneratorShape) throws(DocumentError) -> [Float] {
    let measurement = try builtMeasurement(shape)
    switch observation {
    case .member(let reader):
      let signal = try GivenSignal(reader)
      let given = try signal.values(shape)
      try reader.finish()
      return try observed(given, measurement, shape, signal.pointer)
    case .file(let file):
      let signal = try GivenSignal(file: file, pointer: "/observation")
      return try observed(try signal.values(shape), measurement, shape, signal.pointer)
    case .rows: preconditionFailure("a batch's observations are rows")
    }
  }

  /// The observed numbers of every observation of a batch: the rows of an array of any shape
  /// `[N, ...]`.
  ///
  /// - Throws: `DocumentError` naming the row.
  func observedRows(_ array: NPYArray, shape: GeneratorShape) throws(DocumentError) -> [[Float]] {
    let measurement = try builtMeasurement(shape)
    let width = array.shape.dropFirst().reduce(1, *)
    var rows: [[Float]] = []
    rows.reserveCapacity(array.shape[0])
    for place in 0..<array.shape[0] {
      let given = Array(array.values[place * width..<(place + 1) * width])
      rows.append(try observed(given, measurement, shape, "/observations/\(place)"))
    }
    return rows
  }

  private func builtMeasurement(_ shape: GeneratorShape) throws(DocumentError) -> any Measurement {
    try files.checkMask(shape)
    let measurement = try MeasurementCatalogue.build(
      self.measurement, signalShape: shape.output, limits: measurementLimits)
    try solverMethod.check(measurement)
    return measurement
  }

  private func observed(
    _ given: [Float], _ measurement: any Measurement, _ shape: GeneratorShape, _ pointer: String
  ) throws(DocumentError) -> [Float] {
    if let observed = measurement.observation(from: given) {
      try Self.checkFinite(given, given.indices, pointer)
      try checkNoise(observed, measurement, shape, pointer)
      return observed
    }
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
        pointer,
        "has \(given.count) numbers; the measurement gives \(measurement.outputCount)\(whole)")
    }
    try Self.checkFinite(given, places, pointer)
    let observed = places.map { given[$0] }
    try checkNoise(observed, measurement, shape, pointer)
    return observed
  }

  private func checkNoise(
    _ observed: [Float], _ measurement: any Measurement, _ shape: GeneratorShape,
    _ pointer: String
  ) throws(DocumentError) {
    try noise.check(
      measurement, of: observed, outputRange: shape.range, pointer: "/noise",
      observation: pointer)
  }

  /// - Parameter places: those of the given numbers that are read.
  private static func checkFinite(
    _ given: [Float], _ places: some Collection<Int>, _ pointer: String
  ) throws(DocumentError) {
    if let bad = places.first(where: { !given[$0].isFinite }) {
      throw DocumentError.unprocessable(
        "\(pointer)/\(bad)",
        "is \(given[bad]) as a single-precision number; expected a finite one")
    }
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
