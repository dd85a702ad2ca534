import Foundation
import SwiftProtobuf

/// A constant tensor. Its values are in `rawData`, or in the list for its element type.
struct TensorProto: ONNXMessage {
  /// Numbers of the fields that can hold most of a file.
  enum Field {
    static let floatData = 4
    static let rawData = 9
    static let doubleData = 10
  }

  var dims: [Int64] = []
  var dataType: Int32 = 0
  var name = ""
  var rawData: Data?
  var floatData: [Float] = []
  var doubleData: [Double] = []
  /// Also of the narrower integers, of booleans, and the bits of 16-bit floats.
  var int32Data: [Int32] = []
  var int64Data: [Int64] = []
  /// Also of 32-bit unsigned integers.
  var uint64Data: [UInt64] = []
  /// 1 when the values are in another file.
  var dataLocation: Int32 = 0
  /// The tensor is one of several parts; they are not decoded.
  var isSegment = false

  mutating func decodeMessage<D: Decoder>(decoder: inout D) throws {
    while let fieldNumber = try decoder.nextFieldNumber() {
      switch fieldNumber {
      case 1: try decoder.decodeRepeatedInt64Field(value: &dims)
      case 2: try decoder.decodeSingularInt32Field(value: &dataType)
      case 3: isSegment = true
      case Field.floatData: try decoder.decodeRepeatedFloatField(value: &floatData)
      case 5: try decoder.decodeRepeatedInt32Field(value: &int32Data)
      case 7: try decoder.decodeRepeatedInt64Field(value: &int64Data)
      case 8: try decoder.decodeSingularStringField(value: &name)
      case Field.rawData: try decoder.decodeSingularBytesField(value: &rawData)
      case Field.doubleData: try decoder.decodeRepeatedDoubleField(value: &doubleData)
      case 11: try decoder.decodeRepeatedUInt64Field(value: &uint64Data)
      case 14: try decoder.decodeSingularInt32Field(value: &dataLocation)
      default: break
      }
    }
  }

  var hasTypedData: Bool {
    !floatData.isEmpty || !doubleData.isEmpty || !int32Data.isEmpty || !int64Data.isEmpty
      || !uint64Data.isEmpty
  }
}

extension ElementType {
  /// By the numbers of `TensorProto.DataType`; `nil` for strings, complex numbers, and floats and
  /// integers under 8 bits.
  init?(onnx dataType: Int32) {
    switch dataType {
    case 1: self = .float32
    case 2: self = .uint8
    case 3: self = .int8
    case 4: self = .uint16
    case 5: self = .int16
    case 6: self = .int32
    case 7: self = .int64
    case 9: self = .bool
    case 10: self = .float16
    case 11: self = .float64
    case 12: self = .uint32
    case 13: self = .uint64
    case 16: self = .bfloat16
    default: return nil
    }
  }

  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }
}
