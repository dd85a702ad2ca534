// How the ends of jobs get into the store, also where that fails for a while.

import Foundation
import Synchronization

/// A job's end on its way into the store.
private struct Settlement {
  let member: GroupMember
  let report: JobReport
  let triedFrom: Date
  /// Tries at which the storage was damaged.
  var damagedTries = 0
}

extension WorkerPool {
  /// Stores how the job ended. While the storage fails the result is kept and tried again.
  ///
  /// - Parameter goingOn: whether to take the next job in the same write, unless the pool drains.
  /// - Returns: the next job, if one was taken.
  func settle(_ member: GroupMember, _ report: JobReport, goingOn: Bool) -> GroupMember? {
    noteReturn(of: [(member, report)])
    var settlement = Settlement(member: member, report: report, triedFrom: clock.now())
    var goesOn = goingOn && report.outcome.state != .queued
    while true {
      let generation = upkeep.generation
      let (isOver, next) = tryToSettle(&settlement, goingOn: goesOn)
      if isOver { return next }
      // What keeps the next job from being taken must not keep this one from being stored.
      goesOn = false
      upkeep.wait(after: generation, seconds: configuration.pollSeconds)
    }
  }

  /// Stores how several jobs ended, in one write where the storage lets it. One that cannot be stored
  /// keeps none of the others.
  func settle(_ endings: [(member: GroupMember, report: JobReport)]) {
    noteReturn(of: endings)
    let now = clock.now()
    var left = settleTogether(
      endings.map { Settlement(member: $0.member, report: $0.report, triedFrom: now) })
    while true {
      let generation = upkeep.generation
      var failed: [Settlement] = []
      for var settlement in left {
        if !tryToSettle(&settlement, goingOn: false).isOver { failed.append(settlement) }
      }
      guard !failed.isEmpty else { return }
      left = failed
      upkeep.wait(after: generation, seconds: configuration.pollSeconds)
    }
  }

  /// Stores all in one write, if that succeeds.
  ///
  /// - Returns: those that are to be stored one by one, as their leases may have expired and may yet
  ///   be renewed.
  private func settleTogether(_ settlements: [Settlement]) -> [Settlement] {
    let held = settlements.filter { !$0.member.control.isLeaseLost }
    guard held.count > 1 else { return settlements }
    let now = clock.now()
    do throws(JobStoreError) {
      let isEnded = try store.finish(
        held.map { JobEnding(lease: $0.member.claimed.lease, report: $0.report) }, now: now)
      for (settlement, isEnded) in zip(held, isEnded) where isEnded { noteEnd(settlement, at: now) }
      return zip(held, isEnded).compactMap { $1 ? nil : $0 }
        + settlements.filter(\.member.control.isLeaseLost)
    } catch {
      emit(.storeFailed(during: .finish, error))
      return settlements
    }
  }

  /// - Returns: whether the job need not be tried again: its end is stored, or it was given up.
  private func tryToSettle(
    _ settlement: inout Settlement, goingOn: Bool
  ) -> (isOver: Bool, next: GroupMember?) {
    let member = settlement.member
    guard !member.control.isLeaseLost, !isGivenUp(settlement) else {
      noteLoss(of: member)
      return (true, nil)
    }
    do throws(JobStoreError) {
      let ending = JobEnding(lease: member.claimed.lease, report: settlement.report)
      if goingOn, let (isEnded, next) = try finishAndClaim(ending, settlement), isEnded {
        return (true, next)
      }
      if try finish(ending) { noteEnd(settlement, at: clock.now()) } else { noteLoss(of: member) }
      return (true, nil)
    } catch {
      let isReleased = settlement.report.outcome.state == .queued
      emit(.storeFailed(during: isReleased ? .release : .finish, error))
      if error.isDamage { settlement.damagedTries += 1 }
      return (false, nil)
    }
  }

  /// Whether its result is kept no longer. The job is then the store's to recover when its lease has
  /// expired, which counts as an attempt: what can never be stored ends by that.
  private func isGivenUp(_ settlement: Settlement) -> Bool {
    settlement.damagedTries >= configuration.damagedTriesMax
      || clock.now().timeIntervalSince(settlement.triedFrom) > configuration.settleSecondsMax
  }

  /// - Returns: `nil`, with nothing written, when the pool drains.
  private func finishAndClaim(
    _ ending: JobEnding, _ settlement: Settlement
  ) throws(JobStoreError) -> (isEnded: Bool, next: GroupMember?)? {
    try taking { () throws(JobStoreError) in
      let (isEnded, next) = try store.finish(
        ending, claimingNextWithin: configuration.claimLimits, now: clock.now(),
        leaseSeconds: configuration.leaseSeconds)
      if isEnded { noteEnd(settlement, at: clock.now()) }
      return (isEnded, next.map(hold))
    }
  }

  /// Their runner did return: signals to stop are for nobody any more, and nobody else will store where
  /// those that were interrupted stood.
  private func noteReturn(of endings: [(member: GroupMember, report: JobReport)]) {
    state.withLock { state in
      for (member, _) in endings {
        state.assignments[Hold(member.claimed.lease)]?.hasReturned = true
      }
    }
    for (member, report) in endings where report.outcome == .interrupted {
      storeCheckpoint(of: member.control, under: member.claimed.lease, clock.now())
    }
  }

  /// It was stored how a job ended.
  private func noteEnd(_ settlement: Settlement, at now: Date) {
    let (claimed, report) = (settlement.member.claimed, settlement.report)
    if report.outcome.state == .queued {
      emit(.released(jobID: claimed.job.id))
    } else {
      let seconds = now.timeIntervalSince(settlement.member.startedAt)
      emit(.settled(claimed.job, report, seconds: seconds))
    }
    letGo(of: claimed)
  }

  private func noteLoss(of member: GroupMember) {
    emit(.leaseLost(jobID: member.id))
    letGo(of: member.claimed)
  }

  /// Looks after a job no longer: it was stored how it ended, or it is lost.
  private func letGo(of claimed: ClaimedJob) {
    state.withLock { $0.assignments[Hold(claimed.lease)] = nil }
    changes.publish(claimed.job.id)
  }
}

extension JobStoreError {
  /// Whether the storage is damaged: trying again will hardly help.
  fileprivate var isDamage: Bool {
    if case .unavailable(let failure) = self { failure.kind == .corrupt } else { false }
  }
}
