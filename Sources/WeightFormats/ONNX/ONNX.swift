import Documents
import Networks

/// The ONNX format as `torch.onnx.export` writes it: a protobuf message with the graph of operators
/// and its weights [onnx/onnx, docs/IR.md and docs/Operators.md].
///
/// Graphs are read that have one input and one output, and are made of the operators that
/// architecture documents have layers for. They become such a document, so that nothing behind this
/// file knows of ONNX.
public struct ONNX: WeightFormat {
  public init() {}

  public var name: String { Self.name }

  public var mediaTypes: [String] { ["application/x-onnx"] }

  static let name = "onnx"

  /// A model starts with its `ir_version`, followed by a field that models have; the texts among the
  /// first fields hold no control characters.
  public func recognises(head: [UInt8], byteCount: Int) -> Bool {
    // Field 1, a varint; versions have been 1 to 13 so far.
    guard head.count >= 4, head[0] == 0x08, (1...32).contains(head[1]) else { return false }
    var place = 2
    while place < head.count {
      switch head[place] {
      // The producer's name and version, the domain, a description: texts.
      case 0x12, 0x1A, 0x22, 0x32:
        guard place + 1 < head.count else { return true }
        let length = Int(head[place + 1])
        // Such a long text has a length of several bytes, and fills the head.
        guard length < 0x80 else { return head[(place + 2)...].contains { $0 >= 0x20 } }
        let end = place + 2 + length
        let text = head[place + 2..<min(end, head.count)]
        guard text.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else { return false }
        place = end
      // The graph, operator sets, or a model version, which exporters write as 0.
      case 0x3A, 0x42: return true
      case 0x28: return place + 1 < head.count
      default: return false
      }
    }
    return true
  }

  /// The initializers as the file has them, and the architecture that was found in the graph.
  public func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary {
    let file = try ONNXFile.read(source, limits: limits)
    let architecture = try ONNXArchitecture(of: file, source: source, limits: limits)
    return WeightSummary(
      format: name,
      tensors: file.initializers.map(\.entry).sorted {
        $0.byteRange.lowerBound < $1.byteRange.lowerBound
      },
      architecture: architecture.document, metadata: Self.metadata(file))
  }

  /// The weights in the layouts that layers have, and the architecture. Beside them it holds the
  /// graph, one piece of a tensor, and a second copy of one tensor that has to be transposed.
  public func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    let file = try ONNXFile.read(source, limits: limits)
    let architecture = try ONNXArchitecture(of: file, source: source, limits: limits)
    var tensors: [String: Tensor] = [:]
    for (name, constant) in architecture.weights {
      tensors[name] = try constant.tensor(in: source)
    }
    return WeightFile(
      format: name, tensors: tensors, architecture: architecture.document,
      metadata: Self.metadata(file))
  }

  private static func metadata(_ file: ONNXFile) -> [String: String] {
    var metadata = ["opset": String(file.opset)]
    let producer = [file.model.producerName, file.model.producerVersion].filter { !$0.isEmpty }
    if !producer.isEmpty { metadata["producer"] = producer.joined(separator: " ") }
    if !file.graph.name.isEmpty { metadata["graph"] = file.graph.name }
    return metadata
  }
}

// What the files of this folder share.
extension ONNX {
  static func malformed(_ detail: String) -> WeightFormatError {
    .malformed(format: name, detail: detail)
  }

  static func unsupported(_ detail: String) -> WeightFormatError {
    .unsupported(format: name, detail: detail)
  }

  /// Whether operators of this domain are those of the ONNX specification.
  static func isOwnDomain(_ domain: String) -> Bool {
    domain.isEmpty || domain == "ai.onnx"
  }

  /// A dimension as it is counted here; `nil` when it is negative or absurd.
  static func extent(_ dimension: Int64) -> Int? {
    (0...Int64(Int32.max)).contains(dimension) ? Int(dimension) : nil
  }
}
