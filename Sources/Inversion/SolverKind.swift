import Documents

/// A type of solver that documents can name. Adding one is a file with the method and a line in
/// `SolverCatalogue`.
public struct SolverKind: Sendable {
  /// The value of `"type"`.
  public var type: String
  public var summary: String
  public var parameters: [any ParameterDescription]
  /// Published choices of options, by name.
  public var presets: [Preset]
  /// Reads the solver's options; `"type"` was read.
  public var build: @Sendable (ObjectReader) throws(DocumentError) -> any InversionSolver

  /// Options that a paper used; those that a document gives itself come before them.
  public struct Preset: Sendable {
    public var name: String
    public var options: JSONObject

    init(_ name: String, _ options: JSONObject) {
      self.name = name
      self.options = options
    }
  }

  init(
    type: String, summary: String, parameters: [any ParameterDescription],
    presets: [Preset] = [],
    build: @escaping @Sendable (ObjectReader) throws(DocumentError) -> any InversionSolver
  ) {
    self.type = type
    self.summary = summary
    self.presets = presets
    self.build = build
    guard !presets.isEmpty else {
      self.parameters = parameters
      return
    }
    let names = presets.map { JSONValue.string($0.name) }
    self.parameters =
      parameters + [
        StructuredParameter(
          Self.presetField,
          schema: [
            "type": ["string", "null"], "enum": .array(names + [.null]), "default": .null,
            "description": "options as published; those given beside it come first",
          ])
      ]
  }

  static let presetField = "preset"

  /// The document with the options of the preset that it names.
  ///
  /// - Throws: `DocumentError` when there is no such preset.
  package func filledIn(
    _ document: ObjectReader, _ value: JSONValue
  ) throws(DocumentError) -> JSONValue {
    guard !presets.isEmpty, let name = try document.string(Self.presetField) else { return value }
    guard let preset = presets.first(where: { $0.name == name }) else {
      let known = presets.map(\.name).joined(separator: ", ")
      throw document.malformed(
        Self.presetField, "is \"\(name.prefix(64))\"; expected one of \(known)")
    }
    guard var filled = value.object else { return value }
    for (field, option) in preset.options.members where filled[field] == nil {
      filled[field] = option
    }
    return .object(filled)
  }
}
