import LinearAlgebra
import Testing

struct BatchTests {
  let batch = Batch(rows: [[1, 2, 3], [4, 5, 6]], width: 3)

  @Test func keepsItsRows() {
    #expect(batch.values == [1, 2, 3, 4, 5, 6])
    #expect(Array(batch[1]) == [4, 5, 6])
    #expect(Batch(row: [7, 8]) == Batch(count: 1, width: 2, values: [7, 8]))
    #expect(Batch(rows: [], width: 4) == Batch(zeros: 0, width: 4))
  }

  @Test func choosesRowsInTheOrderAsked() {
    #expect(batch.rows([1, 0, 1]).values == [4, 5, 6, 1, 2, 3, 4, 5, 6])
    #expect(batch.rows([0, 1]) == batch)
    #expect(batch.rows([1, 0]).values == [4, 5, 6, 1, 2, 3])
    #expect(batch.rows([]) == Batch(zeros: 0, width: 3))
  }

  @Test func repeatsRowsNextToOneAnother() {
    #expect(batch.repeatingRows(2).values == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    #expect(batch.repeatingRows(1) == batch)
    #expect(batch.repeatingRows(0).count == 0)
  }

  @Test func setsARow() {
    var changed = batch
    changed.setRow(0, to: [9, 8, 7])
    #expect(changed.values == [9, 8, 7, 4, 5, 6])
    #expect((-changed).values == [-9, -8, -7, -4, -5, -6])
  }

  @Test func hasIdentities() {
    #expect(Batch.identities(2, for: 2).values == [1, 0, 0, 1, 1, 0, 0, 1])
    #expect(Batch.identities(3, for: 0).count == 0)
  }
}
