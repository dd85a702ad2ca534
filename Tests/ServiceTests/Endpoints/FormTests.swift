import Documents
import Foundation
import Service
import SignalFormats
import Testing

/// Inversions as forms with files: the same as the document that holds them would be.
struct FormTests {
  private static let latent: [Float] = [0.4, -0.7]
  private static let signal = SmallGenerator.output(at: latent).map { Float($0) }
  /// The upper half of 4 x 4 pixels.
  private static let half: [Float] = (0..<16).map { $0 < 8 ? 1 : 0 }

  private static func body(
    _ request: JSONValue, _ files: [(String, [UInt8])], boundary: String = "edge"
  ) -> ServiceClient.Body {
    let parts = [("request", JSONWriter.bytes(of: request))] + files
    let text = Form.bytes(parts.map { (name: $0, content: $1) })
    guard boundary != "edge" else { return .bytes(text, type: Form.type) }
    var other: [UInt8] = []
    var rest = text[...]
    while let place = rest.firstRange(of: Array("--edge".utf8)) {
      other += rest[..<place.lowerBound] + Array("--\(boundary)".utf8)
      rest = rest[place.upperBound...]
    }
    return .bytes(other + rest, type: "multipart/form-data; boundary=\(boundary)")
  }

  private static func inverted(
    _ client: ServiceClient, _ request: JSONValue, _ files: [(String, [UInt8])]
  ) throws -> JSONValue {
    let answer = try client.send(
      "POST", "/v1/inversions", fields: ["Prefer": "wait=50"], body(request, files))
    #expect(answer.status == 200, "\(answer.text)")
    return try answer.json()
  }

  private static func isPlanted(_ inversion: JSONValue) -> Bool {
    let found = inversion["result"]?["latent"]?.numbers ?? []
    return found.count == 2 && zip(found, latent).allSatisfy { abs($0 - Double($1)) < 1e-3 }
  }

  @Test func anObservationMayBeAnArrayOrAPicture() throws {
    try withService { _, client in
      try client.uploadSmall()
      let array = NPY.write(Self.signal, shape: [1, 4, 4])
      let found = try Self.inverted(client, ["generator": "small"], [("observation", array)])
      #expect(Self.isPlanted(found))
      #expect(found["measurement"] == ["type": "identity"])
      let picture = try PNG.encode(Raster(signal: Self.signal, shape: [1, 4, 4], range: (-1, 1)))
      let seen = try Self.inverted(client, ["generator": "small"], [("observation", picture)])
      let residual = try #require(seen["result"]?["residual"]?["relative"]?.number)
      #expect(residual < 0.05)
    }
  }

  @Test func aMaskMayBeAPictureOrAnArrayOfPixelsOrOfEntries() throws {
    try withService { _, client in
      try client.uploadSmall()
      let observation = ("observation", NPY.write(Self.signal, shape: [16]))
      let picture = try PNG.encode(Raster(signal: Self.half, shape: [1, 4, 4], range: (0, 1)))
      for mask in [
        picture, NPY.write(Self.half, shape: [4, 4]), NPY.write(Self.half, shape: [16]),
        NPY.write(Self.half, shape: [1, 4, 4]),
      ] {
        for request in [
          ["generator": "small"], ["generator": "small", "measurement": ["type": "mask"]],
        ]
          as [JSONValue]
        {
          let found = try Self.inverted(client, request, [observation, ("mask", mask)])
          #expect(found["measurement"]?["type"] == "mask")
          #expect(Self.isPlanted(found))
        }
      }
    }
  }

  @Test func aMatrixIsALinearMeasurement() throws {
    try withService { _, client in
      try client.uploadSmall()
      var matrix = [Float](repeating: 0, count: 48)
      for row in 0..<3 { matrix[16 * row + 5 * row] = 2 }
      let seen = (0..<3).map { 2 * Self.signal[5 * $0] }
      let found = try Self.inverted(
        client, ["generator": "small"],
        [
          ("observation", NPY.write(seen, shape: [3])),
          ("matrix", NPY.write(matrix, shape: [3, 16])),
        ])
      #expect(found["measurement"]?["type"] == "matrix")
      #expect(Self.isPlanted(found))
    }
  }

  @Test func theSameFormIsTheSameInversionWhateverItsBoundary() throws {
    try withService { _, client in
      try client.uploadSmall()
      let files = [("observation", NPY.write(Self.signal, shape: [16]))]
      let request: JSONValue = ["generator": "small"]
      for (method, target, fields) in [
        ("PUT", "/v1/inversions/mine", [:]),
        ("POST", "/v1/inversions", ["Idempotency-Key": "k"]),
      ] {
        let first = try client.send(method, target, fields: fields, Self.body(request, files))
        #expect(first.status == 202)
        let again = try client.send(
          method, target, fields: fields, Self.body(request, files, boundary: "another"))
        #expect(try again.status == 202 && again.json()["id"] == first.json()["id"])
        let other = try client.send(
          method, target, fields: fields,
          Self.body(["generator": "small", "seed": 1], files))
        #expect(other.status == (method == "PUT" ? 409 : 422))
      }
    }
  }

  @Test func filesThatDoNotFitAreRefused() throws {
    try withService { _, client in
      try client.uploadSmall()
      let array = NPY.write(Self.signal, shape: [16])
      let mask = NPY.write(Self.half, shape: [16])
      func send(_ request: JSONValue, _ files: [(String, [UInt8])]) throws -> Answer {
        try client.send("POST", "/v1/inversions", Self.body(request, files))
      }
      let plain: JSONValue = ["generator": "small"]
      let cases: [(JSONValue, [(String, [UInt8])], Int, [String])] = [
        (plain, [], 400, ["/observation"]),
        (
          ["generator": "small", "observation": ["values": [1]]], [("observation", array)], 422,
          ["/observation"]
        ),
        (plain, [("observation", Array("GIF89a".utf8))], 422, ["/observation"]),
        (plain, [("observation", NPY.write([1], shape: [1]))], 422, ["/observation"]),
        (plain, [("observation", array), ("mask", [0])], 422, ["/mask"]),
        (
          plain, [("observation", array), ("mask", NPY.write([1, 0], shape: [2]))], 422, ["/mask"]
        ),
        (
          plain, [("observation", array), ("mask", mask), ("matrix", array)], 422, ["/measurement"]
        ),
        (
          ["generator": "small", "measurement": ["type": "identity"]],
          [("observation", array), ("mask", mask)], 422, ["/measurement/type"]
        ),
        (
          ["generator": "small", "measurement": ["type": "mask", "observed": ["indices": [1]]]],
          [("observation", array), ("mask", mask)], 422, ["/measurement/observed"]
        ),
      ]
      for (index, (request, files, status, pointers)) in cases.enumerated() {
        let answer = try send(request, files)
        #expect(answer.status == status && answer.pointers == pointers, "\(index) \(answer.text)")
      }
      #expect(try send(plain, [("picture", array)]).code == "unknown_part")
      #expect(try client.get("/v1/inversions").json()["inversions"] == [])
    }
  }

  @Test func aFormIsBounded() throws {
    let form = Self.body(
      ["generator": "small"], [("observation", NPY.write(Self.signal, shape: [16]))])
    guard case .bytes(let bytes, let type) = form else { return }
    for (limit, status) in [(bytes.count, 202), (bytes.count - 1, 413)] {
      try withService {
        $0.limits.formBytesMax = limit
      } _: { _, client in
        try client.uploadSmall()
        for body in [form, .chunked(bytes, type: type, sizes: [1, 100, 7])] {
          #expect(try client.send("POST", "/v1/inversions", body).status == status)
        }
      }
    }
    // The document is bounded like any other.
    try withService {
      $0.limits.jsonBodyBytesMax = 20
    } _: { _, client in
      let answer = try client.send("POST", "/v1/inversions", form)
      #expect(answer.status == 413 && answer.code == "part_too_large")
    }
  }
}
