import SwiftProtobuf

/// The outermost message, apart from its graph, which is read piece by piece.
struct ModelProto: ONNXMessage {
  var irVersion: Int64 = 0
  var producerName = ""
  var producerVersion = ""
  var opsetImport: [OperatorSetIdProto] = []

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularInt64Field(value: &irVersion)
      case 2: try decoder.decodeSingularStringField(value: &producerName)
      case 3: try decoder.decodeSingularStringField(value: &producerVersion)
      case 8: try decoder.decodeRepeatedMessageField(value: &opsetImport)
      default: break
      }
    }
  }
}

/// Which version of a set of operators the graph is written in.
struct OperatorSetIdProto: ONNXMessage {
  /// Empty for ONNX's own operators.
  var domain = ""
  var version: Int64 = 0

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularStringField(value: &domain)
      case 2: try decoder.decodeSingularInt64Field(value: &version)
      default: break
      }
    }
  }
}

/// The name and the type of an input or output of the graph.
struct ValueInfoProto: ONNXMessage {
  var name = ""
  var type: TypeProto?

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularStringField(value: &name)
      case 2: try decoder.decodeSingularMessageField(value: &type)
      default: break
      }
    }
  }
}

/// A type; of its kinds only tensors are read.
struct TypeProto: ONNXMessage {
  var tensorType: TypeProtoTensor?

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularMessageField(value: &tensorType)
      default: break
      }
    }
  }
}

/// `TypeProto.Tensor`.
struct TypeProtoTensor: ONNXMessage {
  var elemType: Int32 = 0
  /// `nil` where not even the number of dimensions is known.
  var shape: TensorShapeProto?

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularInt32Field(value: &elemType)
      case 2: try decoder.decodeSingularMessageField(value: &shape)
      default: break
      }
    }
  }
}

struct TensorShapeProto: ONNXMessage {
  var dim: [TensorShapeDimension] = []

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeRepeatedMessageField(value: &dim)
      default: break
      }
    }
  }
}

/// `TensorShapeProto.Dimension`: a number, a name, or nothing at all.
struct TensorShapeDimension: ONNXMessage {
  var dimValue: Int64?
  var dimParam: String?

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularInt64Field(value: &dimValue)
      case 2: try decoder.decodeSingularStringField(value: &dimParam)
      default: break
      }
    }
  }
}
