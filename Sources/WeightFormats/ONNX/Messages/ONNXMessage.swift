import SwiftProtobuf

/// One of the messages of ONNX that are read here: field numbers and types from `onnx.proto`, only
/// the fields that matter. What SwiftProtobuf asks of a message beside decoding is answered once
/// here: these messages are never written, and keep no unknown fields.
protocol ONNXMessage: Message, Equatable {}

extension ONNXMessage {
  static var protoMessageName: String { "onnx.\(Self.self)" }

  var unknownFields: UnknownStorage {
    get { UnknownStorage() }
    set {}
  }

  func traverse<V: Visitor>(visitor: inout V) throws {}

  func isEqualTo(message: any Message) -> Bool {
    (message as? Self) == self
  }

  /// - Throws: `WeightFormatError.malformed`, or `.limit` where the message has too much of
  ///   something.
  init(decoding bytes: [UInt8]) throws(WeightFormatError) {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    // Graph, node, attribute, tensor; graph, value, type, tensor type, shape, dimension.
    options.messageDepthLimit = 8
    do {
      try self.init(serializedBytes: bytes, options: options)
    } catch let error as WeightFormatError {
      throw error
    } catch {
      throw ONNX.malformed("\(Self.self): \(error)")
    }
  }
}
