import Networks
import SignalFormats

/// A single array as `numpy.save` writes it: a file with one tensor, which is named `weights`. Its
/// architecture has to be given beside it.
public struct NPY: WeightFormat {
  public init() {}

  public var name: String { Self.name }

  public var mediaTypes: [String] { ["application/x-npy"] }

  static let name = "npy"

  /// What the one tensor is called.
  public static let tensorName = "weights"

  public func recognises(head: [UInt8], byteCount: Int) -> Bool {
    head.starts(with: [0x93] + Array("NUMPY".utf8))
  }

  public func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary {
    let array = try Self.array(in: source, limits: limits)
    let entry = WeightSummary.Entry(
      name: Self.tensorName, elementType: array.elements.elementType, shape: array.elements.shape,
      byteRange: array.dataStart..<source.byteCount)
    return WeightSummary(format: name, tensors: [entry], architecture: nil, metadata: [:])
  }

  /// Beside the result it holds the file.
  public func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    let array = try Self.array(in: source, limits: limits)
    let tensor = try array.tensor(in: source)
    return WeightFile(format: name, tensors: [Self.tensorName: tensor])
  }

  private static func array(
    in source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> NPYArrayFile {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    return try NPYArrayFile(
      head: source.head(NPYArrayFile.headBytes), byteCount: source.byteCount, name: tensorName,
      format: name, limits: limits)
  }
}
