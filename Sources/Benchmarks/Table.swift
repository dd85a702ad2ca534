import Foundation

/// Rows of text in columns, the first to the left and the others to the right.
struct Table {
  private var rows: [[String]]

  init(_ header: [String]) {
    rows = [header]
  }

  mutating func add(_ row: [String]) {
    rows.append(row)
  }

  func print() {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + space : space + text
      }
      Swift.print(cells.joined(separator: "  "))
    }
  }
}

extension Double {
  /// With so many significant digits.
  func text(_ digits: Int = 3) -> String { String(format: "%.\(digits)g", self) }
}
