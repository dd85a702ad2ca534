import Documents
import Foundation
import LinearAlgebra
import Networks
import Testing

/// Layers against PyTorch: `Fixtures/make_layer_cases.py` wrote down what it computes for them, and
/// what it pulls back.
struct LayerReferenceTests {
  /// Two inputs of one layer, with what PyTorch made of them.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let document: JSONValue
    let tensors: [String: Tensor]
    let inputs: [Float]
    let outputs: [Float]
    let cotangents: [Float]
    let pulled: [Float]

    init(_ value: JSONValue) throws {
      let members = try #require(value.object)
      func numbers(_ name: String) throws -> [Float] {
        try #require(members[name]?.numbers).map { Float($0) }
      }
      testDescription = try #require(members["name"]?.string)
      document = [
        "version": 1, "latent": ["shape": try #require(members["input_shape"])],
        "output": ["shape": try #require(members["output_shape"])],
        "layers": .array([try #require(members["layer"])]),
      ]
      var tensors: [String: Tensor] = [:]
      for (name, tensor) in try #require(members["tensors"]?.object).members {
        tensors[name] = Tensor(
          shape: try #require(tensor.object?["shape"]?.numbers).map { Int($0) },
          values: try #require(tensor.object?["values"]?.numbers).map { Float($0) })
      }
      self.tensors = tensors
      inputs = try numbers("inputs")
      outputs = try numbers("outputs")
      cotangents = try numbers("cotangents")
      pulled = try numbers("pulled")
    }
  }

  static func cases() throws -> [Case] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/layer_cases.json")
    let document = try JSONParser().parse([UInt8](Data(contentsOf: file)))
    return try #require(document.elements).map(Case.init)
  }

  /// Sums of at most a hundred products in single precision, in another order than PyTorch's, and
  /// functions that are good to a few units in the last place.
  private static let tolerance = 1e-5

  @Test(arguments: try cases())
  func isWhatPyTorchComputes(reference: Case) throws {
    let generator = try Generator(architecture: reference.document, tensors: reference.tensors)
    let rows = Batch(
      count: 2, width: generator.inputCount, values: reference.inputs)
    let linearization = generator.linearize(at: rows)
    let cotangents = Batch(count: 2, width: generator.outputCount, values: reference.cotangents)
    expectClose(linearization.value.values, reference.outputs)
    expectClose(linearization.jacobian.applyAdjoint(cotangents).values, reference.pulled)
  }

  /// Every kind of layer that takes one output has a case, but for those that PyTorch has not.
  @Test func everyKindIsCompared() throws {
    let compared = try Set(
      Self.cases().compactMap {
        $0.document.object?["layers"]?.elements?.first?.object?["type"]?.string
      })
    let kinds = LayerCatalogue.kinds.filter { $0.inputCounts.contains(1) }.map { $0.type }
    #expect(Set(kinds).subtracting(compared) == ["piecewise_linear", "reshape"])
  }

  /// Entry by entry, relative to the entry or, where that is small, to what the row is made of.
  private func expectClose(_ found: [Float], _ expected: [Float]) {
    #expect(found.count == expected.count)
    let size = (sumOfSquares(expected) / Double(max(expected.count, 1))).squareRoot()
    for (entry, (a, b)) in zip(found, expected).enumerated() {
      let error = abs(Double(a) - Double(b))
      #expect(
        error <= Self.tolerance * max(Double(abs(b)), min(size, 1)), "entry \(entry): \(a), \(b)")
    }
  }
}
