import Foundation
import Testing

/// A look at a server's database from outside.
enum DatabaseFile {
  /// The answer to one query, by the tool that comes with SQLite or with Python.
  static func query(_ sql: String, _ database: String, in folder: URL) throws -> String {
    let script = """
      import sqlite3, sys
      for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row)
      """
    let ending = try Program.tool(
      "python3", "-c", script, database, sql, in: folder, seconds: 30)
    #expect(ending.status == 0, "\(ending.errors)")
    return ending.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
