// The jobs that one worker does together, as their runner sees them.

/// Jobs that a worker holds at once, each under a lease of its own. Belongs to the worker's thread.
///
/// However many wait, a group takes in `WorkerPoolConfiguration.companionsMax` jobs in its life and no
/// more, the ones that left included. So a job that waits is overtaken by that many less one, whatever
/// its priority and whoever its client is, before a worker claims in the queue's order again.
public final class JobGroup {
  private let pool: WorkerPool
  private let worker: String
  private let key: String
  /// The job that was claimed in the queue's order, until it is asked for.
  private var first: GroupMember?
  private var members: [String: GroupMember] = [:]
  /// Jobs that were ever in the group.
  private(set) var taken = 1
  /// When it was last looked for companions.
  private var generation: UInt64?

  init(_ first: GroupMember, key: String, pool: WorkerPool) {
    self.first = first
    self.key = key
    self.pool = pool
    worker = first.claimed.lease.worker
  }

  /// Jobs that have come since this was last called; at first, those that the group begins with. Cheap
  /// enough for every iteration: the store is asked when jobs were added to the queue, not else.
  public func arrivals() -> [GroupMember] {
    var arrived: [GroupMember] = []
    if let first {
      arrived.append(first)
      self.first = nil
    }
    let room = pool.configuration.companionsMax - taken
    let now = pool.work.generation
    if room > 0, generation != now {
      generation = now
      let companions = pool.claimCompanions(of: key, countMax: room, worker: worker)
      taken += companions.count
      arrived += companions
    }
    for member in arrived { members[member.id] = member }
    return arrived
  }

  /// Stores how jobs of the group ended, which then have left it. While the storage fails the results are
  /// kept and tried again.
  public func end(_ reports: [(id: String, report: JobReport)]) {
    let ended = reports.compactMap { id, report in
      members.removeValue(forKey: id).map { ($0, report) }
    }
    guard !ended.isEmpty else { return }
    pool.settle(ended)
  }

  /// Gives back what the runner left.
  func disband() {
    if let first { members[first.id] = first }
    end(members.keys.map { ($0, JobReport(outcome: .interrupted)) })
  }
}
