/// placeholder
public struct CocolaMeasurements: Experiment {
  public static let name = "cocola-measurements"
  public static let summary = "x"
  public static let source = "x"
  public static let fullMinutes = 1.0
  public init(_ scale: ExperimentScale) {}
  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    ExperimentReport(tables: [], figures: [], closing: "")
  }
}
