import Documents
import Networks

/// What a weight file holds, whatever its format: named tensors, and whatever came with them.
public struct WeightFile: Sendable, Equatable {
  /// A set of named tensors: a state dictionary of a checkpoint, or all of another file.
  public struct State: Sendable, Equatable {
    /// Where in the file it is: the keys that lead to it, joined by ".".
    public var name: String
    public var tensors: [String: Tensor]

    public init(name: String, tensors: [String: Tensor]) {
      self.name = name
      self.tensors = tensors
    }
  }

  /// The name of a state that no keys lead to, since it is the file itself.
  public static let wholeName = "."

  /// The name of the format it was read from, such as `safetensors`.
  public var format: String
  /// Never empty. Only a checkpoint has more than one, or one of another name than ``wholeName``.
  public var states: [State]
  /// Whether there may be tensors that are no part of a generator: an encoder, a discriminator, what
  /// an optimizer remembers. Where there may not, a tensor that no layer names is a mistake in the
  /// architecture.
  public var mayHoldMore: Bool
  /// The architecture document, when the file carries one. It is JSON, but nothing more is known
  /// of it here.
  public var architecture: JSONValue?
  /// What else the file says of itself, without the architecture.
  public var metadata: [String: String]

  /// A file that is one generator.
  public init(
    format: String, tensors: [String: Tensor], architecture: JSONValue? = nil,
    metadata: [String: String] = [:]
  ) {
    self.init(
      format: format, states: [State(name: Self.wholeName, tensors: tensors)], mayHoldMore: false,
      architecture: architecture, metadata: metadata)
  }

  public init(
    format: String, states: [State], mayHoldMore: Bool, architecture: JSONValue? = nil,
    metadata: [String: String] = [:]
  ) {
    precondition(!states.isEmpty, "a weight file has tensors")
    self.format = format
    self.states = states
    self.mayHoldMore = mayHoldMore
    self.architecture = architecture
    self.metadata = metadata
  }

  /// The tensors of the first state; but for checkpoints, all of them.
  public var tensors: [String: Tensor] { states[0].tensors }
}

/// What is wanted of a file that may hold more than a generator.
public struct WeightRequest: Sendable, Equatable {
  /// The name of a state; `nil` for every one that has the tensors.
  public var state: String?
  /// The tensors that the architecture names; `nil` for all there are.
  public var tensorNames: Set<String>?

  public init(state: String? = nil, tensorNames: Set<String>? = nil) {
    self.state = state
    self.tensorNames = tensorNames
  }
}

/// What `preimage inspect` shows of a weight file. No tensor's values were read.
public struct WeightSummary: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var elementType: ElementType
    public var shape: [Int]
    /// Where the values stand in the file, in bytes from its start: in a compressed file where they
    /// are compressed, and in a checkpoint the whole storage, which several tensors may share.
    public var byteRange: Range<Int>

    public init(name: String, elementType: ElementType, shape: [Int], byteRange: Range<Int>) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.byteRange = byteRange
    }
  }

  public struct State: Sendable, Equatable {
    /// As in ``WeightFile/State``.
    public var name: String
    /// In the order in which their values stand in the file; in a checkpoint, in its own order.
    public var tensors: [Entry]

    public init(name: String, tensors: [Entry]) {
      self.name = name
      self.tensors = tensors
    }
  }

  public var format: String
  public var states: [State]
  public var architecture: JSONValue?
  public var metadata: [String: String]

  public init(
    format: String, tensors: [Entry], architecture: JSONValue?, metadata: [String: String]
  ) {
    self.init(
      format: format, states: [State(name: WeightFile.wholeName, tensors: tensors)],
      architecture: architecture, metadata: metadata)
  }

  public init(
    format: String, states: [State], architecture: JSONValue?, metadata: [String: String]
  ) {
    self.format = format
    self.states = states
    self.architecture = architecture
    self.metadata = metadata
  }

  /// Of all states.
  public var tensors: [Entry] { states.flatMap(\.tensors) }
}
