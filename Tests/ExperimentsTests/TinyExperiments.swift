import Experiments

/// Every experiment at a size of a second or so.
enum TinyExperiments {
  static let all: [(name: String, experiment: any Experiment)] = [
    (MaLandscape.name, MaLandscape(networks: 2, gridCount: 21, starts: 6)),
    (MaPhase.name, phase(rates: [0.1, 1], trials: 2)),
    (MaMasks.name, MaMasks(trials: 2)),
    (MaWeights.name, MaWeights(.quick)),
    (
      LeiWidth.name,
      width(
        [LeiWidth.Sweep(.relu, latents: [18, 20, 22]), .init(.leakyReLU, latents: [20])], trials: 4)
    ),
    (LeiNoise.name, LeiNoise(levels: [1e-4, 1e-2], trials: 2, descentTrials: 1)),
    (LeiDenoise.name, LeiDenoise(levels: [0.3], trials: 2, descentTrials: 1)),
    (LeiSensing.name, sensing(trials: 1, projections: [60])),
    (AberdamWidth.name, layers(latentCount: 8, hiddenCounts: [12, 40], trials: 2)),
    (AberdamTrained.name, AberdamTrained(trials: 2, descentTrials: 1)),
    (
      CocolaMeasurements.name,
      CocolaMeasurements(
        trials: 1, rows: [30], phaselessRows: [60], latents: [4], samples: [200], levels: [0.1])
    ),
  ]

  static func phase(rates: [Double], trials: Int) -> MaPhase {
    MaPhase(rates: rates, trials: trials, trainedMasks: 1)
  }

  /// Networks of k, 40 and 130, of whose signals fewer than 40 entries are active once in 10^5 draws.
  static func width(_ sweeps: [LeiWidth.Sweep], trials: Int) -> LeiWidth {
    var experiment = LeiWidth(trials: trials, sweeps: sweeps, restartsMax: 4)
    experiment.layers = [40, 130]
    return experiment
  }

  /// Networks with signals of 60.
  static func layers(latentCount: Int, hiddenCounts: [Int], trials: Int) -> AberdamWidth {
    var experiment = AberdamWidth(
      trials: trials, latentCounts: [latentCount], hiddenCounts: hiddenCounts, restartsMax: 4,
      descentIterations: 100)
    experiment.signalCount = 60
    return experiment
  }

  /// On the bundled network, with a single projection by programs.
  static func sensing(trials: Int, projections: [Int]) -> LeiSensing {
    var experiment = LeiSensing(trials: trials, descentTrials: 1, projections: projections)
    experiment.programProjectionsMax = 1
    return experiment
  }
}
