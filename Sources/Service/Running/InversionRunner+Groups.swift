import Inversion
import Jobs
import LinearAlgebra

extension InversionRunner: GroupRunner {
  /// Results that are stored by one commit, at most: a certificate may take a while, and those that wait
  /// for an answer should not wait for all.
  private static let reportsMax = 32

  func run(_ group: JobGroup) {
    SpareCores.shared.occupy { advance(group) }
  }

  private func advance(_ group: JobGroup) {
    var search: (any CompanionSearch)?
    var members: [String: Member] = [:]
    // Those that cannot be rows of the batch, or whose method takes none.
    var alone: [GroupMember] = []
    while true {
      for member in group.arrivals() {
        do {
          let task = try task(member.claimed, member.control)
          search = search ?? task.solver.companionSearch()
          if search?.join(task.problem, task.context, as: member.id) == true {
            members[member.id] = Member(member: member, task: task)
          } else {
            alone.append(member)
          }
        } catch {
          group.end([(member.id, report(error, member.claimed, member.control))])
        }
      }
      if let search, search.count > 0 {
        store(search.advance(), &members, in: group)
      } else if !alone.isEmpty {
        let member = alone.removeFirst()
        group.end([(member.id, invert(member.claimed, member.control))])
      } else {
        return
      }
    }
  }

  private func store(
    _ ended: [(id: String, search: Search)], _ members: inout [String: Member],
    in group: JobGroup
  ) {
    for start in stride(from: 0, to: ended.count, by: Self.reportsMax) {
      let some = ended[start..<min(start + Self.reportsMax, ended.count)]
      group.end(
        some.compactMap { id, search in
          members.removeValue(forKey: id).map {
            (id, report(search, of: $0.task, $0.member.claimed, $0.member.control))
          }
        })
    }
  }

  /// One whose search is a row of the batch.
  private struct Member {
    var member: GroupMember
    var task: Task
  }
}
