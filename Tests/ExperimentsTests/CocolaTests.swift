import Experiments
import Testing

/// The orders of errors that Cocola (2022) proves.
struct CocolaTests {
  /// A slope may be off by 0.2, since the networks are small, and by two standard errors, since
  /// trials and points are few.
  @Test func errorsFallAsTheTheorySays() throws {
    let experiment = CocolaMeasurements(
      trials: 7, rows: [20, 40, 100], phaselessRows: [40], latents: [2, 8, 24],
      samples: [50, 200, 800], levels: [0.03, 0.1, 0.3])
    let report = try experiment.run(seed: 2, progress: .silent)
    let slopes = report.tables[0]
    var checked = 0
    for row in slopes.rows where row[1] == .text("automatic") {
      guard case .number(let expected) = row[3], case .number(let slope) = row[4],
        case .number(let deviation) = row[5]
      else { continue }
      #expect(abs(slope - expected) < 0.2 + 2 * deviation, "\(row.map(\.text))")
      #expect(deviation < 0.4 * expected, "\(row.map(\.text))")
      checked += 1
    }
    // Three depths, denoising, two kinds of spiked matrices; the phaseless sweep has one point, too
    // few for a line.
    #expect(checked == 6, "\(slopes.text)")

    // Where k/m is 1/20, the estimate is nearer to the signal than the observation is.
    let rows = report.tables[1].rows.filter {
      $0[1] == .text("automatic") && $0[2] == .text("k / m") && $0[3] == .number(0.05)
    }
    #expect(rows.count == 3)
    for row in rows {
      guard case .median(let error) = row[5] else { continue }
      #expect(error.value < 0.6, "\(row.map(\.text))")
    }
  }
}
