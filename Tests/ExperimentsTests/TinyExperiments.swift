import Experiments

/// Every experiment at a size of a second or so.
enum TinyExperiments {
  static let all: [(name: String, experiment: any Experiment)] = [
    (MaLandscape.name, MaLandscape(networks: 2, gridCount: 21, starts: 6)),
    (MaPhase.name, phase(rates: [0.1, 1], trials: 2)),
    (MaMasks.name, MaMasks(trials: 2)),
    (MaWeights.name, MaWeights(.quick)),
    (
      CocolaMeasurements.name,
      CocolaMeasurements(
        trials: 1, rows: [30], phaselessRows: [60], latents: [4], samples: [200], levels: [0.1])
    ),
  ]

  static func phase(rates: [Double], trials: Int) -> MaPhase {
    MaPhase(rates: rates, trials: trials, trainedMasks: 1)
  }
}
