// The one thing the pool does not know: how a job is done.

/// Does jobs.
public protocol JobRunner: Sendable {
  /// Does one job on the calling thread, which is the pool's, and says how it ended.
  ///
  /// It is called from several threads at once. It asks `control.shouldStop` often enough to stop
  /// within a fraction of a second; a runner that does not return is disowned: the job is ended
  /// without it, whatever it returns later is thrown away, and another thread does the next job.
  func run(_ job: ClaimedJob, control: JobControl) -> JobReport
}
