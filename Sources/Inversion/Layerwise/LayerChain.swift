import LinearAlgebra
import Measurements
import Networks

/// A generator as far as it is observed, as layer-wise solvers take it apart:
///
///     x_0 = z,   x_{i+1} = phi_i(W_i x_i + b_i),   y = x_L
///
/// `W_i` is everything between two activations: dense and convolutional weights with batch
/// normalisation folded in, upsampling, rearrangements; of the last one, the observed rows.
package struct LayerChain: Sendable {
  package struct Layer: Sendable {
    /// As messages call it: its place in the architecture document and its type.
    package let name: String
    package let weights: LayerOperator
    /// `b`, one number a row.
    package let offset: [Double]
    /// `phi`; `nil` where nothing acts on the outputs.
    package let activation: (any ActivationFunction)?
  }

  package let layers: [Layer]
  /// Of a matrix that is written down.
  let matrixEntriesMax: Int

  /// Entries of a matrix that is written down, unless a solver's options say otherwise: 32 MB.
  package static let matrixEntriesMax = 4_000_000

  /// - Parameters:
  ///   - entries: of the flattened output, those that are observed; `nil` for all.
  ///   - matrixEntriesMax: of a matrix that is written down.
  package init(
    _ generator: Generator, observing entries: [Int]? = nil,
    matrixEntriesMax: Int = LayerChain.matrixEntriesMax
  ) {
    precondition(generator.isChain, "layers one after the other")
    self.matrixEntriesMax = matrixEntriesMax
    let stages =
      entries.map { generator.observing($0).chain.stages } ?? Array(generator.stages)
    let named = generator.affineLayers
    var layers: [Layer] = []
    var run: [any DifferentiableMap] = []
    var inputCount = generator.inputCount
    var place = 0
    func finish(_ activation: (any ActivationFunction)?) {
      let chain = Chain(run, inputCount: inputCount)
      let linearization = chain.linearize(at: Batch(zeros: 1, width: inputCount))
      let name =
        named.first { affine in
          affine.stage.map { (place - run.count..<place).contains($0) } ?? false
        }
        .map { "layer \($0.layer) (\($0.type))" } ?? "the layers before stage \(place)"
      layers.append(
        Layer(
          name: name, weights: LayerOperator(linearization.jacobian, entriesMax: matrixEntriesMax),
          offset: linearization.value.values.map(Double.init), activation: activation))
      run = []
      inputCount = chain.outputCount
    }
    for stage in stages {
      if let activation = stage as? any ElementwiseMap {
        finish(activation.function)
      } else {
        run.append(stage)
      }
      place += 1
    }
    if !run.isEmpty { finish(nil) }
    self.layers = layers
  }

  /// Whether the inputs of a layer are values of an activation that has none below zero.
  func areInputsNonnegative(of layer: Int) -> Bool {
    layer > 0 && layers[layer - 1].activation is ReLU
  }
}

extension LayerChain {
  /// Why a generator cannot be taken apart, naming the layer; `nil` where it can.
  static func refusal(of generator: Generator) -> String? {
    guard generator.isChain else {
      let branching = generator.layers.firstIndex { ["add", "concat"].contains($0.type) }
      let name = branching.map { "layer \($0) (\(generator.layers[$0].type)) joins branches" }
      return "\(name ?? "the generator branches"), and layer-wise solvers need a chain"
    }
    let activations = generator.stages.compactMap { ($0 as? any ElementwiseMap)?.function }
    guard let place = activations.firstIndex(where: { !$0.isTakenBack }) else { return nil }
    let name = "\(type(of: activations[place]))"
    let layer = generator.layers.firstIndex {
      $0.type.replacing("_", with: "") == name.lowercased()
    }
    return
      "\(layer.map { "layer \($0)" } ?? "activation \(place)") (\(name)) cannot be inverted, and "
      + "layer-wise solvers need ReLU, piecewise linear or invertible activations"
  }
}

extension ActivationFunction {
  /// Whether each value tells the input, or that it lies on a flat piece.
  fileprivate var isTakenBack: Bool {
    self is any FlatActivation
      || (-4...4).allSatisfy { preimage(of: value(at: Float($0)), margin: 1e-6) != nil }
  }
}
