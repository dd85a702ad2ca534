import Documents
import Networks

/// Arrays by name as `numpy.savez` and `numpy.savez_compressed` write them: a ZIP archive of NPY
/// files.
///
/// The architecture may be an array named `architecture` that holds one text, as
/// `savez(path, architecture=json.dumps(document), ...)` makes it, or a member `architecture.json`.
/// All other members are arrays of numbers; arrays of objects are pickles and are refused.
public struct NPZ: WeightFormat {
  public init() {}

  public var name: String { Self.name }

  public var mediaTypes: [String] { ["application/x-npz"] }

  static let name = "npz"

  public func recognises(head: [UInt8], byteCount: Int) -> Bool {
    guard let first = ZipArchive.firstName(in: head) else { return false }
    return first.hasSuffix(Self.suffix) || first == Self.architectureMember
  }

  public func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary {
    let contents = try Contents(source, limits: limits)
    return WeightSummary(
      format: name,
      tensors: contents.members.map { member in
        .init(
          name: member.array.elements.name, elementType: member.array.elements.elementType,
          shape: member.array.elements.shape, byteRange: member.entry.range)
      }, architecture: contents.architecture, metadata: [:])
  }

  /// Beside the result it holds one member.
  public func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    let contents = try Contents(source, limits: limits)
    var tensors: [String: Tensor] = [:]
    for (entry, array) in contents.members {
      tensors[array.elements.name] = try array.tensor(in: contents.archive.source(of: entry))
    }
    return WeightFile(format: name, tensors: tensors, architecture: contents.architecture)
  }

  private static let suffix = ".npy"
  private static let architectureMember = "architecture.json"

  /// The archive with each member's header read.
  private struct Contents {
    let archive: ZipArchive
    private(set) var members: [(entry: ZipArchive.Entry, array: NPYArrayFile)] = []
    private(set) var architecture: JSONValue?

    init(_ source: any ByteSource, limits: WeightLimits) throws(WeightFormatError) {
      archive = try ZipArchive(source, format: NPZ.name, limits: limits)
      var elementCount = 0
      for entry in archive.entries {
        if entry.name == architectureMember || entry.name == "architecture" + suffix {
          try readArchitecture(entry, limits: limits)
          continue
        }
        guard entry.name.hasSuffix(suffix), entry.name != suffix else {
          throw .unsupported(
            format: NPZ.name,
            detail: "its member \"\(shortened(entry.name))\" is neither an array (NAME.npy) nor "
              + architectureMember)
        }
        try limits.check(
          "the number of tensors", members.count + 1, atMost: limits.tensorsMax,
          named: "tensorsMax")
        let array = try NPYArrayFile(
          head: archive.head(of: entry, count: NPYArrayFile.headBytes),
          byteCount: entry.byteCount, name: String(entry.name.dropLast(suffix.count)),
          format: NPZ.name, limits: limits)
        // One tensor is within the limit, and so is their sum so far.
        elementCount += array.elements.elementCount
        try limits.check(
          "the number of elements of all tensors", elementCount, atMost: limits.elementsMax,
          named: "elementsMax")
        members.append((entry, array))
      }
    }

    private mutating func readArchitecture(
      _ entry: ZipArchive.Entry, limits: WeightLimits
    ) throws(WeightFormatError) {
      guard architecture == nil else {
        throw .malformed(format: NPZ.name, detail: "it has two architectures")
      }
      try limits.check(
        "the size in bytes of the architecture", entry.byteCount, atMost: limits.headerBytesMax,
        named: "headerBytesMax")
      let bytes = try archive.bytes(of: entry)
      let text = entry.name == architectureMember ? bytes : try NPYText.utf8(of: bytes)
      do {
        architecture = try JSONParser().parse(text)
      } catch {
        throw .architecture(format: NPZ.name, detail: error.description)
      }
    }
  }
}
