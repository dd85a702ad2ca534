/// Every experiment there is, by name. Adding one is a file and a line here.
public enum ExperimentCatalogue {
  public static let all: [any Experiment.Type] = [
    MaLandscape.self, MaPhase.self, MaMasks.self, MaWeights.self, LeiWidth.self, LeiNoise.self,
    LeiDenoise.self, LeiSensing.self, AberdamWidth.self, AberdamTrained.self,
    CocolaMeasurements.self,
  ]

  public static func named(_ name: String) -> (any Experiment.Type)? {
    all.first { $0.name == name }
  }
}
