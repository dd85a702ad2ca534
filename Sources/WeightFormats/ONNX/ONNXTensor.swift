import Foundation
import Networks

/// A constant of the graph with its claims checked: an initializer, whose values stay in the file
/// where they can, or the tensor of an attribute.
struct ONNXTensor {
  enum Storage {
    /// In one piece in the file, little-endian.
    case file(Range<Int>)
    /// The same bytes in memory: of constants within the graph, and of lists of numbers.
    case memory([UInt8])
  }

  let name: String
  let elementType: ElementType
  let shape: [Int]
  let elementCount: Int
  let storage: Storage
  /// Where the tensor stands in the file; `nil` within an attribute.
  let message: Range<Int>?

  /// - Parameters:
  ///   - values: the field that has most of the bytes, which `proto` then lacks.
  ///   - message: where the tensor stands in the file.
  init(
    _ proto: TensorProto, values: ProtobufScanner.Field? = nil, message: Range<Int>? = nil,
    limits: WeightLimits
  ) throws(WeightFormatError) {
    let name = proto.name
    try limits.check(
      "the length in bytes of the tensor name \"\(shortened(name))\"", name.utf8.count,
      atMost: limits.nameBytesMax, named: "nameBytesMax")
    guard proto.dataLocation == 0 else {
      throw ONNX.unsupported(
        "the values of tensor \"\(name)\" are in another file; export the weights inside the model "
          + "(torch.onnx.export takes external_data=False)")
    }
    guard !proto.isSegment else {
      throw ONNX.unsupported("tensor \"\(name)\" is one segment of several")
    }
    guard let type = ElementType(onnx: proto.dataType) else {
      throw .elementType(
        tensor: name, found: "ONNX data type \(proto.dataType)",
        known: ElementType.allCases.map(\.rawValue))
    }
    var shape: [Int] = []
    for extent in proto.dims {
      guard let extent = ONNX.extent(extent) else {
        throw ONNX.malformed(
          "tensor \"\(name)\" has the dimension \(extent); expected 0 to \(Int32.max)")
      }
      shape.append(extent)
    }
    self.name = name
    self.message = message
    self.shape = shape
    elementType = type
    elementCount = try limits.elementCount(shape: shape, tensor: name)
    storage = try Self.storage(proto, type, values)
    let found: Int =
      switch storage {
      case .file(let range): range.count
      case .memory(let bytes): bytes.count
      }
    let (expected, overflow) = elementCount.multipliedReportingOverflow(by: type.width)
    guard !overflow, found == expected else {
      throw ONNX.malformed(
        "tensor \"\(name)\" has \(found) bytes of values; shape \(shape) of \(type.rawValue) needs "
          + (overflow ? "more than can be counted" : "\(expected)"))
    }
  }

  private static func storage(
    _ proto: TensorProto, _ type: ElementType, _ values: ProtobufScanner.Field?
  ) throws(WeightFormatError) -> Storage {
    guard !proto.hasTypedData || (values == nil && proto.rawData == nil) else {
      throw ONNX.malformed("tensor \"\(proto.name)\" has its values twice")
    }
    if let values {
      let expected: ElementType? =
        switch values.number {
        case TensorProto.Field.floatData: .float32
        case TensorProto.Field.doubleData: .float64
        default: nil
        }
      guard expected == nil || expected == type else {
        throw ONNX.malformed(
          "tensor \"\(proto.name)\" of \(type.rawValue) has its values as "
            + "\(expected?.rawValue ?? "")")
      }
      return .file(values.content)
    }
    if let raw = proto.rawData { return .memory([UInt8](raw)) }
    return .memory(try typedBytes(proto, type))
  }

  /// The numbers of a list as the bytes that `raw_data` would have.
  private static func typedBytes(
    _ proto: TensorProto, _ type: ElementType
  ) throws(WeightFormatError) -> [UInt8] {
    let name = proto.name
    return switch type {
    case .float32: try bytes(proto.floatData.map(\.bitPattern), as: UInt32.self, name)
    case .float64: try bytes(proto.doubleData.map(\.bitPattern), as: UInt64.self, name)
    case .int64: try bytes(proto.int64Data, as: Int64.self, name)
    case .uint64: try bytes(proto.uint64Data, as: UInt64.self, name)
    case .uint32: try bytes(proto.uint64Data, as: UInt32.self, name)
    case .int32: try bytes(proto.int32Data, as: Int32.self, name)
    case .int16: try bytes(proto.int32Data, as: Int16.self, name)
    case .int8: try bytes(proto.int32Data, as: Int8.self, name)
    case .float16, .bfloat16, .uint16: try bytes(proto.int32Data, as: UInt16.self, name)
    case .uint8, .bool: try bytes(proto.int32Data, as: UInt8.self, name)
    }
  }

  private static func bytes<Stored: FixedWidthInteger>(
    _ numbers: [some FixedWidthInteger], as type: Stored.Type, _ name: String
  ) throws(WeightFormatError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * MemoryLayout<Stored>.size)
    for number in numbers {
      guard let number = Stored(exactly: number) else {
        throw ONNX.malformed("tensor \"\(name)\" holds \(number), which its type cannot")
      }
      for shift in stride(from: 0, to: Stored.bitWidth, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    return bytes
  }

  /// What listings show of an initializer.
  var entry: WeightSummary.Entry {
    let range: Range<Int> = if case .file(let range) = storage { range } else { message ?? 0..<0 }
    return .init(name: name, elementType: elementType, shape: shape, byteRange: range)
  }

  /// The values as a generator takes them.
  func values(in source: any ByteSource) throws(WeightFormatError) -> [Float] {
    switch storage {
    case .file: return try entry.tensor(in: source).values
    case .memory(let bytes):
      let whole = WeightSummary.Entry(
        name: name, elementType: elementType, shape: shape, byteRange: 0..<bytes.count)
      return try whole.tensor(in: MemoryBytes(bytes)).values
    }
  }

  /// The values as exact integers; of other types `nil`.
  func integers(in source: any ByteSource) throws(WeightFormatError) -> [Int]? {
    let bytes: [UInt8] =
      switch storage {
      case .file(let range): try source.bytes(at: range.lowerBound, count: range.count)
      case .memory(let bytes): bytes
      }
    let isSigned: Bool
    switch elementType {
    case .int64, .int32, .int16, .int8: isSigned = true
    case .uint64, .uint32, .uint16, .uint8, .bool: isSigned = false
    default: return nil
    }
    let width = elementType.width
    return (0..<elementCount).map { index in
      var value: UInt64 = 0
      for byte in bytes[index * width..<(index + 1) * width].reversed() {
        value = value << 8 | UInt64(byte)
      }
      guard isSigned else { return Int(clamping: value) }
      let unused = 64 - 8 * width
      return Int(truncatingIfNeeded: Int64(bitPattern: value << UInt64(unused)) >> unused)
    }
  }
}
