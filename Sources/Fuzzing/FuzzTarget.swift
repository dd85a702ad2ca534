import Documents
import Networks
import SignalFormats
import WeightFormats

/// One reader of bytes that come from outside, to be given whatever libFuzzer thinks of. It must
/// not crash, hang or take more memory than its limits allow; throwing is what it is for.
struct FuzzTarget: Sendable {
  let name: String
  let read: @Sendable ([UInt8]) -> Void

  /// Every weight format, by its name, the formats of signals and documents, and requests.
  static let all: [FuzzTarget] =
    WeightFormats.all.map { format in
      FuzzTarget(name: format.name) { bytes in
        let source = MemoryBytes(bytes)
        _ = try? format.summary(of: source, limits: weightLimits)
        guard
          let file = try? format.read(source, request: WeightRequest(), limits: weightLimits),
          let architecture = file.architecture
        else { return }
        for state in file.states {
          _ = try? Generator(
            architecture: architecture, tensors: state.tensors, limits: generatorLimits)
        }
      }
    } + [
      FuzzTarget(name: "signal-png") { _ = try? PNG.decode($0, pixelsMax: 1 << 16) },
      FuzzTarget(name: "signal-npy") { _ = try? NPY.read($0) },
      FuzzTarget(name: "http", read: HTTPReading.read),
      FuzzTarget(name: "json") { _ = try? JSONParser(depthMax: 64).parse($0) },
    ]

  private static let weightLimits = WeightLimits(
    bytesMax: 1 << 20, headerBytesMax: 1 << 16, tensorsMax: 256, elementsMax: 1 << 18,
    nodesMax: 256)
  private static let generatorLimits = GeneratorLimits(
    layersMax: 64, parametersMax: 1 << 18, latentCountMax: 1 << 12, outputCountMax: 1 << 16,
    patchNumbersMax: 1 << 20)
}
