import ArgumentParser

/// What the product's speed rests on, measured on this machine. Tests time nothing; this does.
@main
struct BenchmarksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measures solvers, layers and documents. Build with -c release.",
    subcommands: [
      SolversBenchmark.self, LayersBenchmark.self, AllocationsBenchmark.self,
      LoadingBenchmark.self, JSONBenchmark.self, ServiceBenchmark.self,
      RecoveryBenchmark.self, NoiseBenchmark.self, ProgramsBenchmark.self, CompanionsBenchmark.self,
      CheckpointsBenchmark.self, QueueBenchmark.self, CoresBenchmark.self,
    ])
}
