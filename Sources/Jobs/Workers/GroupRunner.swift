// A runner that gains from doing several jobs together.

import Foundation

/// Does jobs that share a `JobSubmission.companionKey` together. Others it does one by one.
public protocol GroupRunner: JobRunner {
  /// Does the jobs of a group on the calling thread, which is the pool's, until it is empty.
  ///
  /// It asks for arrivals again and again while it works, looks at each job's own control, and ends each
  /// job as soon as that is done. Jobs that are in the group when this returns are given back to
  /// the queue.
  func run(_ group: JobGroup)
}

/// A job of a group.
public struct GroupMember: Sendable {
  public let claimed: ClaimedJob
  public let control: JobControl
  let startedAt: Date

  public var id: String { claimed.job.id }
}
