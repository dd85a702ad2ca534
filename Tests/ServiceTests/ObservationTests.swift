import Documents
import Foundation
import Service
import SignalFormats
import Testing

/// The forms in which an observation comes, and what is wrong with each.
struct ObservationTests {
  private static let shape = GeneratorShape(latent: [2], output: [1, 2, 3], range: -1...1)
  private static let whole: [Float] = [0, 1, 2, 3, 4, 5]
  private static let mask: JSONValue = ["type": "mask", "observed": ["indices": [4, 1]]]

  private func observed(
    _ observation: JSONValue, _ measurement: JSONValue = ["type": "identity"],
    shape: GeneratorShape = Self.shape
  ) throws -> [Float] {
    let request: JSONValue = [
      "generator": "g", "observation": observation, "measurement": measurement,
    ]
    return try InversionRequest(request, limits: ServiceLimits()).observedValues(shape: shape)
  }

  private func refusal(
    _ observation: JSONValue, _ measurement: JSONValue = ["type": "identity"],
    shape: GeneratorShape = Self.shape
  ) -> DocumentError? {
    #expect(throws: DocumentError.self) {
      try observed(observation, measurement, shape: shape)
    }
  }

  private static func base64(_ bytes: [UInt8]) -> JSONValue {
    .string(Data(bytes).base64EncodedString())
  }

  private static func npy(_ values: [Float]) -> JSONValue {
    ["npy": base64(NPY.write(values, shape: [values.count]))]
  }

  private static func png(width: Int, height: Int, channels: Int = 1) throws -> JSONValue {
    let values = (0..<width * height * channels).map { UInt8($0 * 255 / 17) }
    let raster = Raster(width: width, height: height, channels: channels, values: values)
    return ["png": base64(try PNG.encode(raster))]
  }

  @Test func valuesAreTakenAsTheyAre() throws {
    #expect(try observed(["values": JSONValue(Self.whole)]) == Self.whole)
    #expect(try observed(["values": [7, 8]], Self.mask) == [7, 8])
  }

  @Test func aMaskTakesItsEntriesOfTheWholeSignal() throws {
    #expect(try observed(["values": JSONValue(Self.whole)], Self.mask) == [4, 1])
    #expect(try observed(Self.npy(Self.whole), Self.mask) == [4, 1])
  }

  @Test func arraysOfAnyShapeAreRead() throws {
    let file = NPY.write(Self.whole, shape: [1, 3, 2])
    #expect(try observed(["npy": Self.base64(file)]) == Self.whole)
  }

  @Test func picturesAreScaledIntoTheRange() throws {
    let values = try observed(try Self.png(width: 3, height: 2))
    #expect(values.count == 6)
    #expect(values[0] == -1)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(try observed(try Self.png(width: 3, height: 2), Self.mask) == [values[4], values[1]])
  }

  @Test func colourIsAveragedForGreyAndGreyRepeatedForColour() throws {
    let grey = try observed(try Self.png(width: 3, height: 2, channels: 3))
    #expect(grey.count == 6)
    let shape = GeneratorShape(latent: [2], output: [3, 2, 3], range: -1...1)
    let colour = try observed(try Self.png(width: 3, height: 2), shape: shape)
    #expect(colour.count == 18)
    #expect(Array(colour[..<6]) == Array(colour[6..<12]))
  }

  /// A whole matrix, or samples, become the triangle that the measurement gives.
  @Test func matricesAndSamplesBecomeTriangles() throws {
    let shape = GeneratorShape(latent: [1], output: [2])
    let root = Float(2).squareRoot()
    let whole: JSONValue = ["values": [1, 2, 2, 5]]
    #expect(try observed(whole, ["type": "spiked_wigner"], shape: shape) == [1, 2 * root, 5])
    #expect(
      try observed(["values": [1, 3, 5]], ["type": "spiked_wigner"], shape: shape) == [1, 3, 5])
    let samples: JSONValue = ["type": "spiked_wishart", "rows": 1]
    #expect(try observed(["values": [2, 3]], samples, shape: shape) == [4, 6 * root, 9])
    let error = refusal(["values": [1, 2, 2, 1e39]], ["type": "spiked_wigner"], shape: shape)
    #expect(error?.fields.map(\.pointer) == ["/observation/values/3"])
    #expect(refusal(["values": [1, 2]], ["type": "spiked_wigner"], shape: shape) != nil)
  }

  @Test(arguments: [2, 5, 7])
  func anotherNumberOfValuesIsRefused(count: Int) {
    let values = [Float](repeating: 0, count: count)
    for observation in [["values": JSONValue(values)], Self.npy(values)] {
      let error = refusal(observation)
      #expect(error?.kind == .unprocessable)
      #expect(error?.description.contains("\(count) numbers") == true)
    }
    // Two are what the mask gives, six are the whole signal.
    if count != 2 { #expect(refusal(["values": JSONValue(values)], Self.mask) != nil) }
  }

  @Test(
    arguments: [
      [:], ["values": [1], "npy": ""], ["values": .null], ["valeus": [1]],
      ["values": [1, 2, 3, 4, 5, 6], "scale": 2], ["values": "1"], ["values": ["1"]], ["npy": 3],
    ] as [JSONValue])
  func formsThatAreNoneAreMalformed(observation: JSONValue) {
    #expect(refusal(observation)?.kind == .malformed)
  }

  @Test func whatIsNoFileIsRefusedWithItsField() throws {
    #expect(refusal(["npy": "%%%"])?.fields.first?.pointer == "/observation/npy")
    #expect(refusal(["png": "a"])?.fields.first?.pointer == "/observation/png")
    for form in ["npy", "png"] {
      for bytes in [[], Array("rubbish".utf8)] {
        let error = refusal(.object([form: Self.base64(bytes)]))
        #expect(error?.kind == .unprocessable)
        #expect(error?.fields.first?.pointer == "/observation/\(form)")
      }
    }
    let cut = NPY.write(Self.whole, shape: [6]).dropLast()
    #expect(refusal(["npy": Self.base64(Array(cut))])?.kind == .unprocessable)
  }

  @Test(arguments: [(2, 2), (3, 3), (2, 3), (1, 6), (6, 1)])
  func aPictureOfAnotherSizeIsRefused(width: Int, height: Int) throws {
    let error = refusal(try Self.png(width: width, height: height))
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.first?.pointer == "/observation/png")
  }

  @Test func aSignalThatIsNoPictureTakesNone() throws {
    let shape = GeneratorShape(latent: [2], output: [2, 2, 3])
    #expect(refusal(try Self.png(width: 3, height: 2), shape: shape) != nil)
  }

  @Test func numbersBeyondSinglePrecisionAreRefused() {
    let error = refusal(["values": [1, 2, 3, 1e39, 5, 6]])
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.first?.pointer == "/observation/values/3")
  }

  @Test func onlyWhatIsReadMustBeFinite() throws {
    var values = Self.whole
    values[0] = .nan
    values[5] = .infinity
    #expect(try observed(Self.npy(values), Self.mask) == [4, 1])
    #expect(refusal(Self.npy(values))?.fields.first?.pointer == "/observation/npy/0")
    // A second one, behind one that is not read.
    values[4] = .nan
    #expect(refusal(Self.npy(values), Self.mask)?.fields.first?.pointer == "/observation/npy/4")
  }

  @Test func observedNumbersAreNotMistakenForPlacesInTheSignal() {
    // The first observed number stands for entry 4; that entry 0 is hidden does not excuse it.
    let error = refusal(Self.npy([.nan, 1]), Self.mask)
    #expect(error?.fields.first?.pointer == "/observation/npy/0")
  }

  @Test(
    arguments: [
      ["type": "mask"], ["type": "mask", "observed": ["bernoulli": ["rate": 0]]],
      ["type": "mask", "observed": ["indices": [6]]], ["type": "fourier"], [:],
    ] as [JSONValue])
  func theMeasurementIsChecked(measurement: JSONValue) {
    let error = refusal(["values": JSONValue(Self.whole)], measurement)
    #expect(error?.fields.first?.pointer.hasPrefix("/measurement") == true)
  }
}
