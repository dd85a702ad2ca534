/// What has been seen of the iterations of a search.
struct SearchHistory: Sendable {
  /// Of all restarts together.
  private(set) var iterations = 0
  private(set) var bestLoss = Double.infinity
  private(set) var trace = Trace()

  mutating func add(_ loss: Double) {
    count()
    bestLoss = min(bestLoss, loss)
    trace.record(iteration: iterations, loss: bestLoss)
  }

  /// An iteration whose loss compares with no others.
  mutating func count() { iterations += 1 }
}

extension SearchHistory: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    iterations = try reader.read()
    bestLoss = try reader.read()
    trace = try reader.read()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(iterations)
    writer.write(bestLoss)
    writer.write(trace)
  }
}
