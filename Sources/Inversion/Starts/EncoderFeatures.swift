import LinearAlgebra
import Measurements
import Networks

/// What an encoder sees of an observation: its numbers or, where entries are seen as they are, their
/// values before the last activation, which depend on the latent more nearly linearly, but blow up
/// the noise of those near its ends.
struct EncoderFeatures: Sendable {
  private let view: EncoderView
  private let function: (any ActivationFunction)?

  /// What could be seen, for a fit to choose from: without noise the values before the activation
  /// are never the worse choice.
  static func choices(for problem: InverseProblem, of view: EncoderView) -> [Self] {
    let function = problem.measurement.observedEntries
      .flatMap { problem.generator.observing($0).finalActivation?.function }
    let plain = Self(view: view, function: nil)
    guard let function else { return [plain] }
    let before = Self(view: view, function: function)
    return problem.noise.isNoiseless ? [before] : [before, plain]
  }

  func values(ofObservations observations: Batch) -> Batch {
    values(ofSeen: view.seen(ofObservations: observations))
  }

  func values(ofSeen seen: Batch) -> Batch {
    guard let function else { return seen }
    return Batch(
      count: seen.count, width: seen.width,
      values: seen.values.map { function.preimage(of: $0, margin: 1e-3) ?? $0 })
  }
}

/// The numbers of an observation that encoders are shown: of observations that are much larger than
/// the signal, as matrices are, some entries only.
struct EncoderView: Sendable {
  private let measurement: any Measurement
  private let noise: any NoiseModel
  /// The entries of the observation that are seen; `nil` for all.
  private let selection: SelectionMap?

  /// Entries that are seen at least, where there are so many; and never fewer than the signal has.
  private static let entriesMin = 2048
  /// Numbers of the observations that are made at once.
  private static let valuesMax = 1 << 24

  init(_ problem: InverseProblem) {
    measurement = problem.measurement
    noise = problem.noise
    let count = max(Self.entriesMin, measurement.inputCount)
    if measurement.outputCount > count {
      // A constant seed: the encoder belongs to the generator and the measurement.
      var random = RandomNumbers(seed: 0, stream: 0x6665_6174)
      selection = SelectionMap(
        random.subset(count, below: measurement.outputCount), inputCount: measurement.outputCount)
    } else {
      selection = nil
    }
  }

  func seen(ofObservations observations: Batch) -> Batch {
    selection?.apply(observations) ?? observations
  }

  /// What is seen of each signal, measured a part of the signals at a time, with normal errors of
  /// the noise's size where that is known.
  func seen(ofSignals signals: Batch) -> Batch {
    let together = max(1, Self.valuesMax / max(1, measurement.outputCount))
    var values: [Float] = []
    let width = selection?.outputCount ?? measurement.outputCount
    values.reserveCapacity(signals.count * width)
    var random = RandomNumbers(seed: 0, stream: 0x6e6f_6973)
    for start in stride(from: 0, to: signals.count, by: together) {
      let part = signals.rows(Array(start..<min(start + together, signals.count)))
      var observations = measurement.evaluate(part)
      for row in 0..<observations.count { addNoise(toRow: row, of: &observations, &random) }
      values += seen(ofObservations: observations).values
    }
    return Batch(count: signals.count, width: width, values: values)
  }

  private func addNoise(
    toRow row: Int, of observations: inout Batch, _ random: inout RandomNumbers
  ) {
    guard !noise.isNoiseless else { return }
    let exact = Array(observations[row])
    guard let deviation = noise.standardDeviation(at: exact) else { return }
    observations.setRow(row, to: exact.map { $0 + Float(deviation * random.normal()) })
  }
}
