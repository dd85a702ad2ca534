import Documents
import Networks

/// A generator out of a weight file, or its outline.
public struct Loaded<Content: Sendable>: Sendable {
  public var content: Content
  /// The architecture that it was built from; of a checkpoint with the field `state`, which says
  /// what the tensors were taken from. Loading with it gives the same generator again.
  public var architecture: JSONValue
  /// The name of the file's format.
  public var format: String
}

public typealias LoadedGenerator = Loaded<Generator>

extension Loaded<Generator> {
  public var generator: Generator { content }
}

extension WeightFormats {
  /// Reads a weight file and builds the generator that is in it.
  ///
  /// A file that is one generator must have no tensor that the architecture does not name. Of one
  /// that may hold more, the state dictionary is taken that fits the architecture, if only one does.
  ///
  /// - Parameters:
  ///   - architecture: wins over the one in the file.
  ///   - state: the name of the state dictionary; wins over the architecture's `state`.
  /// - Throws: `WeightFormatError` about the file, `DocumentError` about the architecture.
  public static func generator(
    in source: any ByteSource, architecture: JSONValue? = nil, state: String? = nil,
    limits: WeightLimits = WeightLimits(), generatorLimits: GeneratorLimits = GeneratorLimits()
  ) throws -> LoadedGenerator {
    try load(
      source, architecture, state, limits
    ) { (format, request) throws(WeightFormatError) in
      try format.read(source, request: request, limits: limits)
    } build: { (architecture, tensors) throws(DocumentError) in
      try Generator(architecture: architecture, tensors: tensors, limits: generatorLimits)
    }
  }

  /// Finds out what generator is in a weight file, with every check of ``generator(in:)``. Of a
  /// safetensors file it holds no large tensor.
  public static func outline(
    in source: any ByteSource, architecture: JSONValue? = nil, state: String? = nil,
    limits: WeightLimits = WeightLimits(), generatorLimits: GeneratorLimits = GeneratorLimits()
  ) throws -> Loaded<GeneratorOutline> {
    try load(
      source, architecture, state, limits
    ) { (format, request) throws(WeightFormatError) in
      try format.outline(source, request: request, limits: limits)
    } build: { (architecture, tensors) throws(DocumentError) in
      try GeneratorOutline(architecture: architecture, tensors: tensors, limits: generatorLimits)
    }
  }

  private static func load<Content>(
    _ source: any ByteSource, _ architecture: JSONValue?, _ state: String?, _ limits: WeightLimits,
    read: (any WeightFormat, WeightRequest) throws(WeightFormatError) -> WeightFile,
    build: WeightFile.Build<Content>
  ) throws -> Loaded<Content> {
    let format = try format(of: source, limits: limits)
    let request = WeightRequest(
      state: try state ?? architecture.flatMap(stateName),
      tensorNames: architecture.map(Generator.tensorNames))
    var file = try read(format, request)
    guard let architecture = architecture ?? file.architecture else {
      throw WeightFormatError.architectureMissing(format: file.format)
    }
    if !file.mayHoldMore {
      guard request.state == nil || request.state == WeightFile.wholeName else {
        throw WeightFormatError.stateMissing(
          detail: "a \(file.format) file is one set of tensors: leave the state out",
          known: [WeightFile.wholeName])
      }
      return try file.take(architecture, state: 0, build: build)
    }
    return try file.takeFitting(architecture, build: build)
  }

  /// The tensors that a generator was built from, under the names that its architecture has for
  /// them.
  ///
  /// - Parameter architecture: as a `LoadedGenerator` of the same file has it.
  /// - Throws: `WeightFormatError`, `DocumentError`.
  public static func tensors(
    in source: any ByteSource, of architecture: JSONValue, limits: WeightLimits = WeightLimits()
  ) throws -> [String: Tensor] {
    let names = Generator.tensorNames(in: architecture)
    let request = WeightRequest(state: try stateName(architecture), tensorNames: names)
    let file = try format(of: source, limits: limits).read(source, request: request, limits: limits)
    return file.states[0].tensors.filter { names.contains($0.key) }
  }

  private static func stateName(_ architecture: JSONValue) throws -> String? {
    guard architecture.object != nil else { return nil }
    return try ObjectReader(architecture).string("state")
  }
}

extension WeightFile {
  fileprivate typealias Build<Content> = (JSONValue, consuming [String: Tensor])
    throws(DocumentError) -> Content

  /// What is made of one state, whose tensors the file then no longer has.
  fileprivate mutating func take<Content>(
    _ architecture: JSONValue, state: Int, build: Build<Content>
  ) throws(DocumentError) -> Loaded<Content> {
    var tensors: [String: Tensor] = [:]
    swap(&tensors, &states[state].tensors)
    return Loaded(
      content: try build(architecture, consume tensors), architecture: architecture, format: format)
  }

  /// What is made of the only state that fits.
  fileprivate mutating func takeFitting<Content>(
    _ architecture: JSONValue, build: Build<Content>
  ) throws -> Loaded<Content> {
    var fitting: [(state: String, loaded: Loaded<Content>)] = []
    var refusal: DocumentError?
    for place in states.indices {
      do {
        fitting.append((states[place].name, try take(architecture, state: place, build: build)))
      } catch {
        // What is wrong with the document itself is so for every state.
        refusal = refusal ?? error
        if error.kind == .malformed { throw error }
      }
    }
    if fitting.isEmpty, let refusal { throw refusal }
    guard fitting.count == 1, var loaded = fitting.first?.loaded else {
      throw WeightFormatError.stateAmbiguous(fitting: fitting.map(\.state))
    }
    if var document = architecture.object {
      document["state"] = .string(fitting[0].state)
      loaded.architecture = .object(document)
    }
    return loaded
  }
}
