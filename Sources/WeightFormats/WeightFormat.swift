/// A file format for weights: recognised by its first bytes, read without executing anything, with
/// every length, count and nesting in it bounded before memory is taken for it.
public protocol WeightFormat: Sendable {
  /// The name that messages, listings and the stored generator give it, such as `safetensors`.
  var name: String { get }

  /// Media types that such a file is sent as, the preferred one first. The content decides all the
  /// same.
  var mediaTypes: [String] { get }

  /// Whether a file with these first bytes is of this format, valid or not.
  /// - Parameters:
  ///   - head: the first bytes, ``WeightFormats/headBytes`` of them or the whole file.
  ///   - byteCount: the size of the file.
  func recognises(head: [UInt8], byteCount: Int) -> Bool

  /// What is in the file. Reads no tensor's values, but makes every other check of ``read(_:limits:)``.
  func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary

  /// The whole file. Every value of the result is finite.
  func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile

  /// The states of the file that satisfy the request, of each only the tensors that it names.
  /// Formats without states give the whole file.
  /// - Throws: `WeightFormatError.stateMissing` when there is none.
  func read(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile

  /// The same, every value checked, with outlines in the place of large tensors where the format
  /// allows to read them piece by piece.
  func outline(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile
}

extension WeightFormat {
  public func read(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    try read(source, limits: limits)
  }

  public func outline(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    try read(source, request: request, limits: limits)
  }
}

/// The catalogue of weight formats.
public enum WeightFormats {
  /// A new format is one file and one line here.
  public static let all: [any WeightFormat] = [
    Safetensors(),
    ONNX(),
    NPZ(),
    NPY(),
    PyTorchCheckpoint(),
  ]

  /// How many first bytes recognition sees: enough for the name of an archive's first entry.
  public static let headBytes = 1024

  /// The format of a file by its content.
  /// - Throws: `WeightFormatError.unrecognised`, `.limit` when the file is over `bytesMax`, or
  ///   `.unreadable`.
  public static func format(
    of source: any ByteSource, limits: WeightLimits = WeightLimits()
  ) throws(WeightFormatError) -> any WeightFormat {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    let head = try source.head(headBytes)
    guard let format = all.first(where: { $0.recognises(head: head, byteCount: source.byteCount) })
    else {
      throw .unrecognised(firstBytes: Array(head.prefix(16)), known: all.map(\.name))
    }
    return format
  }

  /// Recognises the format and reads the whole file.
  public static func read(
    _ source: any ByteSource, limits: WeightLimits = WeightLimits()
  ) throws(WeightFormatError) -> WeightFile {
    try format(of: source, limits: limits).read(source, limits: limits)
  }

  /// Recognises the format and says what is in the file, without its tensors' values.
  public static func summary(
    of source: any ByteSource, limits: WeightLimits = WeightLimits()
  ) throws(WeightFormatError) -> WeightSummary {
    try format(of: source, limits: limits).summary(of: source, limits: limits)
  }
}
