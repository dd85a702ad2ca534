/// The pieces of an ONNX file: what the model says of itself, the graph, and its initializers, whose
/// values stay in the file.
struct ONNXFile {
  var model: ModelProto
  var graph: GraphProto
  /// In the order of the file; names are unique.
  var initializers: [ONNXTensor]
  /// Of ONNX's own operators.
  var opset: Int

  static let opsets = 9...21

  static func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> ONNXFile {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    var reader = ONNXFileReader(source, limits: limits)
    try reader.readModel()
    let model = try ModelProto(decoding: reader.modelBytes)
    let graph = try GraphProto(decoding: reader.graphBytes)
    return ONNXFile(
      model: model, graph: graph, initializers: reader.initializers, opset: try opset(of: model))
  }

  private static func opset(of model: ModelProto) throws(WeightFormatError) -> Int {
    let versions = model.opsetImport.filter { ONNX.isOwnDomain($0.domain) }.map(\.version)
    guard let version = versions.first, versions.count == 1 else {
      throw ONNX.malformed(
        "the model names \(versions.count) versions of ONNX's operator set; expected one")
    }
    guard let opset = Int(exactly: version), opsets.contains(opset) else {
      throw ONNX.unsupported(
        "it is written in opset \(version); supported are opsets \(opsets.lowerBound) to "
          + "\(opsets.upperBound) (torch.onnx.export takes opset_version)")
    }
    return opset
  }
}

/// Walks the three outer levels of a file (model, graph, initializers) and keeps what is small.
struct ONNXFileReader {
  private(set) var modelBytes: [UInt8] = []
  private(set) var graphBytes: [UInt8] = []
  private(set) var initializers: [ONNXTensor] = []

  private let limits: WeightLimits
  private let byteCount: Int
  private var scanner: ProtobufScanner
  private var headerBytes = 0
  private var nodeCount = 0
  private var elementCount = 0
  private var names: Set<String> = []

  init(_ source: any ByteSource, limits: WeightLimits) {
    self.limits = limits
    byteCount = source.byteCount
    scanner = ProtobufScanner(source)
  }

  mutating func readModel() throws(WeightFormatError) {
    var graph: Range<Int>?
    var position = 0
    while position < byteCount {
      let field = try scanner.field(at: position, end: byteCount)
      position = field.range.upperBound
      switch field.number {
      case 1, 2, 3, 8: modelBytes += try header(field)
      case 7:
        try Self.expect(.bytes, field, "the graph")
        guard graph == nil else { throw ONNX.malformed("it has two graphs") }
        graph = field.content
      default: break
      }
    }
    guard let graph else { throw ONNX.malformed("it has no graph; was the upload cut off?") }
    try readGraph(graph)
  }

  private mutating func readGraph(_ graph: Range<Int>) throws(WeightFormatError) {
    var position = graph.lowerBound
    while position < graph.upperBound {
      let field = try scanner.field(at: position, end: graph.upperBound)
      position = field.range.upperBound
      switch field.number {
      case 1:
        try Self.expect(.bytes, field, "a node")
        nodeCount += 1
        try limits.check(
          "the number of nodes", nodeCount, atMost: limits.nodesMax, named: "nodesMax")
        graphBytes += try header(field)
      case 2, 11, 12: graphBytes += try header(field)
      case 5:
        try Self.expect(.bytes, field, "an initializer")
        try limits.check(
          "the number of tensors", initializers.count + 1, atMost: limits.tensorsMax,
          named: "tensorsMax")
        try readInitializer(field.content)
      case 15: throw ONNX.unsupported("it has sparse initializers; export dense ones")
      default: break
      }
    }
  }

  private mutating func readInitializer(_ message: Range<Int>) throws(WeightFormatError) {
    typealias Number = TensorProto.Field
    var bytes: [UInt8] = []
    var values: ProtobufScanner.Field?
    var position = message.lowerBound
    while position < message.upperBound {
      let field = try scanner.field(at: position, end: message.upperBound)
      position = field.range.upperBound
      switch (field.number, field.wire) {
      case (Number.rawData, .bytes), (Number.floatData, .bytes), (Number.doubleData, .bytes):
        guard values == nil else {
          throw ONNX.malformed("an initializer has its values in several pieces")
        }
        values = field
      case (1, _), (2, _), (3, _), (4, _), (5, _), (7...11, _), (14, _):
        bytes += try header(field)
      default: break
      }
    }
    let tensor = try ONNXTensor(
      TensorProto(decoding: bytes), values: values, message: message, limits: limits)
    guard !tensor.name.isEmpty else { throw ONNX.malformed("an initializer has no name") }
    guard names.insert(tensor.name).inserted else {
      throw ONNX.malformed("two initializers are named \"\(shortened(tensor.name))\"")
    }
    // One tensor is within the limit, and so is their sum so far.
    elementCount += tensor.elementCount
    try limits.check(
      "the number of elements of all tensors", elementCount, atMost: limits.elementsMax,
      named: "elementsMax")
    initializers.append(tensor)
  }

  /// The bytes of a field that is kept in memory.
  private mutating func header(
    _ field: ProtobufScanner.Field
  ) throws(WeightFormatError) -> [UInt8] {
    headerBytes += field.range.count
    try limits.check(
      "the size in bytes of the graph without its tensors' values", headerBytes,
      atMost: limits.headerBytesMax, named: "headerBytesMax")
    return try scanner.bytes(field.range)
  }

  private static func expect(
    _ wire: ProtobufScanner.Field.Wire, _ field: ProtobufScanner.Field, _ what: String
  ) throws(WeightFormatError) {
    guard field.wire == wire else {
      throw ONNX.malformed("\(what) at byte \(field.range.lowerBound) is no message")
    }
  }
}
