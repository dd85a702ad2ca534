import Documents
import Inversion
import Service
import Testing

/// Requests for inversions, each field on both sides of what is accepted.
struct InversionRequestTests {
  static let valid: JSONObject = [
    "generator": "g", "observation": ["values": [1, 2]], "measurement": ["type": "identity"],
    "noise": ["type": "none"], "solver": ["type": "automatic"], "seed": 7, "priority": 0,
    "deadline_seconds": 30, "labels": ["a": "b"],
  ]

  static func changed(_ field: String, _ value: JSONValue?) -> JSONValue {
    var request = valid
    request[field] = value
    return .object(request)
  }

  static func labels(_ count: Int, keyBytes: Int = 4, valueBytes: Int = 1) -> JSONValue {
    var labels: JSONObject = [:]
    for index in 0..<count {
      let digits = String(index)
      let key = String(repeating: "k", count: keyBytes - digits.count) + digits
      labels[key] = .string(String(repeating: "v", count: valueBytes))
    }
    return .object(labels)
  }

  static let accepted: [(String, JSONValue?)] = [
    ("measurement", nil), ("noise", nil), ("solver", nil), ("seed", nil), ("priority", nil),
    ("deadline_seconds", nil), ("labels", nil), ("seed", 0), ("seed", 9_007_199_254_740_991),
    ("seed", .null), ("priority", -1000), ("priority", 1000), ("deadline_seconds", 1e-3),
    ("deadline_seconds", 604_800), ("labels", [:]), ("labels", labels(16)),
    ("labels", labels(1, keyBytes: 128)), ("labels", labels(1, valueBytes: 256)),
    ("labels", ["a": ""]), ("noise", ["type": "gaussian", "sigma": 0.1]),
    ("noise", ["type": "gaussian"]), ("noise", ["type": "uniform", "bound": 0.002]),
    ("noise", ["type": "laplace", "scale": 0.1, "clipped": true]),
    ("noise", ["type": "outliers", "sigma": 0.1, "rate": 0.2]),
    ("noise", ["type": "poisson", "peak": 100, "clipped": [0, 1]]), ("prior", nil),
    ("prior", "none"), ("solver", ["type": "adam", "iterations_max": 100_000]),
    ("solver", ["type": "automatic", "restarts_max": 4096]),
    ("solver", ["type": "levenberg_marquardt", "starts": "prior"]),
  ]

  static let refused: [(String, JSONValue?, String)] = [
    ("generator", nil, "/generator"), ("generator", .null, "/generator"),
    ("generator", 3, "/generator"), ("observation", nil, "/observation"),
    ("observation", [1, 2], "/observation"), ("seed", -1, "/seed"), ("seed", 0.5, "/seed"),
    ("seed", 9_007_199_254_740_992, "/seed"), ("seed", "7", "/seed"),
    ("priority", -1001, "/priority"), ("priority", 1001, "/priority"),
    ("priority", true, "/priority"), ("deadline_seconds", 0, "/deadline_seconds"),
    ("deadline_seconds", -1, "/deadline_seconds"),
    ("deadline_seconds", 604_800.5, "/deadline_seconds"), ("labels", [], "/labels"),
    ("labels", "a", "/labels"), ("labels", labels(17), "/labels"),
    ("labels", ["a": 1], "/labels/a"), ("labels", ["": "x"], "/labels/"),
    ("labels", ["a/b": 1], "/labels/a~1b"),
    ("labels", labels(1, keyBytes: 129), "/labels/" + String(repeating: "k", count: 64)),
    ("labels", labels(1, valueBytes: 257), "/labels/kkk0"), ("noise", 1, "/noise"),
    ("noise", ["type": "pink"], "/noise/type"), ("noise", ["type": "poisson"], "/noise/peak"),
    ("noise", ["type": "poisson", "peak": 0], "/noise/peak"),
    ("noise", ["type": "uniform", "bound": -1], "/noise/bound"),
    ("noise", ["type": "laplace", "scale": 1, "clipped": 1], "/noise/clipped"),
    ("prior", "flat", "/prior"), ("prior", true, "/prior"),
    ("noise", ["type": "gaussian", "sigma": 0], "/noise/sigma"),
    ("noise", ["type": "none", "sigma": 1], "/noise/sigma"), ("solver", "adam", "/solver"),
    ("solver", [:], "/solver/type"), ("solver", ["type": "magic"], "/solver/type"),
    ("solver", ["type": "adam", "momentum": 1], "/solver/momentum"),
    ("solver", ["type": "adam", "iterations_max": 0], "/solver/iterations_max"),
    ("solver", ["type": "adam", "iterations_max": 100_001], "/solver/iterations_max"),
    ("slover", ["type": "adam"], "/slover"),
  ]

  @Test(arguments: accepted)
  func aFieldWithinItsBoundsIsAccepted(field: String, value: JSONValue?) throws {
    let request = Self.changed(field, value)
    _ = try InversionRequest(request, limits: ServiceLimits())
    let schema = try #require(
      Contract.shared.document["components"]?["schemas"]?["InversionRequest"])
    guard value != .null else { return }
    #expect(Contract.shared.schemas.faults(of: request, schema).isEmpty, "by the document")
  }

  @Test(arguments: refused)
  func aFieldOutsideOfThemIsRefused(field: String, value: JSONValue?, pointer: String) throws {
    let request = Self.changed(field, value)
    let error = #expect(throws: DocumentError.self) {
      try InversionRequest(request, limits: ServiceLimits())
    }
    #expect(error?.fields.map(\.pointer) == [pointer])
    #expect(error?.kind == .malformed)
    let schema = try #require(
      Contract.shared.document["components"]?["schemas"]?["InversionRequest"])
    #expect(!Contract.shared.schemas.faults(of: request, schema).isEmpty, "by the document")
  }

  /// A prior is weighed against noise of known size.
  @Test func priorsNeedKnownNoise() throws {
    for (noise, isAccepted) in [
      (nil, false), (["type": "none"], false), (["type": "gaussian"], false),
      (["type": "gaussian", "sigma": 0.1], true), (["type": "poisson", "peak": 9], true),
    ] as [(JSONValue?, Bool)] {
      var request = Self.valid
      request["noise"] = noise
      request["prior"] = "latent"
      if isAccepted {
        _ = try InversionRequest(.object(request), limits: ServiceLimits())
        continue
      }
      let error = #expect(throws: DocumentError.self) {
        try InversionRequest(.object(request), limits: ServiceLimits())
      }
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.map(\.pointer) == ["/prior"])
    }
  }

  /// Noise, measurement, generator and observation, each fine by itself.
  @Test func noiseThatFitsNothingIsRefused() throws {
    let clipped: JSONValue = ["type": "laplace", "scale": 1, "clipped": true]
    let drawn: JSONValue = ["type": "gaussian", "rows": 2]
    let signs: JSONValue = ["type": "one_bit", "of": ["type": "identity"]]
    let counts: JSONValue = ["type": "poisson", "peak": 9]
    let cases: [(JSONValue, JSONValue, JSONValue, ClosedRange<Float>?, String?)] = [
      (counts, ["type": "identity"], [1, 2], nil, nil),
      (counts, ["type": "identity"], [1, -2], nil, "/observation/values"),
      (counts, signs, [1, 1], nil, "/noise/type"),
      (clipped, ["type": "identity"], [0, 1], 0...1, nil),
      (clipped, ["type": "identity"], [0, 1], nil, "/noise/clipped"),
      (clipped, ["type": "identity"], [0, 1.5], 0...1, "/observation/values"),
      (clipped, drawn, [0, 1], 0...1, "/noise/clipped"),
    ]
    for (noise, measurement, values, range, pointer) in cases {
      let request = try InversionRequest(
        [
          "generator": "g", "observation": ["values": values], "measurement": measurement,
          "noise": noise,
        ], limits: ServiceLimits())
      let shape = GeneratorShape(latent: [1], output: [2], range: range)
      guard let pointer else {
        #expect(try request.observedValues(shape: shape).count == 2)
        continue
      }
      let error = #expect(throws: DocumentError.self) { try request.observedValues(shape: shape) }
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.map(\.pointer) == [pointer])
    }
  }

  @Test func whatIsNoObjectIsRefused() {
    for body: JSONValue in [.null, 3, "x", [1], []] {
      #expect(throws: DocumentError.self) {
        try InversionRequest(body, limits: ServiceLimits())
      }
    }
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let request = try InversionRequest(
      ["generator": "g", "observation": [:]], limits: ServiceLimits())
    #expect(request.generator == "g")
    #expect(request.measurement == ["type": "identity"])
    #expect(request.solver == SolverCatalogue.defaultDocument)
    #expect(request.seed == 0 && request.priority == 0 && request.labels.isEmpty)
    #expect(request.deadlineSeconds == ServiceLimits().deadlineSecondsDefault)
  }

  @Test func everyUnknownFieldIsNamed() {
    var request = Self.valid
    request["observaton"] = 1
    request["a/b"] = 2
    let error = #expect(throws: DocumentError.self) {
      try InversionRequest(.object(request), limits: ServiceLimits())
    }
    #expect(error?.fields.map(\.pointer) == ["/observaton", "/a~1b"])
  }

  @Test func aServerMayAllowLessWork() throws {
    var limits = ServiceLimits()
    limits.restartsMax = 8
    limits.iterationsMax = 20
    for (field, most) in [("restarts_max", 8), ("iterations_max", 20)] {
      func request(_ asked: Int) -> JSONValue {
        Self.changed("solver", .object(["type": "adam", field: JSONValue(asked)]))
      }
      _ = try InversionRequest(request(most), limits: limits)
      let error = #expect(throws: DocumentError.self) {
        try InversionRequest(request(most + 1), limits: limits)
      }
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.map(\.pointer) == ["/solver/\(field)"])
    }
  }

  /// What a solver projects with counts as well.
  @Test func lessWorkIsAllowedInsideOfProjectionsToo() throws {
    var limits = ServiceLimits()
    limits.iterationsMax = 400
    func request(_ asked: Int) -> JSONValue {
      Self.changed(
        "solver",
        [
          "type": "projected_gradient",
          "projection": ["type": "adam", "iterations_max": JSONValue(asked)],
        ])
    }
    _ = try InversionRequest(request(400), limits: limits)
    let error = #expect(throws: DocumentError.self) {
      try InversionRequest(request(401), limits: limits)
    }
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.map(\.pointer) == ["/solver/projection/iterations_max"])
  }

  /// The measurement is known to fit once the generator is.
  @Test func solversThatCannotFollowTheMeasurementAreRefused() throws {
    let shape = GeneratorShape(latent: [2], output: [4])
    func values(_ measurement: JSONValue) throws -> [Float] {
      let request = try InversionRequest(
        [
          "generator": "g", "observation": ["values": [1, 2, 3, 4]], "measurement": measurement,
          "solver": ["type": "projected_gradient"],
        ], limits: ServiceLimits())
      return try request.observedValues(shape: shape)
    }
    #expect(try values(["type": "identity"]) == [1, 2, 3, 4])
    let error = #expect(throws: DocumentError.self) {
      try values(["type": "phaseless", "of": ["type": "gaussian", "rows": 4]])
    }
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.map(\.pointer) == ["/solver"])
    #expect(error?.description.contains("phaseless") == true)
  }

  @Test func aServerMayAllowFewerLabelsAndSoonerDeadlines() throws {
    var limits = ServiceLimits()
    limits.labelsMax = 1
    limits.labelBytesMax = 4
    limits.deadlineSecondsMax = 5
    _ = try InversionRequest(
      .object([
        "generator": "g", "observation": [:], "labels": ["abcd": "abcd"], "deadline_seconds": 5,
      ]), limits: limits)
    for change: JSONObject in [
      ["labels": ["a": "", "b": ""]], ["labels": ["abcde": ""]], ["labels": ["a": "abcde"]],
      ["deadline_seconds": 5.01],
    ] {
      var request: JSONObject = ["generator": "g", "observation": [:]]
      for (key, value) in change.members { request[key] = value }
      #expect(throws: DocumentError.self) {
        try InversionRequest(.object(request), limits: limits)
      }
    }
  }
}
