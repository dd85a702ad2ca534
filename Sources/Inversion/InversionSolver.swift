import Documents
import Measurements
import Networks

/// A configured way to solve inverse problems.
public protocol InversionSolver: Sendable {
  /// - Parameter problem: with a measurement that ``refusal(of:)`` does not refuse.
  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search

  /// Why a measurement is beyond the method, as what it is for; `nil` where it is not.
  func refusal(of measurement: any Measurement) -> String?

  /// Why a generator is beyond the method, naming the layer; `nil` where it is not.
  ///
  /// - Parameter measurement: one that ``refusal(of:)`` does not refuse.
  func refusal(of generator: Generator, through measurement: any Measurement) -> String?

  /// Whether the method looks at the generator's layers, and may refuse some.
  var readsLayers: Bool { get }

  /// A group for searches by this method that advance as rows of one batch, empty at first; `nil`
  /// where that is not possible, or does not pay.
  func companionSearch() -> (any CompanionSearch)?

  /// How much of it goes on at once.
  var waves: RestartWaves { get }
}

extension InversionSolver {
  public func refusal(of measurement: any Measurement) -> String? { nil }

  public func refusal(of generator: Generator, through measurement: any Measurement) -> String? {
    nil
  }

  public var readsLayers: Bool { false }

  public func companionSearch() -> (any CompanionSearch)? { nil }
  public var waves: RestartWaves { .usual }

  /// - Parameter problem: with a measurement that ``check(_:pointer:)`` lets pass.
  public func solve(_ problem: InverseProblem, _ context: SolveContext) -> Solution {
    search(problem, context).solution()
  }

  /// Whether the method can follow a measurement.
  ///
  /// - Parameter pointer: to the solver's document in the request, for messages.
  /// - Throws: `DocumentError`, unprocessable, naming the measurement and the solvers that can.
  public func check(
    _ measurement: any Measurement, pointer: String = "/solver"
  ) throws(DocumentError) {
    guard let reason = refusal(of: measurement) else { return }
    let name = measurement.document.object?["type"]?.string ?? "another kind"
    let others = SolverCatalogue.types(for: measurement).joined(separator: ", ")
    throw .unprocessable(
      pointer, "\(reason), and the measurement is \(name); expected one of \(others)")
  }

  /// Whether the method can follow a measurement of a generator.
  ///
  /// - Throws: `DocumentError`, unprocessable, naming the layer and the solvers that can.
  public func check(
    _ generator: Generator, through measurement: any Measurement, pointer: String = "/solver"
  ) throws(DocumentError) {
    guard let reason = refusal(of: generator, through: measurement) else { return }
    let others = SolverCatalogue.types(for: generator, through: measurement).joined(separator: ", ")
    throw .unprocessable(pointer, "\(reason); expected one of \(others)")
  }
}
