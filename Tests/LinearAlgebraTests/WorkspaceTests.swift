import Foundation
import LinearAlgebra
import Testing

/// Batches take their memory from the thread and give it back, and nobody notices but the allocator.
struct WorkspaceTests {
  /// Runs on a thread that has made no batch before.
  private func onNewThread(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    Thread {
      body()
      done.signal()
    }.start()
    done.wait()
  }

  private static func address(of batch: Batch) -> UnsafePointer<Float>? {
    batch.values.withUnsafeBufferPointer(\.baseAddress)
  }

  @Test func memoryIsTakenAgain() {
    onNewThread {
      let count = Workspace.countMin
      let first = Self.address(of: Batch(zeros: 1, width: count))
      #expect(Workspace.kept == (1, 4 * count))
      let second = Batch(zeros: 2, width: count / 2)
      #expect(Self.address(of: second) == first)
      #expect(Workspace.kept == (0, 0))
      // Another size, and one that the allocator is quick with.
      _ = Batch(zeros: 1, width: count + 1)
      _ = Batch(zeros: 1, width: count - 1)
      #expect(Workspace.kept == (1, 4 * (count + 1)))
    }
  }

  @Test func copiesAreOfOneValueEach() {
    onNewThread {
      let batch = Batch(count: 2, width: 300) { $0.update(repeating: 1) }
      var changed = batch
      changed.values[7] = 2
      #expect(batch.values == [Float](repeating: 1, count: 600))
      #expect(changed.values[7] == 2 && changed.values[8] == 1)
      #expect(batch != changed)
    }
  }

  /// Numbers that were taken out of a batch stay what they are when its memory is used again.
  @Test func valuesOutliveTheirBatch() {
    onNewThread {
      var batch = Batch(count: 1, width: 300) { $0.update(repeating: 1) }
      let values = batch.values
      for number in 2..<5 {
        batch = Batch(count: 1, width: 300) { $0.update(repeating: Float(number)) }
        #expect(batch.values == [Float](repeating: Float(number), count: 300))
      }
      #expect(values == [Float](repeating: 1, count: 300))
      #expect(Workspace.kept.arrays <= 2)
    }
  }

  /// What comes from elsewhere, such as weights, is not the workspace's to keep.
  @Test func borrowedMemoryOnlyIsKept() {
    onNewThread {
      let values = [Float](repeating: 1, count: 300)
      _ = Batch(row: values)
      #expect(Workspace.kept == (0, 0))
    }
  }

  @Test func roomInsideRoomIsAnother() {
    onNewThread {
      Workspace.withRoom(for: 300) { outer in
        outer.update(repeating: 1)
        Workspace.withRoom(for: 300) { $0.update(repeating: 2) }
        #expect(outer.allSatisfy { $0 == 1 })
      }
      #expect(Workspace.kept.arrays == 2)
    }
  }

  @Test func sizesAreBounded() {
    onNewThread {
      // Of as many sizes as may be kept, and one more: the first goes.
      for extra in 0...Workspace.sparesMax { _ = Batch(zeros: 1, width: 1000 + extra) }
      #expect(Workspace.kept.arrays == Workspace.sparesMax)
      let bytes = (1...Workspace.sparesMax).reduce(0) { $0 + 4 * (1000 + $1) }
      #expect(Workspace.kept.bytes == bytes)
    }
  }

  @Test func bytesAreBounded() {
    onNewThread {
      let half = Workspace.bytesMax / 8
      // Never written to, so that the system need not find the memory.
      for extra in 0..<3 { _ = Batch(count: 1, width: half - extra) { _ in } }
      #expect(Workspace.kept.arrays == 2 && Workspace.kept.bytes <= Workspace.bytesMax)
      _ = Batch(count: 1, width: 2 * half + 1) { _ in }
      #expect(Workspace.kept.arrays == 2)
    }
  }

  @Test func batchesMayEndOnAnotherThread() async {
    let batch = Batch(count: 3, width: 300) { $0.update(repeating: 3) }
    let sum = await Task.detached { batch.values.reduce(0, +) }.value
    #expect(sum == 2700)
  }
}
