import Foundation
import SwiftProtobuf

/// The graph, apart from its initializers, which are read one at a time.
struct GraphProto: ONNXMessage {
  var node: [NodeProto] = []
  var name = ""
  var input: [ValueInfoProto] = []
  var output: [ValueInfoProto] = []

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeRepeatedMessageField(value: &node)
      case 2: try decoder.decodeSingularStringField(value: &name)
      case 11: try decoder.decodeRepeatedMessageField(value: &input)
      case 12: try decoder.decodeRepeatedMessageField(value: &output)
      default: break
      }
    }
  }
}

/// One application of an operator.
struct NodeProto: ONNXMessage {
  /// Names of values; the empty name stands for an optional one that is absent.
  var input: [String] = []
  var output: [String] = []
  var name = ""
  var opType = ""
  var domain = ""
  var attribute: [AttributeProto] = []

  /// No operator has nearly as many inputs, outputs or attributes.
  static let listMax = 256

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeRepeatedStringField(value: &input)
      case 2: try decoder.decodeRepeatedStringField(value: &output)
      case 3: try decoder.decodeSingularStringField(value: &name)
      case 4: try decoder.decodeSingularStringField(value: &opType)
      case 5: try decoder.decodeRepeatedMessageField(value: &attribute)
      case 7: try decoder.decodeSingularStringField(value: &domain)
      default: break
      }
      // Each may cost far more memory than its two bytes in the file.
      guard max(input.count, output.count, attribute.count) <= Self.listMax else {
        throw WeightFormatError.limit(
          name: "inputs, outputs or attributes of a node",
          quantity: "the number of inputs, outputs or attributes of node \"\(shortened(name))\"",
          value: Self.listMax + 1, limit: Self.listMax)
      }
    }
  }
}

/// A parameter of a node.
struct AttributeProto: ONNXMessage {
  /// `AttributeProto.AttributeType`, as far as it is read.
  enum Kind: Int32 {
    case float = 1
    case int = 2
    case string = 3
    case tensor = 4
    case graph = 5
    case floats = 6
    case ints = 7
    case graphs = 10
  }

  var name = ""
  var type: Int32 = 0
  var f: Float?
  var i: Int64?
  var s: Data?
  var t: TensorProto?
  var floats: [Float] = []
  var ints: [Int64] = []
  /// The operator has a body of its own, as `If` and `Loop` have; it is not decoded.
  var holdsGraph = false

  var text: String { String(decoding: s ?? Data(), as: UTF8.self) }

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeSingularStringField(value: &name)
      case 2: try decoder.decodeSingularFloatField(value: &f)
      case 3: try decoder.decodeSingularInt64Field(value: &i)
      case 4: try decoder.decodeSingularBytesField(value: &s)
      case 5: try decoder.decodeSingularMessageField(value: &t)
      case 6, 11: holdsGraph = true
      case 7: try decoder.decodeRepeatedFloatField(value: &floats)
      case 8: try decoder.decodeRepeatedInt64Field(value: &ints)
      case 20: try decoder.decodeSingularInt32Field(value: &type)
      default: break
      }
    }
  }
}
