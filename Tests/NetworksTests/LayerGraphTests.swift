import Documents
import LinearAlgebra
import Networks
import Testing

/// Generators whose layers branch: they compute what their documents say, keep the laws, and are
/// taken apart into as long a chain as they allow.
struct LayerGraphTests {
  private static func tensors(_ shapes: [String: [Int]]) -> [String: Tensor] {
    var random = RandomNumbers(seed: 470)
    return Dictionary(
      uniqueKeysWithValues: shapes.sorted { $0.key < $1.key }.map {
        ($0.key, NetworkExample.tensor($0.value, &random, scale: 0.5))
      })
  }

  static let examples: [NetworkExample] = [
    NetworkExample(
      name: "residual block", latentShape: [3],
      layers: [
        ["type": "linear", "weight": "a", "name": "start"],
        ["type": "tanh"],
        ["type": "linear", "weight": "b", "bias": "c"],
        ["type": "add", "from": "start"],
        ["type": "sigmoid"],
        ["type": "linear", "weight": "d"],
      ], tensors: tensors(["a": [6, 3], "b": [6, 6], "c": [6], "d": [9, 6]])),
    NetworkExample(
      name: "two branches and a batch norm behind one", latentShape: [2, 2, 2],
      layers: [
        ["type": "conv2d", "weight": "a", "padding": 1, "from": "latent"],
        [
          "type": "batch_norm", "running_mean": "m", "running_var": "v", "name": "left",
        ],
        ["type": "conv_transpose2d", "weight": "b", "from": "latent", "name": "right"],
        ["type": "concat", "from": ["left", "right", "latent"]],
        ["type": "leaky_relu", "negative_slope": 0.2],
        ["type": "concat", "from": "left", "dim": -3],
      ],
      tensors: {
        var all = tensors(["a": [3, 2, 3, 3], "b": [2, 4, 1, 1], "m": [3]])
        all["v"] = Tensor(shape: [3], values: [0.5, 1, 2])
        return all
      }()),
    NetworkExample(
      name: "a branch from before a reshape", latentShape: [4],
      layers: [
        ["type": "reshape", "shape": [2, 2], "name": "square"],
        ["type": "flatten"],
        ["type": "linear", "weight": "a"],
        ["type": "reshape", "shape": [2, 2]],
        ["type": "add", "from": "square"],
        ["type": "flatten"],
      ], tensors: tensors(["a": [4, 4]])),
    NetworkExample(
      name: "an output that nothing takes", latentShape: [3],
      layers: [
        ["type": "tanh", "name": "outer"],
        ["type": "linear", "weight": "a", "name": "inner"],
        ["type": "tanh"],
        ["type": "add", "from": "inner"],
        ["type": "linear", "weight": "b"],
        ["type": "add", "from": ["outer", "latent", "outer"]],
        ["type": "tanh"],
      ], tensors: tensors(["a": [3, 3], "b": [3, 3]])),
  ]

  @Test func aLayerThatNothingTakesIsRefused() throws {
    // The last addition names other outputs than that of the layer before it.
    let error = refusal(Self.examples[3])
    #expect(error?.fields.first?.pointer == "/layers/4/from")
    #expect(error?.description.contains("no later layer takes the output") == true)
  }

  @Test(arguments: examples.prefix(3))
  func keepsTheLaws(example: NetworkExample) throws {
    for seed in 471..<474 as Range<UInt64> { try NetworkLaws(example: example, seed: seed).check() }
  }

  @Test func onlyWhatBranchesIsAGraph() throws {
    let residual = try Self.examples[0].generator()
    #expect(!residual.isChain && residual.stages.count == 4)
    #expect(residual.stages.map { $0 is Graph } == [false, true, false, false])
    #expect(residual.stages.last is AffineMap)
    // The batch norm went into the convolution before it, though another branch runs beside.
    let branches = try Self.examples[1].generator()
    #expect(branches.stages.count == 1)
    #expect((branches.stages[0] as? Graph)?.nodes.count == 5)
    let chain = try #require(LayerExamples.byType["relu"]?.first).generator()
    #expect(chain.isChain && chain.stages.count == 1)
  }

  /// Constants stay apart where their input is taken elsewhere too.
  @Test func whatIsTakenTwiceIsNotFolded() throws {
    var example = Self.examples[1]
    example.layers[3] = ["type": "concat", "from": ["left", "right", "plain"]]
    example.layers[0] = ["type": "conv2d", "weight": "a", "padding": 1, "name": "plain"]
    #expect((try example.generator().stages[0] as? Graph)?.nodes.count == 6)
    try NetworkLaws(example: example, seed: 475).check()
  }

  @Test func refusesWiresThatLeadNowhere() {
    let example = Self.examples[0]
    for (place, field, value, pointer, part) in [
      (3, "from", "end", "/layers/3/from", "names no layer before this one"),
      (1, "from", ["start", "latent"], "/layers/1/from", "takes 2 values"),
      (3, "from", nil, "/layers/3/from", "takes 1 values; its type takes 2 to 64"),
      (3, "from", 7, "/layers/3/from", "expected a name"),
      (3, "from", ["start", 7], "/layers/3/from", "expected a name"),
      (3, "from", [], "/layers/3/from", "expected a name"),
      (3, "from", "latent", "/layers/3/from", "expected one shape"),
      (4, "from", "start", "/layers/3/from", "no later layer takes the output"),
      (4, "name", "start", "/layers/4/name", "names must differ"),
      (4, "name", "latent", "/layers/4/name", "stands for the latent code"),
      (4, "name", "", "/layers/4/name", "has 0 bytes"),
      (4, "name", 3, "/layers/4/name", ""),
    ] as [(Int, String, JSONValue?, String, String)] {
      let error = refusal(example.replacing(field, ofLayer: place, with: value))
      #expect(error?.fields.first?.pointer == pointer, "\(error?.description ?? "accepted")")
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "accepted")")
    }
    // A cycle would have to name a layer that is still to come.
    let cycle = example.replacing("from", ofLayer: 1, with: "later")
      .replacing("name", ofLayer: 2, with: "later")
    #expect(refusal(cycle)?.fields.first?.pointer == "/layers/1/from")
  }

  @Test func refusesWhatCannotBeJoined() {
    let example = NetworkExample(
      name: "", latentShape: [2, 3],
      layers: [["type": "concat", "from": ["latent", "latent"], "dim": 0]], tensors: [:])
    #expect(
      refusal(example.replacing("dim", with: 2))?.fields.first?.pointer == "/layers/0/dim")
    #expect(
      refusal(example.replacing("dim", with: -3))?.fields.first?.pointer == "/layers/0/dim")
    var uneven = example
    uneven.layers.insert(["type": "flatten"], at: 0)
    uneven.layers[1] = ["type": "concat", "from": "latent"]
    #expect(refusal(uneven)?.fields.first?.pointer == "/layers/1/from")
  }

  private func refusal(_ example: NetworkExample) -> DocumentError? {
    // The naive network cannot be asked for a shape of what cannot be computed.
    let document: JSONValue = [
      "version": 1, "latent": ["shape": JSONValue(example.latentShape)],
      "output": ["shape": [9]], "layers": JSONValue(example.layers),
    ]
    do {
      _ = try Generator(architecture: document, tensors: example.tensors)
      return nil
    } catch {
      return error
    }
  }
}
