/// The local minima of a function that is known on a grid.
package struct GridMinima {
  package struct Minimum: Sendable, Equatable {
    /// Of its lowest cell.
    package var row: Int
    package var column: Int
    /// Neighbouring cells that belong to it: one, unless it is flat.
    package var cellCount: Int
  }

  /// Those that the grid surrounds, and those that hold a cell of `including`.
  package let minima: [Minimum]

  /// Neighbours, eight of each cell, that differ by at most the tolerance are one flat piece. A piece
  /// is a minimum when all cells beside it are higher; one at the border may go on falling
  /// outside, and is left out unless it holds the cell `including`.
  ///
  /// - Parameter values: `[row][column]`, finite.
  package init(_ values: [[Double]], tolerance: Double, including: (row: Int, column: Int)) {
    let (rows, columns) = (values.count, values[0].count)
    var pieces = [Int](repeating: -1, count: rows * columns)
    var minima: [Minimum] = []
    for start in 0..<rows * columns where pieces[start] < 0 {
      pieces[start] = start
      var cells = [start]
      var next = 0
      while next < cells.count {
        let (row, column) = (cells[next] / columns, cells[next] % columns)
        next += 1
        let value = values[row][column]
        for neighbour in Self.neighbours(row, column, rows, columns)
        where pieces[neighbour] < 0
          && abs(values[neighbour / columns][neighbour % columns] - value) <= tolerance
        {
          pieces[neighbour] = start
          cells.append(neighbour)
        }
      }
      let isMinimum = cells.allSatisfy { cell in
        let (row, column) = (cell / columns, cell % columns)
        return Self.neighbours(row, column, rows, columns).allSatisfy { neighbour in
          pieces[neighbour] == start
            || values[neighbour / columns][neighbour % columns] > values[row][column]
        }
      }
      guard isMinimum else { continue }
      let isInside = cells.allSatisfy { cell in
        let (row, column) = (cell / columns, cell % columns)
        return row > 0 && column > 0 && row < rows - 1 && column < columns - 1
      }
      guard isInside || cells.contains(including.row * columns + including.column) else { continue }
      let lowest =
        cells.min { values[$0 / columns][$0 % columns] < values[$1 / columns][$1 % columns] }
        ?? start
      minima.append(
        Minimum(row: lowest / columns, column: lowest % columns, cellCount: cells.count))
    }
    self.minima = minima
  }

  private static func neighbours(_ row: Int, _ column: Int, _ rows: Int, _ columns: Int) -> [Int] {
    var neighbours: [Int] = []
    for r in max(0, row - 1)...min(rows - 1, row + 1) {
      for c in max(0, column - 1)...min(columns - 1, column + 1) where (r, c) != (row, column) {
        neighbours.append(r * columns + c)
      }
    }
    return neighbours
  }
}
