import Documents
import Networks

/// The safetensors format: eight bytes with the header's length, a JSON header that gives each
/// tensor an element type, a shape and a range of bytes, then the values
/// [huggingface/safetensors, README "Format"].
///
/// Stricter than its own library in what a generator cannot use: NaN, infinities, and integers that
/// a `Float` does not hold are refused, naming the tensor and the index.
public struct Safetensors: WeightFormat {
  public init() {}

  public var name: String { Self.name }

  public var mediaTypes: [String] { ["application/x-safetensors"] }

  static let name = "safetensors"

  /// A header's length that is at all plausible (under 2^48), and a header that opens as an object.
  /// Whether the length fits the file is left to reading, where the message can say so.
  public func recognises(head: [UInt8], byteCount: Int) -> Bool {
    head.count >= 9 && head[6] == 0 && head[7] == 0 && head[8] == UInt8(ascii: "{")
  }

  public func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary {
    let header = try SafetensorsHeader.read(source, limits: limits)
    return WeightSummary(
      format: name, tensors: header.entries, architecture: header.architecture,
      metadata: header.metadata)
  }

  /// Beside the result it holds at most one piece of `WeightSummary.Entry.pieceBytes`.
  public func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    try file(source, limits) { entry throws(WeightFormatError) in try entry.tensor(in: source) }
  }

  public func outline(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    try file(source, limits) { entry throws(WeightFormatError) in try entry.outline(in: source) }
  }

  private func file(
    _ source: any ByteSource, _ limits: WeightLimits,
    tensor: (WeightSummary.Entry) throws(WeightFormatError) -> Tensor
  ) throws(WeightFormatError) -> WeightFile {
    let header = try SafetensorsHeader.read(source, limits: limits)
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(header.entries.count)
    for entry in header.entries { tensors[entry.name] = try tensor(entry) }
    return WeightFile(
      format: name, tensors: tensors, architecture: header.architecture,
      metadata: header.metadata)
  }
}

// Writing.
extension Safetensors {
  /// A safetensors file of `F32` values, the tensors in the order of their names, each aligned to 8
  /// bytes or better. The same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - tensors: by name; no tensor may be named `__metadata__`.
  ///   - architecture: kept as JSON text in the metadata, under `architecture`.
  ///   - metadata: must not have the key `architecture` beside an `architecture`.
  public static func write(
    tensors: [String: Tensor], architecture: JSONValue? = nil, metadata: [String: String] = [:]
  ) -> [UInt8] {
    precondition(tensors["__metadata__"] == nil, "__metadata__ is no tensor's name")
    precondition(architecture == nil || metadata["architecture"] == nil)
    var texts = metadata.sorted { $0.key < $1.key }
    if let architecture {
      let text = String(decoding: JSONWriter.bytes(of: architecture), as: UTF8.self)
      texts.append((key: "architecture", value: text))
    }
    let ordered = tensors.sorted { $0.key < $1.key }
    var bytes = head(
      ordered.map { (name: $0.key, type: .float32, shape: $0.value.shape) }, metadata: texts)
    bytes.reserveCapacity(bytes.count + ordered.reduce(0) { $0 + 4 * $1.value.values.count })
    for (_, tensor) in ordered {
      #if _endian(little)
        tensor.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      #else
        for value in tensor.values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
      #endif
    }
    return bytes
  }

  /// What stands before the tensors' values, which follow one another in this order, row-major and
  /// little-endian.
  package static func head(
    _ tensors: [(name: String, type: ElementType, shape: [Int])],
    metadata: [(key: String, value: String)] = []
  ) -> [UInt8] {
    var members: [(String, JSONValue)] = []
    if !metadata.isEmpty {
      members.append(("__metadata__", object(metadata.map { ($0.key, .string($0.value)) })))
    }
    var offset = 0
    for (name, type, shape) in tensors {
      let end = offset + shape.reduce(1, *) * type.width
      members.append(
        (
          name,
          [
            "dtype": .string(type.rawValue), "shape": JSONValue(shape),
            "data_offsets": JSONValue([offset, end]),
          ]
        ))
      offset = end
    }
    var text = JSONWriter.bytes(of: object(members))
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    var object = JSONObject()
    for (key, value) in members { object[key] = value }
    return .object(object)
  }
}
