/// Who commits, and what waits for the next commit.
///
/// A commit costs a flush of the disk whatever it holds. While one thread commits, the writes that
/// arrive wait; then the first of them commits all of them in one transaction, each in a savepoint of
/// its own. So one caller alone has a commit of its own at once, and a hundred share a few.
package struct CommitLine<Turn: AnyObject>: ~Copyable {
  private var isCommitting = false
  private var waiting: [Turn] = []

  package init() {}

  /// Joins the line.
  ///
  /// - Returns: whether nobody commits, so that the turn's own thread is to.
  package mutating func join(_ turn: Turn) -> Bool {
    guard isCommitting else {
      isCommitting = true
      return true
    }
    waiting.append(turn)
    return false
  }

  /// What is to be committed now together with the turn of the thread that leads.
  package mutating func take(atMost count: Int) -> [Turn] {
    let taken = Array(waiting.prefix(count))
    waiting.removeFirst(taken.count)
    return taken
  }

  /// Ends a commit.
  ///
  /// - Returns: who is to commit next; `nil` when nobody waits.
  package mutating func next() -> Turn? {
    guard !waiting.isEmpty else {
      isCommitting = false
      return nil
    }
    return waiting.removeFirst()
  }
}
