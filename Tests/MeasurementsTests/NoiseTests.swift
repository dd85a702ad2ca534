import Documents
import Measurements
import Testing

struct NoiseTests {
  @Test func readsWhatItSays() throws {
    #expect(try Noise(nil) == .none)
    #expect(try Noise(.null) == .none)
    #expect(try Noise(["type": "none"]) == .none)
    #expect(try Noise(["type": "gaussian", "sigma": 0.1]) == .gaussian(sigma: 0.1))
    #expect(try Noise(["type": "gaussian", "sigma": 1e30]) == .gaussian(sigma: 1e30))
    #expect(try Noise(["type": "gaussian", "sigma": 1e-30]) == .gaussian(sigma: 1e-30))
    #expect(try Noise(["type": "gaussian", "sigma": nil]) == .gaussian(sigma: nil))
    #expect(try Noise(["type": "gaussian"]) == .gaussian(sigma: nil))
  }

  @Test(arguments: [Noise.none, .gaussian(sigma: nil), .gaussian(sigma: 0.25)])
  func isReadBackFromItsDocument(noise: Noise) throws {
    #expect(try Noise(noise.document) == noise)
    #expect(Noise.types.contains(noise.document.object?["type"]?.string ?? ""))
  }

  @Test func knowsItsDeviation() {
    #expect(Noise.none.sigma == nil)
    #expect(Noise.gaussian(sigma: nil).sigma == nil)
    #expect(Noise.gaussian(sigma: 2).sigma == 2)
  }

  @Test(
    arguments: [
      (["type": "gaussian", "sigma": 0], "/noise/sigma"),
      (["type": "gaussian", "sigma": -0.1], "/noise/sigma"),
      (["type": "gaussian", "sigma": 1.1e30], "/noise/sigma"),
      (["type": "gaussian", "sigma": "0.1"], "/noise/sigma"),
      (["type": "gaussian", "sigma": 0.1, "scale": 1], "/noise/scale"),
      (["type": "none", "sigma": 0.1], "/noise/sigma"), (["type": "pink"], "/noise/type"),
      (["type": 1], "/noise/type"), ([:], "/noise/type"), ("none", "/noise"), (0.1, "/noise"),
    ] as [(JSONValue, String)])
  func refusesByName(document: JSONValue, pointer: String) {
    do {
      _ = try Noise(document)
      Issue.record("accepted")
    } catch {
      #expect(error.kind == .malformed)
      #expect(error.fields.first?.pointer == pointer)
    }
  }

  @Test func hasASchemaForEachType() {
    let schemas = Noise.schema.object?["oneOf"]?.elements ?? []
    let types = schemas.compactMap {
      $0.object?["properties"]?.object?["type"]?.object?["const"]?.string
    }
    #expect(types == Noise.types)
  }
}
