import LinearAlgebra
import Networks

extension Generator {
  /// What each layer gives after its activation, if it has one, from the first hidden one to the signal, for a
  /// network that is a chain.
  func layerOutputs(at latent: [Float]) -> [[Float]] {
    precondition(isChain, "layers one after the other")
    var outputs: [[Float]] = []
    var pending: [any DifferentiableMap] = []
    var value = Batch(row: latent)
    for stage in stages {
      pending.append(stage)
      guard stage is any ElementwiseMap else { continue }
      value = Chain(pending, inputCount: value.width).evaluate(value)
      outputs.append(value.values)
      pending = []
    }
    if !pending.isEmpty {
      outputs.append(Chain(pending, inputCount: value.width).evaluate(value).values)
    }
    return outputs
  }
}
