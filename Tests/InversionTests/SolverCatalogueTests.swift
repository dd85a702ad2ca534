import Documents
import Inversion
import LinearAlgebra
import Networks
import Testing

/// Laws over the whole catalogue of solvers: a kind that is added is tested unasked.
struct SolverCatalogueTests {
  static let types = SolverCatalogue.kinds.map(\.type)

  /// What has no default: an option of its own.
  private static let required: [String: JSONValue] = ["oracle": ["latent": [0.5, -0.25, 1]]]

  /// The shortest document of a type.
  private static func document(_ type: String) -> JSONObject {
    var document = required[type]?.object ?? [:]
    document["type"] = .string(type)
    return document
  }

  private func refusal(_ document: JSONValue) -> DocumentError? {
    do {
      _ = try SolverCatalogue.build(document)
      return nil
    } catch {
      return error
    }
  }

  private func kind(_ type: String) throws -> SolverKind {
    try #require(SolverCatalogue.kinds.first { $0.type == type })
  }

  /// Types that a document inside of the solver's may have.
  private static func typeChoices(_ schema: JSONObject) -> [JSONValue]? {
    schema["properties"]?.object?["type"]?.object?["enum"]?.elements
  }

  @Test func namesAreUniqueAndTheDefaultIsAmongThem() throws {
    #expect(Set(Self.types).count == Self.types.count)
    #expect(SolverCatalogue.kinds.allSatisfy { !$0.summary.isEmpty })
    #expect(refusal(SolverCatalogue.defaultDocument) == nil)
  }

  /// From nothing but its name, and from its defaults written out.
  @Test(arguments: types)
  func buildsFromItsDefaults(type: String) throws {
    var document = Self.document(type)
    #expect(refusal(.object(document)) == nil)
    for parameter in try kind(type).parameters where !parameter.isRequired {
      document[parameter.name] = try #require(parameter.schema.object?["default"])
    }
    #expect(refusal(.object(document)) == nil)
  }

  @Test(arguments: types)
  func asksForWhatHasNoDefault(type: String) throws {
    for parameter in try kind(type).parameters where parameter.isRequired {
      let error = refusal(["type": .string(type)])
      #expect(error?.kind == .malformed)
      #expect(error?.fields.map(\.pointer) == ["/solver/\(parameter.name)"])
    }
  }

  @Test(arguments: types)
  func schemasAreWellFormed(type: String) throws {
    let parameters = try kind(type).parameters
    #expect(Set(parameters.map(\.name)).count == parameters.count)
    for parameter in parameters {
      let schema = try #require(parameter.schema.object)
      #expect(schema["description"]?.string?.isEmpty == false, "\(type).\(parameter.name)")
      let types = schema["type"]?.elements?.compactMap(\.string) ?? []
      if types.contains("null") {
        #expect(schema["default"] == .null, "\(type).\(parameter.name)")
        #expect(types.count == 2)
        continue
      }
      switch schema["type"]?.string {
      case "integer", "number":
        let least = try #require(schema["minimum"]?.number)
        let most = try #require(schema["maximum"]?.number)
        let normal = try #require(schema["default"]?.number)
        #expect(least <= normal && normal <= most)
      case "string":
        let choices = try #require(schema["enum"]?.elements)
        #expect(choices.contains(try #require(schema["default"])))
      case "boolean": #expect(schema["default"] == .bool(false))
      case "array":
        let items = try #require(schema["items"]?.object)
        let known = items["enum"]?.elements ?? []
        let normal = schema["default"]?.elements ?? []
        #expect(normal.isEmpty == parameter.isRequired && normal.allSatisfy { known.contains($0) })
      case "object":
        let choices = try #require(Self.typeChoices(schema))
        #expect(choices.contains(try #require(schema["default"]?.object?["type"])))
        #expect(schema["required"] == ["type"])
      case let other: Issue.record("\(type).\(parameter.name) is of type \(other ?? "none")")
      }
    }
  }

  @Test(arguments: types)
  func acceptsItsRangeAndNothingBeyond(type: String) throws {
    for parameter in try kind(type).parameters {
      func error(_ value: JSONValue) -> DocumentError? {
        var document = Self.document(type)
        document[parameter.name] = value
        return refusal(.object(document))
      }
      func expectRefusal(_ value: JSONValue) {
        #expect(error(value)?.kind == .malformed, "\(type).\(parameter.name) = \(value)")
        #expect(error(value)?.fields.first?.pointer == "/solver/\(parameter.name)")
      }
      let schema = try #require(parameter.schema.object)
      if let choices = schema["enum"]?.elements {
        for choice in choices { #expect(error(choice) == nil) }
        expectRefusal("nowhere")
        expectRefusal(1)
        continue
      }
      if let choices = Self.typeChoices(schema) {
        for choice in choices { #expect(error(["type": choice]) == nil) }
        expectRefusal("adam")
        expectRefusal(1)
        continue
      }
      if schema["type"] == "boolean" {
        #expect(error(.bool(true)) == nil)
        expectRefusal("true")
        expectRefusal(1)
        continue
      }
      if schema["type"] == "array" {
        if let known = schema["items"]?.object?["enum"]?.elements {
          #expect(error(.array(known)) == nil)
        }
        expectRefusal("7")
        expectRefusal(["nowhere"])
        expectRefusal([])
        continue
      }
      let least = try #require(schema["minimum"]?.number)
      let most = try #require(schema["maximum"]?.number)
      let isInteger = schema["type"] == "integer"
      #expect(error(.number(least)) == nil && error(.number(most)) == nil)
      expectRefusal(.number(isInteger ? least - 1 : least - abs(least) * 1e-3 - 1e-15))
      expectRefusal(.number(isInteger ? most + 1 : most * 1.001))
      expectRefusal("7")
      expectRefusal([1])
      if isInteger { expectRefusal(.number(least + 0.5)) }
    }
  }

  @Test(arguments: types)
  func refusesWhatNobodyKnows(type: String) {
    var document = Self.document(type)
    document["frobnicate"] = 1
    let error = refusal(.object(document))
    #expect(error?.kind == .malformed)
    #expect(error?.fields.map(\.pointer) == ["/solver/frobnicate"])
  }

  @Test func refusesUnknownTypesByName() {
    for (document, pointer) in [
      (["type": "oracle of Delphi"], "/solver/type"), (["type": 1], "/solver/type"),
      ([:], "/solver/type"), ("adam", "/solver"),
    ] as [(JSONValue, String)] {
      #expect(refusal(document)?.kind == .malformed)
      #expect(refusal(document)?.fields.first?.pointer == pointer)
    }
    let text = refusal(["type": "oracle of Delphi"])?.description ?? ""
    for type in Self.types { #expect(text.contains(type)) }
  }

  @Test(arguments: types)
  func invertsASmallProblem(type: String) throws {
    let generator = try SmallGenerators.perceptron(
      [3, 20, 40], ["type": "leaky_relu", "negative_slope": 0.3], seed: 930)
    for seed in 931..<935 as Range<UInt64> {
      let planted = PlantedProblem(generator, seed: seed)
      var document = Self.document(type)
      if type == "oracle" { document["latent"] = JSONValue(planted.latent) }
      let solution = try planted.problem.solved(by: .object(document), seed: seed)
      #expect(planted.relativeError(of: solution) < 1e-2, "seed \(seed)")
      #expect(solution.forwardEquivalents > 0 && solution.iterations > 0)
      #expect(Self.types.contains(solution.solver))
    }
  }
}
