import Documents
import LinearAlgebra

/// A type of layer that architecture documents can name. Adding one is a file in `Layers/` and a
/// line in `LayerCatalogue`.
public protocol LayerKind: Sendable {
  /// The value of `"type"`: PyTorch's module in snake_case.
  static var type: String { get }
  static var summary: String { get }
  /// The fields beside `"type"`, with PyTorch's names and defaults.
  static var parameters: [any ParameterDescription] { get }
  /// How many outputs of earlier layers the layer takes; one, unless it says otherwise.
  static var inputCounts: ClosedRange<Int> { get }

  /// - Throws: `DocumentError` naming the field of the layer that cannot be accepted.
  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer
}

extension LayerKind {
  public static var inputCounts: ClosedRange<Int> { 1...1 }

  /// Every field that a layer of this type may have beside `"type"`.
  public static var allParameters: [any ParameterDescription] {
    parameters + LayerWiring.parameters
  }
}

/// What a layer is made from.
public struct LayerContext {
  /// The layer's own document.
  public let document: ObjectReader
  public let weights: WeightReader
  /// What comes out of the layers that it takes from, without the batch: channels first.
  public let inputShapes: [[Int]]
  public let limits: GeneratorLimits

  /// To be asked before memory is taken for an output of that shape.
  /// - Throws: `DocumentError` when it is larger than allowed.
  func checkOutput(_ shape: [Int]) throws(DocumentError) {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= limits.outputCountMax else {
        throw document.unprocessable(
          "type", "its output of shape \(shape) exceeds \(limits.outputCountMax) numbers")
      }
      count = product
    }
  }

  /// To be asked before a convolution is accepted: padding and a large kernel together can ask for
  /// far more memory than input, weights and output have.
  /// - Throws: `DocumentError` when its patches are more than allowed.
  func checkPatches(_ geometry: ConvolutionGeometry) throws(DocumentError) {
    let (numbers, overflow) =
      geometry.patchCount.multipliedReportingOverflow(by: geometry.positionCount)
    guard !overflow, numbers <= limits.patchNumbersMax else {
      throw document.unprocessable(
        "type",
        "gathers patches of \(geometry.patchCount) numbers at \(geometry.positionCount) positions; "
          + "expected at most \(limits.patchNumbersMax) numbers in all")
    }
  }

  /// The first of them: the only one but for layers that take several.
  public var inputShape: [Int] { inputShapes[0] }
  public var inputCount: Int { inputShape.reduce(1, *) }
}

/// A layer whose document and tensors agree.
public struct BuiltLayer {
  public var outputShape: [Int]
  /// Numbers in the weight file that the layer uses.
  public var parameterCount: Int
  /// What it computes, made from the values of its tensors when it is asked for; `nil` when the
  /// layer only gives the same numbers another shape.
  public let operation: () -> Graph.Operation?

  public init(
    outputShape: [Int], parameterCount: Int,
    operation: @escaping @autoclosure () -> Graph.Operation?
  ) {
    self.outputShape = outputShape
    self.parameterCount = parameterCount
    self.operation = operation
  }

  /// A layer that takes one output.
  public init(
    outputShape: [Int], parameterCount: Int,
    stage: @escaping @autoclosure () -> (any DifferentiableMap)?
  ) {
    self.init(
      outputShape: outputShape, parameterCount: parameterCount,
      operation: stage().map(Graph.Operation.map))
  }

  /// A layer that applies a scalar function to every entry.
  static func elementwise(
    _ function: some ActivationFunction, _ context: LayerContext
  ) -> BuiltLayer {
    BuiltLayer(
      outputShape: context.inputShape, parameterCount: 0,
      stage: Elementwise(function, count: context.inputCount))
  }
}
