/// The file that `torch.save` wrote before PyTorch 1.6, and writes still when told so: five pickles
/// (a magic number, a version, facts of the machine, the object, the keys of its storages), then for
/// each key the number of elements in 8 bytes, and the elements. Both are little-endian whatever
/// machine wrote them [pytorch, torch/csrc/serialization.cpp].
struct LegacyCheckpoint {
  let object: Pickle
  /// Where the bytes of each storage are, by its key.
  let storages: [String: Range<Int>]

  /// 0x1950a86a20f9469cfc6c, as a pickle has it.
  private static let magic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  private static let version = 1001

  static func recognises(head: [UInt8]) -> Bool {
    guard head.count >= 2 + magic.count, head[0] == PickleOpcode.proto.rawValue else {
      return false
    }
    // Protocols from 4 on put a frame around it.
    return [2, 2 + 9].contains { head.dropFirst($0).starts(with: magic) }
  }

  init(_ source: any ByteSource, limits: WeightLimits) throws(WeightFormatError) {
    var cursor = ByteCursor(source, limits: limits)
    _ = try PickleMachine.run(&cursor, limits: limits)
    let version = try PickleMachine.run(&cursor, limits: limits).root
    guard version == .integer(Self.version) else {
      throw PyTorchCheckpoint.unsupported(
        "it is of another version of PyTorch's format than \(Self.version)")
    }
    _ = try PickleMachine.run(&cursor, limits: limits)
    object = try PickleMachine.run(&cursor, limits: limits)
    let keys = try PickleMachine.run(&cursor, limits: limits)
    storages = try Self.storages(
      keys: keys, of: object.heap, source, from: cursor.position)
  }

  private static func storages(
    keys: Pickle, of heap: PickleHeap, _ source: any ByteSource, from start: Int
  ) throws(WeightFormatError) -> [String: Range<Int>] {
    var known: [String: PickledStorage] = [:]
    for storage in heap.storages { known[storage.key] = storage }
    guard let keys = keys.heap.elements(of: keys.root) else {
      throw PyTorchCheckpoint.malformed("its storages are not listed")
    }
    var ranges: [String: Range<Int>] = [:]
    var position = start
    for key in keys {
      guard case .text(let key) = key, let storage = known[key] else {
        throw PyTorchCheckpoint.malformed("it lists a storage that its pickle does not refer to")
      }
      guard source.byteCount - position >= 8 else {
        throw PyTorchCheckpoint.malformed("its storages are cut off; was the upload?")
      }
      let count = LittleEndianFields(try source.bytes(at: position, count: 8)).uint64(0)
      position += 8
      let (bytes, overflow) = count.multipliedReportingOverflow(by: storage.elementType.width)
      guard !overflow, bytes <= source.byteCount - position else {
        throw PyTorchCheckpoint.malformed(
          "storage \"\(shortened(key))\" of \(count) elements is cut off; was the upload?")
      }
      guard ranges.updateValue(position..<position + bytes, forKey: key) == nil else {
        throw PyTorchCheckpoint.malformed("it lists storage \"\(shortened(key))\" twice")
      }
      position += bytes
    }
    guard position == source.byteCount else {
      throw PyTorchCheckpoint.malformed(
        "\(source.byteCount - position) bytes follow its last storage")
    }
    return ranges
  }

  static func range(
    of storage: PickledStorage, in ranges: [String: Range<Int>]
  ) throws(WeightFormatError) -> Range<Int> {
    guard let range = ranges[storage.key] else {
      throw PyTorchCheckpoint.malformed("it lacks the storage \"\(shortened(storage.key))\"")
    }
    // Bounded when the tensor was found.
    let expected = storage.elementCount * storage.elementType.width
    guard range.count == expected else {
      throw PyTorchCheckpoint.malformed(
        "storage \"\(shortened(storage.key))\" has \(range.count) bytes; its tensors need "
          + "\(expected)")
    }
    return range
  }
}
