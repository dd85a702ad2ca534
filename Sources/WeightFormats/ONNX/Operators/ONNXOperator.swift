/// An operator that nodes may apply.
protocol ONNXOperatorKind: Sendable {
  /// As nodes name it.
  static var name: String { get }

  /// What its outputs stand for, the first ones at least; layers that it takes are appended to the
  /// network.
  /// - Throws: `WeightFormatError` naming the node.
  static func outputs(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> [ONNXValue]
}

/// An operator of which only the first output matters.
protocol ONNXOperator: ONNXOperatorKind {
  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue
}

extension ONNXOperator {
  static func outputs(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> [ONNXValue] {
    [try translate(node, &network)]
  }
}

/// The catalogue of operators: a new one is a type and a place here.
enum ONNXOperators {
  static let all: [any ONNXOperatorKind.Type] = [
    GemmOperator.self, MatMulOperator.self, ConvOperator.self, ConvTransposeOperator.self,
    BatchNormalizationOperator.self,
    AddOperator.self, SubOperator.self, MulOperator.self, DivOperator.self, NegOperator.self,
    SumOperator.self,
    ReluOperator.self, LeakyReluOperator.self, PReluOperator.self, EluOperator.self,
    SeluOperator.self, CeluOperator.self, SoftplusOperator.self, SigmoidOperator.self,
    TanhOperator.self, GeluOperator.self, HardSigmoidOperator.self, ClipOperator.self,
    MaxOperator.self, MinOperator.self,
    ErfOperator.self, ExpOperator.self, LogOperator.self, PowOperator.self,
    ReciprocalOperator.self, GreaterOperator.self, LessOperator.self, WhereOperator.self,
    ReshapeOperator.self, FlattenOperator.self, SqueezeOperator.self, UnsqueezeOperator.self,
    TransposeOperator.self, DepthToSpaceOperator.self, SpaceToDepthOperator.self,
    ConcatOperator.self, SliceOperator.self, SplitOperator.self, GatherOperator.self,
    GatherNDOperator.self,
    PadOperator.self, ResizeOperator.self, UpsampleOperator.self, ExpandOperator.self,
    TileOperator.self,
    IdentityOperator.self, DropoutOperator.self, CastOperator.self, ConstantOperator.self,
    ShapeOperator.self, ConstantOfShapeOperator.self, ModOperator.self, EqualOperator.self,
    FloorOperator.self, CeilOperator.self, RangeOperator.self, ReduceProdOperator.self,
  ]

  /// For messages.
  static let names = all.map { $0.name }.joined(separator: ", ")

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func kind(_ name: String) -> (any ONNXOperatorKind.Type)? {
    byName[name]
  }
}
