import Dispatch
import Inversion
import Jobs
import Logging

/// How often a running inversion says where it stands, and in how many bytes; and what is made of
/// what an earlier attempt said.
struct CheckpointPolicy: Sendable {
  var secondsBetween: Double
  /// Of one; those over it are left out.
  var bytesMax: Int

  init(_ limits: ServiceLimits) {
    secondsBetween = limits.checkpointSeconds
    bytesMax = limits.checkpointBytesMax
  }

  /// Seconds on the clock of all solving.
  static let now = { @Sendable in Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

  /// The recorder of an attempt, which goes on from the job's checkpoint where that is of use.
  func recorder(of job: ClaimedJob, _ control: JobControl, _ logger: Logger) -> SolveRecorder {
    SolveRecorder(
      record(of: job, logger), secondsBetween: secondsBetween, bytesMax: bytesMax, now: Self.now,
      refuse: { byteCount in
        logger.warning(
          "an inversion is too large for checkpoints, and begins anew after a crash",
          metadata: [
            "inversion": "\(job.job.id)", "bytes": "\(byteCount)",
            "jobs.checkpoint_bytes_max": "\(bytesMax)",
          ])
      }, store: { control.report(checkpoint: $0) })
  }

  private func record(of job: ClaimedJob, _ logger: Logger) -> SolveRecord {
    let identity = [
      job.document, job.input, Array(job.job.subject.utf8), Array(PreimageService.version.utf8),
    ]
    guard let checkpoint = job.checkpoint else { return SolveRecord(identity: identity) }
    do {
      let record = try SolveRecord(checkpoint: checkpoint, identity: identity)
      logger.info(
        "inversion resumed",
        metadata: [
          "inversion": "\(job.job.id)", "iteration": "\(record.iteration)",
          "seconds": "\(record.seconds)",
        ])
      return record
    } catch {
      logger.warning(
        "a checkpoint is of no use, and its inversion begins anew",
        metadata: ["inversion": "\(job.job.id)", "reason": "\(error)"])
      return SolveRecord(identity: identity)
    }
  }
}
