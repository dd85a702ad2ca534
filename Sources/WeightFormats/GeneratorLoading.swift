import Documents
import Networks

/// A generator out of a weight file.
public struct LoadedGenerator: Sendable {
  public var generator: Generator
  /// The architecture that it was built from; of a checkpoint with the field `state`, which says
  /// what the tensors were taken from. Loading with it gives the same generator again.
  public var architecture: JSONValue
  /// The name of the file's format.
  public var format: String
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
    let format = try format(of: source, limits: limits)
    let request = WeightRequest(
      state: try state ?? architecture.flatMap(stateName),
      tensorNames: architecture.map(Generator.tensorNames))
    var file = try format.read(source, request: request, limits: limits)
    guard let architecture = architecture ?? file.architecture else {
      throw WeightFormatError.architectureMissing(format: file.format)
    }
    if !file.mayHoldMore {
      guard request.state == nil || request.state == WeightFile.wholeName else {
        throw WeightFormatError.stateMissing(
          detail: "a \(file.format) file is one set of tensors: leave the state out",
          known: [WeightFile.wholeName])
      }
      return try file.takeGenerator(architecture, state: 0, limits: generatorLimits)
    }
    return try file.takeFittingGenerator(architecture, limits: generatorLimits)
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
  /// The generator of one state, whose tensors the file then no longer has.
  fileprivate mutating func takeGenerator(
    _ architecture: JSONValue, state: Int, limits: GeneratorLimits
  ) throws(DocumentError) -> LoadedGenerator {
    var tensors: [String: Tensor] = [:]
    swap(&tensors, &states[state].tensors)
    return LoadedGenerator(
      generator: try Generator(
        architecture: architecture, tensors: consume tensors, limits: limits),
      architecture: architecture, format: format)
  }

  /// The generator of the only state that fits.
  fileprivate mutating func takeFittingGenerator(
    _ architecture: JSONValue, limits: GeneratorLimits
  ) throws -> LoadedGenerator {
    var fitting: [(state: String, loaded: LoadedGenerator)] = []
    var refusal: DocumentError?
    for place in states.indices {
      do {
        fitting.append(
          (states[place].name, try takeGenerator(architecture, state: place, limits: limits)))
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
