import Documents
import LinearAlgebra

/// A layer with a matrix of weights, dense or convolutional, as the generator computes it: with the
/// batch normalisation behind it folded in, where there is one.
public struct AffineLayer: Sendable {
  /// Place in the architecture document, counted from 0.
  public let layer: Int
  public let type: String
  public let map: any LinearMap
  /// Place among the generator's stages; `nil` inside a part that branches.
  public let stage: Int?
  /// What acts on its outputs, entry by entry; `nil` when nothing does, or inside a branch.
  public let activation: (any ActivationFunction)?
}

extension Generator {
  /// The layers with weights, in the order of the architecture document.
  public var affineLayers: [AffineLayer] {
    let named = layers.indices.filter { LayerCatalogue.hasWeight(layers[$0].type) }
    return zip(named, weightedMaps).map { layer, found in
      let next = found.stage.flatMap { $0 + 1 < stages.count ? stages[$0 + 1] : nil }
      return AffineLayer(
        layer: layer, type: layers[layer].type, map: found.map, stage: found.stage,
        activation: (next as? any ElementwiseMap)?.function)
    }
  }

  private var weightedMaps: [(map: any LinearMap, stage: Int?)] {
    func weighted(_ map: any DifferentiableMap) -> (any LinearMap)? {
      (map as? AffineMap)?.linear as? any OutputScalable
    }
    return stages.enumerated().flatMap { place, stage -> [(map: any LinearMap, stage: Int?)] in
      guard let graph = stage as? Graph else {
        return weighted(stage).map { [($0, place)] } ?? []
      }
      return graph.nodes.compactMap { node in
        guard case .map(let map) = node.operation else { return nil }
        return weighted(map).map { ($0, nil) }
      }
    }
  }

  /// The tensor of weights of each such layer, by the layer's place in an architecture document.
  public static func weightNames(in architecture: JSONValue) -> [(layer: Int, name: String)] {
    guard let layers = architecture.object?["layers"]?.elements else { return [] }
    return layers.enumerated().compactMap { place, layer in
      guard let layer = layer.object, LayerCatalogue.hasWeight(layer["type"]?.string ?? ""),
        let name = layer["weight"]?.string
      else { return nil }
      return (place, name)
    }
  }
}

extension LayerCatalogue {
  /// Whether layers of that type mix entries by a tensor of weights.
  fileprivate static func hasWeight(_ type: String) -> Bool {
    guard let parameters = kind(type)?.parameters else { return false }
    return parameters.contains { $0.name == "weight" && $0.schema.object?["type"] == "string" }
  }
}
