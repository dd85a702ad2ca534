/// A checkpoint taken apart: its state dictionaries, and where their storages are. Of a storage
/// nothing was read.
struct CheckpointFile {
  /// Never empty, in the order in which the file names them.
  var states: [StateDictionary]
  /// `true` when the storages were written by a big-endian machine.
  var isBigEndian: Bool
  var metadata: [String: String]
  private let storages: CheckpointStorages

  init(_ source: any ByteSource, limits: WeightLimits) throws(WeightFormatError) {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    let pickle: Pickle
    if LegacyCheckpoint.recognises(head: try source.head(WeightFormats.headBytes)) {
      let file = try LegacyCheckpoint(source, limits: limits)
      pickle = file.object
      // Legacy storages are little-endian whatever machine wrote them.
      isBigEndian = false
      storages = .file(source, file.storages)
      metadata = ["layout": "legacy"]
    } else {
      let file = try CheckpointArchive(source, limits: limits)
      pickle = file.object
      isBigEndian = file.isBigEndian
      storages = .archive(file)
      metadata = ["layout": "zip"]
    }
    states = try StateDictionarySearch.states(in: pickle, limits: limits)
    for state in states {
      for member in state.members { _ = try place(of: member.storage) }
    }
  }

  /// Where the bytes of a storage stand in the file, compressed or not.
  func place(of storage: PickledStorage) throws(WeightFormatError) -> Range<Int> {
    switch storages {
    case .archive(let archive): try archive.entry(of: storage).range
    case .file(_, let ranges): try LegacyCheckpoint.range(of: storage, in: ranges)
    }
  }

  /// The bytes of a storage, which were found undamaged where the file has a checksum of them.
  func source(of storage: PickledStorage) throws(WeightFormatError) -> any ByteSource {
    switch storages {
    case .archive(let archive): try archive.archive.source(of: archive.entry(of: storage))
    case .file(let source, let ranges):
      PartBytes(of: source, try LegacyCheckpoint.range(of: storage, in: ranges))
    }
  }
}

private enum CheckpointStorages {
  case archive(CheckpointArchive)
  case file(any ByteSource, [String: Range<Int>])
}

/// The ZIP archive that `torch.save` writes since PyTorch 1.6: under one folder the pickle
/// `data.pkl`, the storages `data/KEY`, and `byteorder`.
struct CheckpointArchive {
  let archive: ZipArchive
  let object: Pickle
  let isBigEndian: Bool
  private let root: String

  init(_ source: any ByteSource, limits: WeightLimits) throws(WeightFormatError) {
    archive = try ZipArchive(source, format: PyTorchCheckpoint.name, limits: limits)
    let pickles = archive.entries.filter {
      $0.name == Self.pickleName || $0.name.hasSuffix("/" + Self.pickleName)
    }
    guard let entry = pickles.first, pickles.count == 1 else {
      throw PyTorchCheckpoint.malformed(
        "the archive has \(pickles.count) entries \(Self.pickleName); expected one")
    }
    root = String(entry.name.dropLast(Self.pickleName.count))
    guard archive[root + "constants.pkl"] == nil else {
      throw PyTorchCheckpoint.unsupported(
        "it is a TorchScript program. " + PyTorchCheckpoint.advice)
    }
    try limits.check(
      "the size in bytes of the checkpoint's pickle", entry.byteCount,
      atMost: limits.headerBytesMax, named: "headerBytesMax")
    var cursor = ByteCursor(MemoryBytes(try archive.bytes(of: entry)), limits: limits)
    object = try PickleMachine.run(&cursor, limits: limits)
    guard cursor.position == entry.byteCount else {
      throw PyTorchCheckpoint.malformed(
        "\(entry.byteCount - cursor.position) bytes follow the end of the pickle")
    }
    isBigEndian = try Self.isBigEndian(archive, root: root)
  }

  private static let pickleName = "data.pkl"

  /// Files before PyTorch 2.1 do not say; they are of little-endian machines as good as ever.
  private static func isBigEndian(
    _ archive: ZipArchive, root: String
  ) throws(WeightFormatError) -> Bool {
    guard let entry = archive[root + "byteorder"] else { return false }
    let text = String(
      decoding: try archive.bytes(of: entry, atMost: 16), as: UTF8.self)
    guard ["little", "big"].contains(text) else {
      throw PyTorchCheckpoint.malformed(
        "its byte order is \"\(text)\"; expected little or big")
    }
    return text == "big"
  }

  func entry(of storage: PickledStorage) throws(WeightFormatError) -> ZipArchive.Entry {
    let name = "\(root)data/\(storage.key)"
    guard let entry = archive[name] else {
      throw PyTorchCheckpoint.malformed("the archive lacks the storage \"\(shortened(name))\"")
    }
    // Bounded when the tensor was found.
    let expected = storage.elementCount * storage.elementType.width
    guard entry.byteCount == expected else {
      throw PyTorchCheckpoint.malformed(
        "the storage \"\(shortened(name))\" has \(entry.byteCount) bytes; its tensors need "
          + "\(expected)")
    }
    return entry
  }
}
