/// An operator that nodes may apply.
protocol ONNXOperator: Sendable {
  /// As nodes name it.
  static var name: String { get }

  /// What its first output stands for; layers that it takes are appended to the network.
  /// - Throws: `WeightFormatError` naming the node.
  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue
}

/// The catalogue of operators: a new one is a type and a place here.
enum ONNXOperators {
  static let all: [any ONNXOperator.Type] = [
    GemmOperator.self, MatMulOperator.self, AddOperator.self, ConvOperator.self,
    ConvTransposeOperator.self, BatchNormalizationOperator.self, ReluOperator.self,
    LeakyReluOperator.self, SigmoidOperator.self, TanhOperator.self, ReshapeOperator.self,
    FlattenOperator.self, SqueezeOperator.self, UnsqueezeOperator.self, TransposeOperator.self,
    IdentityOperator.self, DropoutOperator.self, CastOperator.self, ConstantOperator.self,
    ShapeOperator.self, GatherOperator.self, ConcatOperator.self, SliceOperator.self,
    ConstantOfShapeOperator.self, SubOperator.self, MulOperator.self, DivOperator.self,
    ModOperator.self,
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func kind(_ name: String) -> (any ONNXOperator.Type)? {
    byName[name]
  }
}
