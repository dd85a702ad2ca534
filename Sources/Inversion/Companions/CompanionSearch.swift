/// Searches that share generator, measurement and solver, advanced together as rows of one batch. They
/// come and go between two iterations, and each ends as it would alone: by its own limit, deadline or
/// cancellation. Belongs to one thread.
public protocol CompanionSearch: AnyObject {
  /// Searches in flight.
  var count: Int { get }
  /// Iterations that one search may make, times its starts.
  var rowIterationsMax: Int { get }

  /// Begins a search.
  ///
  /// - Parameters:
  ///   - problem: with the generator and the measurement of those in flight.
  ///   - id: names the search among those in flight.
  /// - Returns: whether the problem can be a row of the batch; nothing was begun where it cannot, and
  ///   it is to be solved alone.
  func join(_ problem: InverseProblem, _ context: SolveContext, as id: String) -> Bool

  /// Carries all searches an iteration further.
  ///
  /// - Returns: those that have come to their end, which are in flight no longer.
  func advance() -> [(id: String, search: Search)]
}

/// A plan that searches can follow together.
protocol SharedPlan: DescentPlan {
  func companionSearch(of solver: RestartedSolver) -> any CompanionSearch
}

extension SingleMethod: SharedPlan where Method: SharedMethod {
  func companionSearch(of solver: RestartedSolver) -> any CompanionSearch {
    CompanionDescent(method, of: solver)
  }
}
