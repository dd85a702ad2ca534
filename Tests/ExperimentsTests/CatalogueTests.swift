import Experiments
import Synchronization
import Testing

/// Laws that every experiment obeys, at a tiny size.
struct CatalogueTests {
  @Test func everyExperimentHasATinyOne() {
    #expect(TinyExperiments.all.map(\.name) == ExperimentCatalogue.all.map { $0.name })
    #expect(Set(ExperimentCatalogue.all.map { $0.name }).count == ExperimentCatalogue.all.count)
    for experiment in ExperimentCatalogue.all {
      #expect(!experiment.summary.isEmpty && experiment.source.contains("20"))
      #expect(experiment.fullMinutes > 0)
      #expect(ExperimentCatalogue.named(experiment.name) == experiment)
    }
    #expect(ExperimentCatalogue.named("nobody") == nil)
  }

  @Test(arguments: TinyExperiments.all.indices)
  func reportsAreSound(place: Int) throws {
    let (name, experiment) = TinyExperiments.all[place]
    let told = Mutex<[Double]>([])
    let report = try experiment.run(
      seed: 4,
      progress: ExperimentProgress { share, step in
        #expect(!step.isEmpty)
        told.withLock { $0.append(share) }
      })
    let shares = told.withLock { $0 }
    #expect(!shares.isEmpty && shares == shares.sorted(), "\(name)")
    #expect(shares.first == 0 && (shares.last ?? 1) < 1)

    #expect(!report.tables.isEmpty && !report.figures.isEmpty)
    for table in report.tables {
      #expect(!table.rows.isEmpty)
      let numbers = table.rows.joined().flatMap(\.numbers)
      #expect(numbers.count > table.rows.count)
      #expect(numbers.allSatisfy { $0.isFinite }, "\(name): \(table.text)")
      #expect(report.text.contains(table.text))
    }
    for figure in report.figures {
      let reader = PictureReader(figure.svg)
      #expect(reader.isWellFormed && reader.references.isEmpty, "\(name)")
      let height = reader.height ?? 0
      #expect(reader.coordinates.allSatisfy { $0 >= 0 && $0 <= max(800, height) }, "\(name)")
    }
    let files = report.tables.map(\.name) + report.figures.map(\.name)
    for file in files {
      #expect(file.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(file)")
    }
    #expect(Set(report.tables.map(\.name)).count == report.tables.count)
    #expect(Set(report.figures.map(\.name)).count == report.figures.count)
    #expect(report.closing.contains("Differences"))
    let lines = report.text.split(whereSeparator: \.isNewline)
    #expect(lines.suffix(3).allSatisfy { $0.count <= 96 })
  }

  @Test(arguments: TinyExperiments.all.indices)
  func theSameSeedGivesTheSameBytes(place: Int) throws {
    let (name, experiment) = TinyExperiments.all[place]
    let reports = try [7, 7, 8].map { try experiment.run(seed: $0, progress: .silent) }
    let bytes = reports.map { report in
      report.tables.map(\.csv) + report.figures.map(\.svg) + [report.text]
    }
    #expect(bytes[0] == bytes[1], "\(name)")
    // Trained weights are what they are, whatever the seed.
    #expect((bytes[0] == bytes[2]) == (name == MaWeights.name), "\(name)")
  }
}
