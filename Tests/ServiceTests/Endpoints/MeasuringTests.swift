import BundledGenerators
import Documents
import Foundation
import HTTPTypes
import Measurements
import Service
import SignalFormats
import Testing

/// `POST /v1/measurements/apply`: `A x` for a signal.
struct MeasuringTests {
  private static let path = "/v1/measurements/apply"
  private static let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 1, 0, 4, 1, 1]
  private static let halved: JSONValue = ["type": "downsample", "factor": 2]

  private static func npy(_ values: [Float], _ shape: [Int]) -> JSONValue {
    .string(Data(NPY.write(values, shape: shape)).base64EncodedString())
  }

  private static func png(width: Int, height: Int) throws -> JSONValue {
    let values = (0..<width * height).map { UInt8($0 * 255 / (width * height - 1)) }
    let raster = Raster(width: width, height: height, channels: 1, values: values)
    return .string(Data(try PNG.encode(raster)).base64EncodedString())
  }

  @Test func signalsAreMeasured() throws {
    try withService { _, client in
      let answer = try client.post(
        Self.path,
        [
          "measurement": Self.halved,
          "signal": ["shape": [1, 4, 4], "values": JSONValue(Self.image)],
        ])
      #expect(answer.status == 200)
      #expect(try answer.json() == ["shape": [1, 2, 2], "values": [3.5, 5.5, 1, 1]])
    }
  }

  /// An array brings its shape along, and may be given another.
  @Test func arraysAreMeasured() throws {
    try withService { _, client in
      for (shape, signal) in [
        ([4, 4], ["npy": Self.npy(Self.image, [4, 4])]),
        ([4, 4], ["npy": Self.npy(Self.image, [16]), "shape": [4, 4]]),
        ([16], ["npy": Self.npy(Self.image, [16])]),
      ] as [([Int], JSONValue)] {
        let answer = try client.post(
          Self.path, ["measurement": ["type": "identity"], "signal": signal])
        #expect(try answer.json() == ["shape": JSONValue(shape), "values": JSONValue(Self.image)])
      }
    }
  }

  /// Of a generator, the signal has the shape and the range.
  @Test func picturesAreMeasured() throws {
    try withService { _, client in
      try client.uploadSmall()
      let picture = try Self.png(width: 4, height: 4)
      func ends(_ request: JSONValue) throws -> [Double] {
        let numbers = try client.post(Self.path, request).json()["values"]?.numbers ?? []
        return [numbers.first ?? .nan, numbers.last ?? .nan, Double(numbers.count)]
      }
      let identity: JSONValue = ["type": "identity"]
      #expect(
        try ends(["measurement": identity, "generator": "small", "signal": ["png": picture]])
          == [-1, 1, 16])
      #expect(
        try ends(["measurement": identity, "signal": ["png": picture, "shape": [1, 4, 4]]])
          == [0, 1, 16])
    }
  }

  /// What is measured here is what an inversion observes: it comes back with a fit.
  @Test func whatIsMeasuredCanBeInverted() throws {
    try withService(bundled: true, workers: 1) { _, client in
      let generator = BundledGenerator.fashionMLP.name
      let sample = try client.post(
        "/v1/generators/\(generator)/samples?format=npy", ["count": 1, "seed": 3])
      let signal = try NPY.read(sample.body).values
      for document in [
        ["type": "gaussian", "rows": 200, "seed": 1], Self.halved,
        ["type": "phaseless", "of": ["type": "fourier", "rows": 400]],
      ] as [JSONValue] {
        let seen = try client.post(
          "\(Self.path)?format=npy",
          [
            "measurement": document, "generator": .string(generator),
            "signal": ["values": JSONValue(signal)],
          ])
        let inversion = try client.send(
          "POST", "/v1/inversions", fields: ["Prefer": "wait=50"],
          .json([
            "generator": .string(generator), "measurement": document,
            "observation": ["npy": .string(Data(seen.body).base64EncodedString())],
          ]))
        #expect(try inversion.json()["result"]?["verdict"] == "recovered", "\(inversion.text)")
      }
    }
  }

  @Test func everyRepresentationHoldsTheSame() throws {
    try withService { _, client in
      let request: JSONValue = [
        "measurement": Self.halved,
        "signal": ["shape": [4, 4], "values": JSONValue(Self.image)],
      ]
      let numbers = try client.post(Self.path, request).json()["values"]?.numbers
      let npy = try client.post(Self.path, request, fields: ["Accept": "application/x-npy"])
      let array = try NPY.read(npy.body)
      #expect(array.shape == [2, 2] && array.values.map(Double.init) == numbers)
      let png = try client.post("\(Self.path)?format=png", request)
      let raster = try PNG.decode(png.body)
      #expect(raster.width == 2 && raster.height == 2 && raster.values == [142, 255, 0, 0])
      let none = try client.post(Self.path, request, fields: ["Accept": "text/html"])
      #expect(none.status == 406 && none.code == "not_acceptable")
    }
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    var measurement: JSONValue = ["type": "identity"]
    var signal: JSONValue
    var generator: JSONValue?
    var status: Int
    var pointer: String
    var testDescription: String {
      String(decoding: JSONWriter.bytes(of: [measurement, signal]), as: UTF8.self)
    }
  }

  static let refused: [Refused] = [
    Refused(signal: 3, status: 400, pointer: "/signal"),
    Refused(signal: [:], status: 400, pointer: "/signal"),
    Refused(signal: ["values": [1], "npy": ""], status: 400, pointer: "/signal"),
    Refused(signal: ["values": [1, 2]], status: 400, pointer: "/signal/shape"),
    Refused(signal: ["values": [1, 2], "shape": []], status: 400, pointer: "/signal/shape"),
    Refused(signal: ["values": [1, 2], "shape": [0]], status: 400, pointer: "/signal/shape/0"),
    Refused(signal: ["values": [1, 2], "shape": [2.5]], status: 400, pointer: "/signal/shape/0"),
    Refused(signal: ["values": [1, 2], "shape": "2"], status: 400, pointer: "/signal/shape"),
    Refused(
      signal: ["values": [1, 2], "shape": [1, 1, 1, 1, 1, 1, 1, 1, 2]], status: 400,
      pointer: "/signal/shape"),
    Refused(signal: ["values": [1, 2], "shape": [3]], status: 422, pointer: "/signal/values"),
    Refused(
      signal: ["values": [1, 1e39], "shape": [2]], status: 422, pointer: "/signal/values/1"),
    Refused(
      signal: ["values": [1, 2], "shape": [1_000_000, 1_000_000, 1_000_000, 1_000_000]],
      status: 422, pointer: "/signal/shape"),
    Refused(
      signal: ["values": [1, 2], "shape": [2], "range": [0, 1]], status: 400,
      pointer: "/signal/range"),
    Refused(signal: ["npy": "?"], status: 400, pointer: "/signal/npy"),
    Refused(signal: ["npy": "AAAA"], status: 422, pointer: "/signal/npy"),
    Refused(signal: ["npy": npy([], [0])], status: 422, pointer: "/signal/npy"),
    Refused(signal: ["npy": npy([1, .nan], [2])], status: 422, pointer: "/signal/npy/1"),
    Refused(signal: ["png": "AAAA"], status: 400, pointer: "/signal/shape"),
    Refused(signal: ["png": "AAAA", "shape": [2, 2]], status: 422, pointer: "/signal/png"),
    Refused(
      signal: ["values": [1], "shape": [16]], generator: "small", status: 400,
      pointer: "/signal/shape"),
    Refused(signal: ["values": [1]], generator: "small", status: 422, pointer: "/signal/values"),
    Refused(signal: ["values": [1]], generator: "nobody", status: 422, pointer: "/generator"),
    Refused(signal: ["values": [1]], generator: 3, status: 400, pointer: "/generator"),
    Refused(
      measurement: ["type": "hologram"], signal: ["values": [1], "shape": [1]], status: 400,
      pointer: "/measurement/type"),
    Refused(
      measurement: halved, signal: ["values": [1, 2, 3], "shape": [3]], status: 422,
      pointer: "/measurement/factor"),
  ]

  @Test(arguments: refused)
  func whatMakesNoSenseIsRefused(given: Refused) throws {
    try withService { _, client in
      try client.uploadSmall()
      var request: JSONObject = ["measurement": given.measurement, "signal": given.signal]
      request["generator"] = given.generator
      let answer = try client.post(Self.path, .object(request))
      #expect(answer.status == given.status, "\(answer.text)")
      let pointers = try answer.json()["errors"]?.elements?.map { $0["pointer"]?.string }
      #expect(pointers == [given.pointer], "\(answer.text)")
    }
  }

  @Test func theMembersOfTheRequestAreKnown() throws {
    try withService { _, client in
      let signal: JSONValue = ["values": [1], "shape": [1]]
      for request in [
        ["signal": signal], ["measurement": ["type": "identity"]],
        ["measurement": ["type": "identity"], "signal": signal, "noise": ["type": "none"]], [1],
      ] as [JSONValue] {
        let answer = try client.post(Self.path, request)
        #expect(answer.status == 400 && answer.code == "invalid_field", "\(answer.text)")
      }
      let unknown = try client.post(
        "\(Self.path)?fromat=npy", ["measurement": ["type": "identity"], "signal": signal])
      #expect(unknown.status == 400 && unknown.code == "unknown_parameter")
    }
  }

  /// Both sides of each limit.
  @Test func signalsAndMeasurementsAreBounded() throws {
    try withService {
      $0.limits.signalCountMax = 6
      $0.limits.measurements.outputCountMax = 4
    } _: { _, client in
      func status(_ measurement: JSONValue, _ shape: [Int]) throws -> Int {
        let values = [Float](repeating: 1, count: shape.reduce(1, *))
        let signal: JSONValue = ["npy": Self.npy(values, shape)]
        return try client.post(Self.path, ["measurement": measurement, "signal": signal]).status
      }
      let statuses = [
        try status(["type": "gaussian", "rows": 4], [2, 3]),
        try status(["type": "gaussian", "rows": 5], [2, 3]),
        try status(["type": "gaussian", "rows": 4], [7]),
      ]
      #expect(statuses == [200, 422, 422])
    }
  }
}
