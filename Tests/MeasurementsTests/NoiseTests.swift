import Documents
import Measurements
import Testing

struct NoiseTests {
  @Test func whatIsLeftOutIsNoNoise() throws {
    #expect(try NoiseCatalogue.build(nil) is NoNoise)
    #expect(try NoiseCatalogue.build(.null) is NoNoise)
    #expect(try NoiseCatalogue.build(NoiseCatalogue.defaultDocument) is NoNoise)
    #expect(NoNoise().isNoiseless && NoNoise().isKnown)
  }

  @Test func gaussianNoiseIsOfKnownOrUnknownSize() throws {
    func read(_ document: JSONValue) throws -> Double? {
      try #require(try NoiseCatalogue.build(document) as? GaussianNoise).sigma
    }
    for sigma in [0.1, 1e30, 1e-30] {
      #expect(try read(["type": "gaussian", "sigma": .number(sigma)]) == sigma)
    }
    #expect(try read(["type": "gaussian", "sigma": nil]) == nil)
    #expect(try read(["type": "gaussian"]) == nil)
    #expect(GaussianNoise(sigma: 2).isKnown && !GaussianNoise(sigma: nil).isKnown)
    #expect(!GaussianNoise(sigma: 2).isNoiseless)
  }

  /// `|r| <= sigma sqrt(m - k) (1 + 2.5 / sqrt(2 (m - k)))`
  @Test(arguments: [(10, 2), (784, 20), (5, 4), (5, 5), (3, 20)])
  func gaussianFitsAreJudgedByTheirNorm(count: Int, latentCount: Int) throws {
    let prediction = [Float](repeating: 0, count: count)
    let freedom = Double(max(count - latentCount, 1))
    let norm = 0.5 * freedom.squareRoot() * (1 + 2.5 / (2 * freedom).squareRoot())
    let found = try #require(
      GaussianNoise(sigma: 0.5).squaredResidualMax(at: prediction, latentCount: latentCount))
    #expect(abs(found - norm * norm) < 1e-12 * norm * norm)
    #expect(
      GaussianNoise(sigma: nil).squaredResidualMax(at: prediction, latentCount: latentCount) == nil)
  }

  @Test(
    arguments: [
      (["type": "gaussian", "sigma": 0], "/noise/sigma"),
      (["type": "gaussian", "sigma": -0.1], "/noise/sigma"),
      (["type": "gaussian", "sigma": 1.1e30], "/noise/sigma"),
      (["type": "gaussian", "sigma": .number(.nan)], "/noise/sigma"),
      (["type": "gaussian", "sigma": "0.1"], "/noise/sigma"),
      (["type": "gaussian", "sigma": 0.1, "scale": 1], "/noise/scale"),
      (["type": "gaussian", "clipped": true], "/noise/sigma"),
      (["type": "none", "sigma": 0.1], "/noise/sigma"),
      (["type": "none", "clipped": true], "/noise/clipped"),
      (["type": "uniform"], "/noise/bound"), (["type": "uniform", "bound": 0], "/noise/bound"),
      (["type": "uniform", "bound": nil], "/noise/bound"),
      (["type": "uniform", "bound": -1], "/noise/bound"),
      (["type": "laplace"], "/noise/scale"), (["type": "laplace", "scale": 0], "/noise/scale"),
      (["type": "laplace", "scale": true], "/noise/scale"),
      (["type": "outliers"], "/noise/sigma"), (["type": "outliers", "sigma": 0], "/noise/sigma"),
      (["type": "outliers", "sigma": 1, "rate": 0], "/noise/rate"),
      (["type": "outliers", "sigma": 1, "rate": 0.51], "/noise/rate"),
      (["type": "outliers", "sigma": 1, "clipped": true], "/noise/clipped"),
      (["type": "poisson"], "/noise/peak"), (["type": "poisson", "peak": 0], "/noise/peak"),
      (["type": "poisson", "peak": -3], "/noise/peak"),
      (["type": "laplace", "scale": 1, "clipped": 1], "/noise/clipped"),
      (["type": "laplace", "scale": 1, "clipped": [1]], "/noise/clipped"),
      (["type": "laplace", "scale": 1, "clipped": [1, 0]], "/noise/clipped"),
      (["type": "laplace", "scale": 1, "clipped": [0, 0]], "/noise/clipped"),
      (["type": "laplace", "scale": 1, "clipped": [0, 1, 2]], "/noise/clipped"),
      (["type": "laplace", "scale": 1, "clipped": [0, 1e31]], "/noise/clipped"),
      (["type": "pink"], "/noise/type"), (["type": 1], "/noise/type"), ([:], "/noise/type"),
      ("none", "/noise"), (0.1, "/noise"),
    ] as [(JSONValue, String)])
  func refusesByName(document: JSONValue, pointer: String) {
    let error = #expect(throws: DocumentError.self) { try NoiseCatalogue.build(document) }
    #expect(error?.kind == .malformed)
    #expect(error?.fields.map(\.pointer) == [pointer])
  }

  @Test(arguments: [.bool(true), .bool(false), .null, .numbers([-1, 1])] as [JSONValue])
  func endsAreTheRangesOrGiven(value: JSONValue) throws {
    let clipping: Clipping? =
      switch value {
      case .bool(true): .toOutputRange
      case .numbers: .to(lower: -1, upper: 1)
      default: nil
      }
    for type in ["gaussian", "uniform", "laplace", "poisson"] {
      let size = ["gaussian": "sigma", "uniform": "bound", "laplace": "scale"][type] ?? "peak"
      let model = try NoiseCatalogue.build([
        "type": .string(type), size: 1, "clipped": value,
      ])
      #expect(model.clipping == clipping, "\(type)")
      let shown: JSONValue? = model.document.object?["clipped"]
      #expect(shown.map { $0 == value } ?? (clipping == nil), "\(type)")
      let resolved = model.resolved(outputRange: -1...1).clipping
      #expect(resolved == (clipping == nil ? nil : .to(lower: -1, upper: 1)), "\(type)")
      #expect(model.resolved(outputRange: nil).clipping == clipping)
    }
  }

  /// What noise and measurement, each fine by itself, cannot be together.
  @Test func whatDoesNotFitTogetherIsRefused() throws {
    let whole = IdentityMeasurement(count: 4)
    let drawn = GaussianMeasurement(rows: 4, seed: 1, signalCount: 4)
    let signs = OneBitMeasurement(of: drawn)
    func refusal(
      _ noise: any NoiseModel, _ measurement: any Measurements.Measurement,
      _ observation: [Float] = [0, 0.5, 1, 1], _ range: ClosedRange<Float>? = 0...1
    ) -> [String]? {
      do {
        try noise.check(measurement, of: observation, outputRange: range)
        return nil
      } catch {
        #expect(error.kind == .unprocessable)
        return error.fields.map(\.pointer)
      }
    }
    for noise in [
      NoNoise(), GaussianNoise(sigma: 1), UniformNoise(bound: 1), LaplaceNoise(scale: 1),
      OutlierNoise(sigma: 1), PoissonNoise(peak: 1),
    ] as [any NoiseModel] {
      #expect(refusal(noise, whole) == nil)
      #expect(refusal(noise, drawn) == nil)
      #expect(refusal(noise, PhaselessMeasurement(of: drawn)) == nil)
      // Of signs only errors before them can be told.
      let isSigned = noise is NoNoise || noise is GaussianNoise
      #expect(refusal(noise, signs) == (isSigned ? nil : ["/noise/type"]), "\(noise)")
    }
    let clipped: [any NoiseModel] = [
      GaussianNoise(sigma: 1, clipping: .toOutputRange),
      UniformNoise(bound: 1, clipping: .toOutputRange),
      LaplaceNoise(scale: 1, clipping: .toOutputRange),
      PoissonNoise(peak: 1, clipping: .toOutputRange),
    ]
    for noise in clipped {
      #expect(refusal(noise, whole) == nil)
      #expect(refusal(noise, MaskMeasurement(entries: [3, 0, 1, 2], signalCount: 4)) == nil)
      #expect(refusal(noise, signs) == ["/noise/type"])
      #expect(refusal(noise, drawn) == ["/noise/clipped"])
      #expect(refusal(noise, whole, [0, 1, 0, 1], nil) == ["/noise/clipped"])
      #expect(refusal(noise, whole, [0, 1.01, 0, 1]) == ["/observation"])
      #expect(refusal(noise, whole, [0, 1, -0.01, 1]) == ["/observation"])
    }
    let ends = LaplaceNoise(scale: 1, clipping: .to(lower: -1, upper: 2))
    #expect(refusal(ends, drawn, [-1, 2, 0, 0.5], nil) == nil)
    #expect(refusal(ends, drawn, [-1, 2.1, 0, 0.5], nil) == ["/observation"])
    #expect(refusal(PoissonNoise(peak: 1), whole, [0, 1, -1e-6, 3]) == ["/observation"])
  }

  /// Means of pixels lie in the range of pixels; other sums need not.
  @Test func measurementsSayWhetherTheyKeepTheRange() throws {
    for (document, keeps) in [
      (["type": "identity"], true),
      (["type": "mask", "observed": ["indices": [1, 2]]], true),
      (["type": "downsample", "factor": 2], true), (["type": "blur", "sigma": 1], true),
      (["type": "blur", "kernel": [[0.5, 0.25, 0.25]]], true),
      (["type": "blur", "kernel": [[1, 1, 1]]], false),
      (["type": "blur", "kernel": [[1, 1, -1]]], false),
      (["type": "gaussian", "rows": 3], false), (["type": "fourier", "rows": 3], false),
      (
        [
          "type": "compose",
          "of": [["type": "blur", "sigma": 1], ["type": "downsample", "factor": 2]],
        ], true
      ),
      (
        [
          "type": "compose",
          "of": [["type": "blur", "sigma": 1], ["type": "gaussian", "rows": 3]],
        ],
        false
      ),
    ] as [(JSONValue, Bool)] {
      let measurement = try MeasurementCatalogue.build(document, signalShape: [1, 4, 4])
      #expect(measurement.keepsRange == keeps, "\(document)")
    }
  }
}
