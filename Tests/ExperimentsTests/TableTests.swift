import Experiments
import Testing

/// Tables come back from CSV as they were, and stand in columns.
struct TableTests {
  /// The fields of RFC 4180 text.
  private static func parse(_ csv: String) -> [[String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    var characters = csv.makeIterator()
    var pending = characters.next()
    while let character = pending {
      pending = characters.next()
      let row = rows.count - 1
      let field = rows[row].count - 1
      switch character {
      case "\"" where isQuoted && pending == "\"":
        rows[row][field].append("\"")
        pending = characters.next()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: rows[row].append("")
      case "\n" where !isQuoted: rows.append([""])
      default: rows[row][field].append(character)
      }
    }
    rows.removeLast()
    return rows
  }

  private static let table: ResultTable = {
    var table = ResultTable(
      name: "all", title: "All kinds",
      columns: [
        .init("text, \"quoted\""), .init("number"), .init("share", .share), .init("mean", .mean),
        .init("median", .median),
      ])
    table.add([
      .text("a, \"b\"\nc"), .number(0.1), .share(Share(3, of: 4)), .mean(Mean([1, 2, 4])),
      .median(Median([3, 1, 2])),
    ])
    table.add([.text("ü"), .count(7), .missing, .missing, .missing])
    return table
  }()

  @Test func whatIsQuotedComesBack() {
    let rows = Self.parse(Self.table.csv)
    #expect(rows.count == 3)
    #expect(rows.allSatisfy { $0.count == 2 + 4 + 3 + 4 })
    #expect(rows[0].prefix(4) == ["text, \"quoted\"", "number", "share", "share low"])
    #expect(rows[0].suffix(2) == ["median high", "median trials"])
    #expect(rows[1].prefix(3) == ["a, \"b\"\nc", "0.1", "0.75"])
    #expect(rows[1][5] == "4" && Double(rows[1][6]) == 7.0 / 3)
    #expect(rows[2] == ["ü", "7"] + Array(repeating: "", count: 11))
  }

  @Test(arguments: ["", "plain", "a,b", "\"", "\"\"", "a\r\nb", "x\ny", " spaced "])
  func anyFieldSurvives(field: String) {
    let parsed = Self.parse(ResultTable.quoted(field) + "," + ResultTable.quoted(field) + "\n")
    #expect(parsed == [[field, field]])
  }

  @Test func columnsAreAligned() {
    var table = Self.table
    table.add([.text("x"), .number(-1e-9), .share(Share(0, of: 9)), .missing, .missing])
    let lines = table.text.replacing("\nc", with: " c").split(separator: "\n")
    #expect(lines.count == 4)
    // Of the row with a line break inside the text, the columns after it shift; of the others not.
    #expect(lines[2].count == lines[3].count && lines[0].count == lines[2].count)
    #expect(lines[2].hasSuffix("-"))
    #expect(table.text.contains("0.75 [0.30, 0.95] of 4"))
  }
}
