/// Layer-wise solutions as starts of a search that goes on end to end.
struct LayerwiseWave: Sendable {
  /// Starts of other kinds that are tried before.
  var restartsBefore: Int
  var candidates: LayerwiseCandidates

  /// For the reason of a choice.
  var summary: String {
    let names = candidates.methods.map(\.type).joined(separator: ", ")
    return restartsBefore == 0 ? "from \(names)" : "from \(names) after \(restartsBefore) starts"
  }

  /// First of all, and one by one: where enough units are on, systems of equations are all that is
  /// needed.
  static func leading(_ candidates: LayerwiseCandidates) -> [LayerwiseWave] {
    candidates.methods.map { method in
      LayerwiseWave(
        restartsBefore: 0,
        candidates: LayerwiseCandidates(
          methods: [method], matrixEntriesMax: candidates.matrixEntriesMax))
    }
  }

  /// After a few starts that did not lead to the observation.
  static func following(_ candidates: LayerwiseCandidates) -> [LayerwiseWave] {
    [LayerwiseWave(restartsBefore: 4, candidates: candidates)]
  }
}
