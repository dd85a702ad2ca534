// What root makes of a service's database is the service's; nothing else is given away.

import Foundation
import Storage
import Testing

@Suite("Owners of files", .enabled(if: geteuid() == 0, "only root gives files away"))
struct FileOwnerTests {
  private func owner(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? Int
  }

  @Test("a database that root makes in the folder of a service is the service's, with its log")
  func made() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(FileOwner.entitled(to: folder + "/db.sqlite") == nil, "it is root's")
    #expect(chown(folder, 4001, 4002) == 0)
    let path = folder + "/db.sqlite"
    let entitled = try #require(FileOwner.entitled(to: path))
    try Database(path: path).close()
    // Of another, and what a link leads to.
    let stranger = folder + "/stranger"
    try Data().write(to: URL(fileURLWithPath: stranger))
    try FileManager.default.removeItem(atPath: path + ".writer")
    try FileManager.default.createSymbolicLink(
      atPath: path + ".writer", withDestinationPath: stranger)
    #expect(chown(path + ".lock", 5001, 5001) == 0)
    try entitled.takeOver(path)
    #expect(try owner(path) == 4001 && owner(path + "-wal") == 4001)
    #expect(try owner(path + ".lock") == 5001 && owner(stranger) == 0)
    #expect(FileOwner.entitled(to: path) == entitled)
  }
}
