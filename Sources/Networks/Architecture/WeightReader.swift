import Documents

/// Hands the tensors of a weight file to the layers that name them, each exactly once, and does not
/// keep them: a layer that folds constants into its weights then takes no second copy of them all.
public final class WeightReader {
  private var tensors: [String: Tensor]
  private var takenBy: [String: String] = [:]

  init(_ tensors: consuming [String: Tensor]) {
    self.tensors = tensors
  }

  /// The tensor that a field of a layer names; `nil` when the field is absent or `null`.
  ///
  /// - Parameter shape: what the tensor must have; -1 stands for any extent.
  func tensor(
    _ field: String, of layer: ObjectReader, shape: [Int]
  ) throws(DocumentError) -> Tensor? {
    guard let name = try layer.string(field) else { return nil }
    if let other = takenBy[name] {
      throw layer.unprocessable(field, "names the tensor \"\(name)\", which \(other) names already")
    }
    guard let tensor = tensors.removeValue(forKey: name) else {
      throw layer.unprocessable(
        field, "names the tensor \"\(name)\", which the weights lack; they have \(known)")
    }
    takenBy[name] = layer.pointer(to: field)
    let fits =
      tensor.shape.count == shape.count
      && zip(tensor.shape, shape).allSatisfy { $1 == -1 || $0 == $1 }
    guard fits else {
      let expected = shape.map { $0 == -1 ? "any" : String($0) }.joined(separator: ", ")
      throw layer.unprocessable(
        field, "the tensor \"\(name)\" has shape \(tensor.shape); expected [\(expected)]")
    }
    if let bad = tensor.values.firstIndex(where: { !$0.isFinite }) {
      throw layer.unprocessable(
        field,
        "the tensor \"\(name)\" holds \(tensor.values[bad]) at \(bad); expected finite numbers"
      )
    }
    return tensor
  }

  func required(
    _ field: String, of layer: ObjectReader, shape: [Int]
  ) throws(DocumentError) -> Tensor {
    guard let tensor = try tensor(field, of: layer, shape: shape) else {
      throw layer.malformed(field, "is missing; expected the name of a tensor")
    }
    return tensor
  }

  /// The tensors that no layer has named. PyTorch counts batches in a tensor beside each batch
  /// norm that evaluation does not read; those do not count.
  var unused: [String] {
    tensors.keys.filter { !$0.hasSuffix("num_batches_tracked") }.sorted()
  }

  private var known: String {
    let names = (Array(tensors.keys) + takenBy.keys).sorted()
    let shown = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }
}
