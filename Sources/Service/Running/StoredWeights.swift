import Storage
import WeightFormats

/// Stored weights as the bytes that weight formats read.
struct StoredWeights: ByteSource {
  let reader: BlobReader

  var byteCount: Int { reader.byteCount }

  func read(at offset: Int, count: Int) throws -> [UInt8] {
    try reader.read(at: offset, count: count)
  }
}
