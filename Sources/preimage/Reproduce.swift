import ArgumentParser
import Experiments
import Foundation

/// `preimage reproduce`: published experiments, done again.
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Does published experiments again: tables, CSV files and SVG figures.",
    discussion: """
      Example: preimage reproduce ma-landscape --quick

      Prints tables and says what they show and where they differ from the paper. Writes the tables \
      as .csv and the figures as .svg. Without a name it lists what there is. The same seed on the \
      same machine gives the same files.
      """)

  @Argument(help: "Which experiment; left out, they are listed.")
  var name: String?

  @Flag(help: "Lists the experiments.")
  var list = false

  @Flag(help: "Fewer trials: at most a minute on one core.")
  var quick = false

  @Option(help: "Folder for tables and figures; made when it is not there.")
  var output = "reproduced"

  @Option(
    help: """
      Folder of generators that do not come with the product, one a folder; where it is not there, \
      what needs one is left out or done with another, and the report says so.
      """)
  var generators = "../shared/generators"

  @Option(help: "Seed of all that is drawn.")
  var seed: UInt64 = 1

  func validate() throws {
    if let name, ExperimentCatalogue.named(name) == nil {
      let known = ExperimentCatalogue.all.map { $0.name }.joined(separator: ", ")
      throw ValidationError("\"\(name)\" is no experiment; expected one of \(known)")
    }
  }

  func run() throws {
    guard let name, !list, let experiment = ExperimentCatalogue.named(name) else {
      print(Self.catalogue)
      return
    }
    // First, so that no work is lost for want of a place.
    let folder = URL(fileURLWithPath: output)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let scale = quick ? ExperimentScale.quick : .full
    let bar = ProgressBar()
    let times = WorkTimes()
    let report = try prepared(experiment.init(scale)).run(
      seed: seed, progress: ExperimentProgress(report: { bar.show($0, $1) }, time: times.begin))
    bar.clear()
    print("\(name): \(experiment.source)\n")
    print(report.text)
    for line in times.lines { print(line) }
    for file in Self.files(of: report, name) {
      let place = folder.appending(path: file.name)
      try Data(file.contents.utf8).write(to: place)
      print("wrote \(place.relativePath)")
    }
  }

  /// With the folder of the generator that it asks for, where that is there.
  private func prepared(_ experiment: any Experiment) -> any Experiment {
    guard var asking = experiment as? any OutsideGeneratorExperiment else { return experiment }
    let folder = "\(generators)/\(type(of: asking).generatorName)"
    if FileManager.default.fileExists(atPath: folder) { asking.generatorFolder = folder }
    return asking
  }

  private static var catalogue: String {
    let width = ExperimentCatalogue.all.map { $0.name.count }.max() ?? 0
    return ExperimentCatalogue.all.map { experiment in
      let minutes = experiment.fullMinutes
      let time = minutes < 1 ? "under a minute" : "about \(Int(minutes.rounded())) min"
      let space = String(repeating: " ", count: width - experiment.name.count)
      let indent = String(repeating: " ", count: width + 2)
      return "\(experiment.name)\(space)  \(experiment.summary)\n"
        + "\(indent)\(experiment.source); in full \(time) on one core"
    }.joined(separator: "\n")
  }

  private static func files(
    of report: ExperimentReport, _ name: String
  ) -> [(name: String, contents: String)] {
    report.tables.map { ("\(name)-\($0.name).csv", $0.csv) }
      + report.figures.map { ("\(name)-\($0.name).svg", $0.svg) }
      + [("\(name).txt", report.text)]
  }
}
