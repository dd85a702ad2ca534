import ArgumentParser
import Documents
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks
import SignalFormats
import WeightFormats

/// `preimage invert`: one picture, here and now, without a server.
struct Invert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Inverts one picture and completes what was hidden of it.",
    discussion: """
      Example: preimage invert fashion-mlp shirt.png --mask visible.png --noise-sigma 0.1

      Writes the latent code as .npy and the completed picture as .png, and prints how good the \
      fit is and what it is worth.
      """)

  @Argument(help: "A weight file, or the name of a bundled generator.")
  var generator: String

  @Argument(help: "A PNG of the generator's size, grey or in colour.")
  var image: String

  @Option(help: "A PNG of the same size; what is brighter than half is observed.")
  var mask: String?

  @Option(help: "Architecture document, where the weight file does not carry it.")
  var architecture: String?

  @Option(help: "State dictionary of a checkpoint, where its architecture fits several.")
  var state: String?

  @Option(help: "Standard deviation of the noise, in the units of the generator's output.")
  var noiseSigma: Double?

  @Option(
    help: "Noise, as the JSON document of a request, such as {\"type\": \"poisson\", \"peak\": 50}."
  )
  var noise: String?

  @Option(help: "What is known of the latent: none, or latent for the generator's distribution.")
  var prior = "none"

  @Option(help: "Solver: \(SolverCatalogue.kinds.map(\.type).joined(separator: ", ")).")
  var solver = "automatic"

  @Option(help: "Seed of the restarts; the same seed gives the same bits.")
  var seed: UInt64 = 0

  @Option(help: "Where to write the latent code.")
  var latent = "latent.npy"

  @Option(help: "Where to write the completed picture.")
  var output = "completed.png"

  func validate() throws {
    if let noiseSigma, !(noiseSigma > 0 && noiseSigma.isFinite) {
      throw ValidationError("--noise-sigma is \(noiseSigma); expected a positive number")
    }
    if noiseSigma != nil, noise != nil {
      throw ValidationError("--noise and --noise-sigma are given; expected one of them")
    }
  }

  func run() throws {
    Allocator.keepLargeBlocks()
    SpareCores.shared.coreCount = ProcessInfo.processInfo.activeProcessorCount
    let network = try GeneratorSource(
      generator, architecture: architecture, state: state
    ).load().generator
    let range = network.outputRange ?? 0...1
    let measurement = try measurement(for: network)
    let picture = try Picture(path: image, for: network, range: range)
    let observation = measurement.evaluate(Batch(row: picture.values)).values
    let model = try noiseModel()
    let known = try LatentPrior(
      ObjectReader(["prior": .string(prior)], pointer: "--prior"), for: model)
    try model.check(
      measurement, of: observation, outputRange: network.outputRange, pointer: "--noise",
      observation: image)
    let problem = InverseProblem(
      generator: network, measurement: measurement, observation: observation, noise: model,
      prior: known)
    let method = try SolverCatalogue.build(["type": .string(solver)], pointer: "--solver")
    try method.check(measurement, pointer: "--solver")
    try method.check(network, through: measurement, pointer: "--solver")
    let bar = ProgressBar()
    let context = SolveContext(
      seed: seed, control: SolveControl(report: { bar.show($0) }), library: EncoderLibrary(),
      generatorKey: generator)
    let solution = SpareCores.shared.occupy { method.solve(problem, context) }
    bar.clear()

    try Data(NPY.write(solution.latent, shape: [solution.latent.count]))
      .write(to: URL(fileURLWithPath: latent))
    let raster = try Raster(
      signal: solution.reconstruction, shape: network.outputShape,
      range: (lower: range.lowerBound, upper: range.upperBound))
    try Data(PNG.encode(raster)).write(to: URL(fileURLWithPath: output))
    report(solution)
  }

  private func noiseModel() throws -> any NoiseModel {
    if let noiseSigma { return GaussianNoise(sigma: noiseSigma) }
    guard let noise else { return NoNoise() }
    let document: JSONValue
    do {
      document = try JSONParser().parse(noise)
    } catch {
      throw ValidationError("--noise is no JSON: \(error)")
    }
    return try NoiseCatalogue.build(document, pointer: "--noise")
  }

  private func measurement(for network: Generator) throws -> any Measurements.Measurement {
    guard let mask else { return IdentityMeasurement(count: network.outputCount) }
    let picture = try Data(contentsOf: URL(fileURLWithPath: mask)).base64EncodedString()
    return try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["png": .string(picture)]], signalShape: network.outputShape,
      pointer: "--mask")
  }

  private func report(_ solution: Solution) {
    let certificate = solution.certificate
    print("latent      \(latent)")
    print("completed   \(output)")
    print(
      "residual    \(Self.short(solution.residual.relative)) relative, "
        + "\(Self.short(solution.residual.rms)) rms")
    print("verdict     \(solution.verdict.rawValue) (\(solution.termination.rawValue))")
    print(
      "rank        \(certificate.rank) of \(solution.latent.count), "
        + "condition \(Self.short(certificate.conditionNumber))")
    print("work        \(solution.iterations) iterations, \(solution.restarts) starts")
  }

  private static func short(_ number: Double) -> String { String(format: "%.3g", number) }
}

/// A picture as the generator would have made it.
struct Picture {
  let values: [Float]

  init(path: String, for network: Generator, range: ClosedRange<Float>) throws {
    let shape = network.outputShape
    let raster = try PNG.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    guard shape.count >= 2, raster.height == shape[shape.count - 2],
      raster.width == shape[shape.count - 1]
    else {
      throw ValidationError(
        "\(path) is \(raster.height) x \(raster.width) pixels; the generator's output has shape "
          + "\(shape)")
    }
    let signal = raster.signal(range: (lower: range.lowerBound, upper: range.upperBound))
    let pixels = raster.height * raster.width
    let channels = shape.dropLast(2).reduce(1, *)
    switch (raster.channels, channels) {
    case (let given, let wanted) where given == wanted: values = signal
    case (1, 3): values = signal + signal + signal
    case (3, 1):
      values = (0..<pixels).map { (signal[$0] + signal[pixels + $0] + signal[2 * pixels + $0]) / 3 }
    default:
      throw ValidationError("\(path) is a picture; the generator has \(channels) channels")
    }
  }
}
