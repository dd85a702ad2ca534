/// Pickles built opcode by opcode, so that they can say what `torch.save` never would.
enum PickleWriter {
  static func text(_ text: String) -> [UInt8] {
    [0x58] + ZipWriter.fields((text.utf8.count, 4)) + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] {
    [0x8A, 8] + ZipWriter.fields((value, 8))
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func tuple(_ elements: [[UInt8]]) -> [UInt8] {
    [0x28] + elements.flatMap(\.self) + [0x74]
  }

  static func dictionary(_ items: KeyValuePairs<String, [UInt8]>) -> [UInt8] {
    [0x7D, 0x28] + items.flatMap { text($0.key) + $0.value } + [0x75]
  }

  static func storage(
    _ type: String = "FloatStorage", key: String = "0", count: Int = 4
  ) -> [UInt8] {
    tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count)]) + [0x51]
  }

  static func tensor(
    _ storage: [UInt8] = storage(), offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1]
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple([
        storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
        [0x4E],
      ]) + [0x52]
  }

  static func pickle(_ value: [UInt8]) -> [UInt8] {
    [0x80, 2] + value + [0x2E]
  }

  /// A checkpoint of this pickle, with a storage "0" of four elements 1, 2, 3, 4.
  static func checkpoint(_ pickle: [UInt8], storage: [UInt8]? = nil) -> [UInt8] {
    let values: [Float] = [1, 2, 3, 4]
    let bytes = values.flatMap { ZipWriter.fields((Int($0.bitPattern), 4)) }
    return ZipWriter([
      "archive/data.pkl": pickle, "archive/data/0": storage ?? bytes,
    ]).bytes
  }
}
