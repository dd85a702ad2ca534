import ArgumentParser
import Networks

/// Which rows of the recovery table are worked on.
struct RecoveryRows: ParsableArguments {
  @Option(help: "A folder of generators, one a folder, such as ../shared/generators.")
  var generators: String?

  @Option(help: "Only rows whose generator and observation contain this text.")
  var only: [String] = []

  /// Calls `body` with each row's name, the row, and its generator; rows whose generator is in a
  /// folder that was not given are left out, and said to be.
  func visit(
    _ body: (_ name: String, _ cell: RecoveryCell, _ generator: Generator) throws -> Void
  ) throws {
    var loaded: (name: String, generator: Generator)?
    for cell in RecoveryCell.all {
      let name = cell.name
      guard only.isEmpty || only.contains(where: { name.contains($0) }) else { continue }
      if loaded?.name != cell.generator.name {
        loaded = try cell.generator.load(from: generators).map { (cell.generator.name, $0) }
      }
      guard let generator = loaded?.generator else {
        print("\(name): skipped, no folder of generators was given")
        continue
      }
      try body(name, cell, generator)
    }
  }
}
