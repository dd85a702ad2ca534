import Experiments
import Testing

/// What Aberdam et al. (2020) claim, as far as it is so.
struct AberdamTests {
  /// Latents of 10 behind hidden layers of 8, of which at most 8 are active, and of 60, of which
  /// fewer than 10 are active once in 10^8 draws.
  @Test func narrowLayersHideTheLatent() throws {
    let report = try TinyExperiments.layers(latentCount: 10, hiddenCounts: [8, 60], trials: 8)
      .run(seed: 3, progress: .silent)
    let found = report.tables[0]
    for row in found.rows {
      let isNarrow = row[1] == .count(8)
      // All 60 active, as many as the signal has entries, never happens either.
      #expect(row[3] == .share(Share(isNarrow ? 0 : 8, of: 8)), "\(row.map(\.text))")
      if isNarrow { #expect(row[4] == .share(Share(0, of: 8)), "\(row.map(\.text))") }
      if !isNarrow, row[2] == .text("automatic") || row[2] == .text("latent_pursuit") {
        #expect(row[4] == .share(Share(8, of: 8)), "\(row.map(\.text))")
      }
    }
    // Quantiles are in order.
    for row in report.tables[1].rows {
      let quantiles = row[4...8].flatMap(\.numbers)
      #expect(quantiles == quantiles.sorted() && quantiles.count == 5, "\(row.map(\.text))")
    }
  }

  @Test func latentsOfTheTrainedNetworkAreFound() throws {
    let report = try AberdamTrained(trials: 6, descentTrials: 1).run(seed: 2, progress: .silent)
    for name in ["automatic", "hybrid", "oracle, double", "latent_pursuit, double"] {
      let rows = report.tables[0].rows.filter { $0[1] == .text(name) }
      #expect(rows.count == 3)
      for row in rows {
        #expect(row[2] == .share(Share(6, of: 6)), "\(row.map(\.text))")
        // To ten digits in double precision, and not in single precision.
        #expect(
          row[3] == .share(Share(name.contains("double") ? 6 : 0, of: 6)), "\(row.map(\.text))")
      }
    }
  }
}
