import Networks
import Testing
import WeightFormats

/// Archives that are wrong in one place are refused with the reason, and bombs before they go off.
@Suite struct ZipArchiveTests {
  /// An NPY file with the one value `value`.
  private func array(_ value: Float) -> [UInt8] {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]
      + Array(header.utf8) + ZipWriter.fields((Int(value.bitPattern), 4))
  }

  private var archive: ZipWriter { ZipWriter(["a.npy": array(1), "b.npy": array(2)]) }

  private func read(_ archive: ZipWriter) throws -> [String: Tensor] {
    try WeightFormats.read(MemoryBytes(archive.bytes)).tensors
  }

  private let tensors = [
    "a": Tensor(shape: [1], values: [1]), "b": Tensor(shape: [1], values: [2]),
  ]

  @Test func unusualArchivesAreRead() throws {
    var commented = archive
    commented.comment = Array("PK\u{5}\u{6} is no end here".utf8)
    var deflated = archive
    deflated.entries[0].data = ZipWriter.deflated(array(1))
    deflated.entries[0].method = 8
    deflated.entries[0].byteCount = array(1).count
    deflated.entries[0].checksum = ZipWriter.checksum(array(1))
    // Sizes behind the data instead of before it.
    deflated.entries[0].flags = 8
    var withFolder = archive
    withFolder.entries.insert(.init(name: "folder/", data: []), at: 1)
    for archive in [archive, commented, deflated, withFolder] {
      #expect(try read(archive) == tensors)
    }
  }

  static let wrong: [(String, reason: String, change: @Sendable (inout ZipWriter) -> Void)] = [
    ("overlap", "overlaps", { $0.entries[1].offset = 0 }),
    ("partial overlap", "overlaps", { $0.entries[1].offset = 40 }),
    (
      "same name", "two entries are named",
      {
        $0.entries[1].name = "a.npy"
      }
    ),
    ("checksum", "CRC-32", { $0.entries[1].checksum = 1 }),
    ("encrypted", "encrypted", { $0.entries[0].flags = 1 }),
    ("method", "method 12", { $0.entries[0].method = 12 }),
    ("other method in front", "described differently", { $0.entries[0].localMethod = 8 }),
    ("other name in front", "described differently", { $0.entries[0].localName = "x.npy" }),
    ("no header", "no local header", { $0.entries[0].offset = 1 }),
    ("beyond the file", "not within the file", { $0.entries[1].offset = 1 << 20 }),
    (
      "longer than the file", "not within the file",
      {
        $0.entries[1].storedCount = 1 << 20
        $0.entries[1].byteCount = 1 << 20
      }
    ),
    ("stored in fewer bytes", "is stored in", { $0.entries[1].byteCount = 50 }),
    ("64-bit sizes missing", "64-bit sizes", { $0.entries[1].byteCount = 0xFFFF_FFFF }),
    ("too few entries", "than its entries", { $0.entryCount = 1 }),
    ("too many entries", "not within the file", { $0.entryCount = 3 }),
    ("directory elsewhere", "no entry where one should start", { $0.directoryStart = 0 }),
    ("directory beyond", "not within the file", { $0.directoryStart = 1 << 30 }),
    ("directory too long", "not within the file", { $0.directoryBytes = 1 << 30 }),
    ("parts", "several parts", { $0.disk = 1 }),
    ("other members", "neither an array", { $0.entries[1].name = "b.txt" }),
  ]

  @Test func wrongArchivesAreRefusedWithTheReason() {
    for (name, reason, change) in Self.wrong {
      var archive = archive
      change(&archive)
      let message = refusal { _ = try read(archive) }?.message ?? "accepted"
      #expect(message.contains(reason), "\(name): \(message)")
    }
  }

  /// A few bytes that claim gigabytes, and a few that inflate to more than they claim.
  @Test func bombsAreRefused() {
    let data = array(1)
    func message(
      _ change: (inout ZipWriter.Entry) -> Void, limits: WeightLimits = WeightLimits()
    ) -> String {
      var archive = archive
      archive.entries[0].data = ZipWriter.deflated(data)
      archive.entries[0].method = 8
      archive.entries[0].byteCount = data.count
      archive.entries[0].checksum = ZipWriter.checksum(data)
      change(&archive.entries[0])
      return refusal {
        _ = try WeightFormats.read(MemoryBytes(archive.bytes), limits: limits)
      }?.message ?? "accepted"
    }
    #expect(message { _ in } == "accepted")
    #expect(message { $0.byteCount = 0xFFFF_FFF0 }.contains("more than deflate can hold"))
    // Within what deflate can hold, but not what is there.
    #expect(message { $0.byteCount = 70_000 }.contains("fewer than"))
    // All there, but more than the array's header says: found before it is inflated.
    #expect(
      message {
        $0.data = ZipWriter.deflated(data + [UInt8](repeating: 0, count: 60_000))
        $0.byteCount = data.count + 60_000
      }.contains("expected \(data.count)"))
    #expect(
      message { $0.data = ZipWriter.deflated(data + [UInt8](repeating: 0, count: 60_000)) }
        .contains("inflates to more"))
    #expect(
      message { $0.data = ZipWriter.deflated(Array(data.dropLast())) }.contains("inflates to"))
    #expect(message { $0.data.append(0) }.contains("follow"))
    #expect(message { $0.data.removeLast(9) }.contains("cut off"))
    #expect(message { $0.data[0] = 7 }.contains("damaged"))
  }

  @Test func theDirectoryIsBounded() {
    let limits = WeightLimits(headerBytesMax: 200, tensorsMax: 2)
    let small = archive.bytes
    #expect(refusal { _ = try WeightFormats.read(MemoryBytes(small), limits: limits) } == nil)
    var long = archive
    long.entries.append(.init(name: String(repeating: "n", count: 200) + "/", data: []))
    guard
      case .limit("headerBytesMax", _, _, 200) = refusal(of: {
        _ = try WeightFormats.read(MemoryBytes(long.bytes), limits: limits)
      })
    else {
      Issue.record("a long directory was accepted")
      return
    }
    var many = ZipWriter([:])
    many.entries = [.init(name: "a.npy", data: array(1))]
    many.entries += (0..<18).map { .init(name: "f\($0)/", data: []) }
    guard
      case .limit("tensorsMax", _, 19, 18) = refusal(of: {
        _ = try WeightFormats.read(MemoryBytes(many.bytes), limits: WeightLimits(tensorsMax: 2))
      })
    else {
      Issue.record("many entries were accepted")
      return
    }
  }
}
