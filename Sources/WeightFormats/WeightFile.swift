import Documents
import Networks

/// What a weight file holds, whatever its format: named tensors, and whatever came with them.
public struct WeightFile: Sendable, Equatable {
  /// The name of the format it was read from, such as `safetensors`.
  public var format: String
  public var tensors: [String: Tensor]
  /// The architecture document, when the file carries one. It is JSON, but nothing more is known
  /// of it here.
  public var architecture: JSONValue?
  /// What else the file says of itself, without the architecture.
  public var metadata: [String: String]

  public init(
    format: String, tensors: [String: Tensor], architecture: JSONValue? = nil,
    metadata: [String: String] = [:]
  ) {
    self.format = format
    self.tensors = tensors
    self.architecture = architecture
    self.metadata = metadata
  }
}

/// What `preimage inspect` shows of a weight file. No tensor's values were read.
public struct WeightSummary: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var elementType: ElementType
    public var shape: [Int]
    /// Where the values stand in the file, in bytes from its start.
    public var byteRange: Range<Int>

    public init(name: String, elementType: ElementType, shape: [Int], byteRange: Range<Int>) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.byteRange = byteRange
    }
  }

  public var format: String
  /// In the order in which their values stand in the file.
  public var tensors: [Entry]
  public var architecture: JSONValue?
  public var metadata: [String: String]

  public init(
    format: String, tensors: [Entry], architecture: JSONValue?, metadata: [String: String]
  ) {
    self.format = format
    self.tensors = tensors
    self.architecture = architecture
    self.metadata = metadata
  }
}
