import Documents
import Inversion

/// The shortest document of a solver: its type, and what has no default.
enum SolverDocument {
  /// - Parameter restarts: at most, where the solver has any.
  static func of(_ type: String, latentCount: Int, restarts: Int? = nil) -> JSONValue {
    var document: JSONObject = ["type": .string(type)]
    let parameters = SolverCatalogue.kinds.first { $0.type == type }?.parameters ?? []
    if let restarts, parameters.contains(where: { $0.name == "restarts_max" }) {
      document["restarts_max"] = JSONValue(restarts)
    }
    if parameters.contains(where: { $0.name == "latent" && $0.isRequired }) {
      document["latent"] = .numbers((0..<latentCount).map { 1 - 0.3 * Double($0) })
    }
    return .object(document)
  }
}
