import Documents
import LinearAlgebra
import Networks
import Testing

/// Each limit on both of its sides, and that no document asks for memory before it is refused.
struct GeneratorLimitsTests {
  private func build(_ example: NetworkExample, _ limits: GeneratorLimits) -> DocumentError? {
    do {
      _ = try Generator(
        architecture: example.document, tensors: example.tensors, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  private func perceptron(latent: Int = 3, outputs: Int = 5, activations: Int = 1) -> NetworkExample
  {
    var random = RandomNumbers(seed: 520)
    return NetworkExample(
      name: "perceptron", latentShape: [latent],
      layers: [["type": "linear", "weight": "w"]]
        + [JSONValue](repeating: ["type": "relu"], count: activations),
      tensors: ["w": NetworkExample.tensor([outputs, latent], &random)])
  }

  @Test func layersAreCounted() {
    #expect(build(perceptron(activations: 4), GeneratorLimits(layersMax: 5)) == nil)
    let error = build(perceptron(activations: 5), GeneratorLimits(layersMax: 5))
    #expect(error?.kind == .unprocessable && error?.fields.first?.pointer == "/layers")
    var none = perceptron()
    none.layers = []
    none.tensors = [:]
    #expect(build(none, GeneratorLimits())?.fields.first?.pointer == "/layers")
  }

  @Test func parametersAreCounted() {
    #expect(build(perceptron(), GeneratorLimits(parametersMax: 15)) == nil)
    let error = build(perceptron(), GeneratorLimits(parametersMax: 14))
    #expect(error?.kind == .unprocessable && error?.fields.first?.pointer == "/layers/0/type")
  }

  @Test func latentsAreCounted() {
    #expect(build(perceptron(), GeneratorLimits(latentCountMax: 3)) == nil)
    let error = build(perceptron(), GeneratorLimits(latentCountMax: 2))
    #expect(error?.kind == .unprocessable && error?.fields.first?.pointer == "/latent/shape")
  }

  @Test func outputsAreCountedInEveryLayer() {
    #expect(build(perceptron(), GeneratorLimits(outputCountMax: 5)) == nil)
    let error = build(perceptron(), GeneratorLimits(outputCountMax: 4))
    #expect(error?.kind == .unprocessable && error?.fields.first?.pointer == "/output/shape")
    // A hidden layer wider than the output.
    var random = RandomNumbers(seed: 521)
    var narrowing = perceptron(outputs: 9)
    narrowing.layers.append(["type": "linear", "weight": "v"])
    narrowing.tensors["v"] = NetworkExample.tensor([2, 9], &random)
    #expect(build(narrowing, GeneratorLimits(outputCountMax: 9)) == nil)
    let hidden = build(narrowing, GeneratorLimits(outputCountMax: 8))
    #expect(hidden?.fields.first?.pointer == "/layers/0/type")
  }

  @Test func patchesAreCounted() {
    var random = RandomNumbers(seed: 522)
    for type in ["conv2d", "conv_transpose2d"] {
      let example = NetworkExample(
        name: type, latentShape: [2, 4, 4],
        layers: [["type": .string(type), "weight": "w", "padding": 1]],
        tensors: ["w": NetworkExample.tensor([2, 2, 3, 3], &random)])
      let numbers = 2 * 3 * 3 * 16
      #expect(build(example, GeneratorLimits(patchNumbersMax: numbers)) == nil)
      let error = build(example, GeneratorLimits(patchNumbersMax: numbers - 1))
      #expect(error?.kind == .unprocessable && error?.fields.first?.pointer == "/layers/0/type")
    }
  }

  private func refusal(
    latent: [Int], output: [Int] = [1], _ layer: JSONValue, weight: [Int] = []
  ) -> DocumentError? {
    let document: JSONValue = [
      "version": 1, "latent": ["shape": JSONValue(latent)], "output": ["shape": JSONValue(output)],
      "layers": .array([layer]),
    ]
    let tensor = Tensor(
      shape: weight, values: [Float](repeating: 0.1, count: weight.reduce(1, *)))
    do {
      _ = try Generator(architecture: document, tensors: weight.isEmpty ? [:] : ["w": tensor])
      return nil
    } catch {
      return error
    }
  }

  /// Products of extents beyond an `Int`, and outputs of terabytes, cost nothing to refuse.
  @Test func absurdExtentsAreRefusedWithoutMemory() {
    let huge = Int(Int32.max)
    let relu: JSONValue = ["type": "relu"]
    let all = [Int](repeating: huge, count: 8)
    #expect(refusal(latent: all, relu)?.fields.first?.pointer == "/latent/shape")
    #expect(refusal(latent: [2], output: all, relu)?.fields.first?.pointer == "/output/shape")
    #expect(refusal(latent: [2], output: [huge], relu)?.kind == .unprocessable)
    #expect(refusal(latent: [huge + 1], relu)?.kind == .malformed)
    let reshape: JSONValue = ["type": "reshape", "shape": JSONValue(all)]
    #expect(refusal(latent: [2], reshape)?.fields.first?.pointer == "/layers/0/shape")
    for layer in [
      ["type": "conv_transpose2d", "weight": "w", "stride": 4096],
      ["type": "conv2d", "weight": "w", "padding": 4096],
    ] as [JSONValue] {
      let error = refusal(latent: [1, 60, 60], layer, weight: [1, 1, 3, 3])
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.first?.pointer == "/layers/0/type")
    }
    for layer in [
      ["type": "upsample", "scale_factor": 1e6], ["type": "upsample", "size": JSONValue(huge)],
      ["type": "upsample", "size": JSONValue([huge, 1]), "mode": "bilinear"],
      ["type": "pad", "padding": JSONValue([1 << 22, 1 << 22])],
      [
        "type": "pad", "padding": JSONValue([Int](repeating: 1 << 22, count: 6)),
        "mode": "replicate",
      ],
    ] as [JSONValue] {
      let error = refusal(latent: [1, 60, 60], layer)
      #expect(error?.kind == .unprocessable)
      #expect(error?.fields.first?.pointer == "/layers/0/type", "\(error?.description ?? "")")
    }
    let spread: JSONValue = [
      "type": "conv_transpose1d", "weight": "w", "stride": 4096, "dilation": 4096,
    ]
    #expect(
      refusal(latent: [1, 4000], spread, weight: [1, 1, 3])?.fields.first?.pointer
        == "/layers/0/type")
    // A small weight and a small output, but patches of half a terabyte.
    let padded: JSONValue = ["type": "conv2d", "weight": "w", "padding": 900]
    let error = refusal(latent: [1, 60, 60], padded, weight: [1, 1, 400, 400])
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.first?.pointer == "/layers/0/type")
    #expect(error?.description.contains("patches") == true)
  }
}
