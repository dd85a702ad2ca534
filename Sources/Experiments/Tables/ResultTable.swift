/// Results in rows and columns, for a terminal and for a file.
public struct ResultTable: Sendable, Equatable {
  /// Part of the file's name: lower case, words joined by "-".
  public var name: String
  public var title: String
  public let columns: [Column]
  public private(set) var rows: [[Cell]] = []

  public struct Column: Sendable, Equatable {
    public var heading: String
    public var kind: Kind

    package init(_ heading: String, _ kind: Kind = .plain) {
      self.heading = heading
      self.kind = kind
    }

    /// What the cells hold, beside those that are missing.
    public enum Kind: Sendable, Equatable {
      /// Text, counts or numbers.
      case plain
      case share, mean, median

      /// What is added to the heading of each of the file's columns.
      var suffixes: [String] {
        switch self {
        case .plain: [""]
        case .mean: ["", " standard error", " trials"]
        case .share, .median: ["", " low", " high", " trials"]
        }
      }
    }
  }

  public enum Cell: Sendable, Equatable {
    case text(String)
    case count(Int)
    case number(Double)
    case share(Share)
    case mean(Mean)
    case median(Median)
    case missing
  }

  public init(name: String, title: String, columns: [Column]) {
    self.name = name
    self.title = title
    self.columns = columns
  }

  /// One cell a column, each of its kind.
  public mutating func add(_ row: [Cell]) {
    precondition(
      row.count == columns.count
        && zip(row, columns).allSatisfy { $0.kind == nil || $0.kind == $1.kind },
      "a row has one cell of its kind for each column")
    rows.append(row)
  }

  /// In columns, the first to the left and the others to the right.
  public var text: String {
    let lines = [columns.map(\.heading)] + rows.map { $0.map(\.text) }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + space : space + text
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// Comma-separated values (RFC 4180, lines ending with a line feed). A share or a median takes
  /// four columns (value, interval, trials), a mean three (value, standard error, trials).
  public var csv: String {
    let headings = columns.flatMap { column in
      column.kind.suffixes.map { column.heading + $0 }
    }
    let lines =
      [headings]
      + rows.map { row in
        zip(row, columns).flatMap { cell, column in
          let fields = cell.fields
          return fields.isEmpty ? column.kind.suffixes.map { _ in "" } : fields
        }
      }
    return lines.map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
  }

  package static func quoted(_ field: String) -> String {
    guard field.contains(where: { "\",\r\n".contains($0) || $0.isNewline }) else { return field }
    return "\"\(field.replacing("\"", with: "\"\""))\""
  }
}

extension ResultTable.Cell {
  /// `nil` for what stands in any column.
  fileprivate var kind: ResultTable.Column.Kind? {
    switch self {
    case .text, .count, .number: .plain
    case .share: .share
    case .mean: .mean
    case .median: .median
    case .missing: nil
    }
  }

  /// As people read it.
  public var text: String {
    switch self {
    case .text(let text): text
    case .count(let count): String(count)
    case .number(let number): number.short()
    case .share(let share):
      "\(share.value.fixed(2)) [\(share.interval.lowerBound.fixed(2)), "
        + "\(share.interval.upperBound.fixed(2))] of \(share.trials)"
    case .mean(let mean):
      "\(mean.value.short()) ± \(mean.standardError.short(2)) of \(mean.trials)"
    case .median(let median):
      "\(median.value.short()) [\(median.interval.lowerBound.short()), "
        + "\(median.interval.upperBound.short())] of \(median.trials)"
    case .missing: "-"
    }
  }

  /// As programs read it: all digits.
  fileprivate var fields: [String] {
    switch self {
    case .text(let text): [text]
    case .count(let count): ["\(count)"]
    case .number(let number): ["\(number)"]
    case .share(let share):
      [
        "\(share.value)", "\(share.interval.lowerBound)", "\(share.interval.upperBound)",
        "\(share.trials)",
      ]
    case .mean(let mean): ["\(mean.value)", "\(mean.standardError)", "\(mean.trials)"]
    case .median(let median):
      [
        "\(median.value)", "\(median.interval.lowerBound)", "\(median.interval.upperBound)",
        "\(median.trials)",
      ]
    case .missing: []
    }
  }

  /// Every number in the cell.
  package var numbers: [Double] {
    switch self {
    case .text, .missing: []
    case .count(let count): [Double(count)]
    case .number(let number): [number]
    case .share(let share):
      [share.value, share.interval.lowerBound, share.interval.upperBound, Double(share.trials)]
    case .mean(let mean): [mean.value, mean.standardError, Double(mean.trials)]
    case .median(let median):
      [median.value, median.interval.lowerBound, median.interval.upperBound, Double(median.trials)]
    }
  }
}
