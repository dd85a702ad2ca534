import CZlib

/// Deflated bytes [RFC 1951] as zlib inflates them, into memory of a size that is known before.
enum Inflation {
  enum Failure: Error {
    case damaged(String)
    case source(WeightFormatError)
  }

  /// The deflated bytes are read in pieces of at most this many.
  private static let pieceBytes = 1 << 18

  /// The first `count` bytes of what `range` of the source inflates to. It stops there whatever
  /// follows, so that data which would inflate to more costs no more.
  ///
  /// - Parameter isAll: whether they must be all of it, and all of `range` used.
  static func bytes(
    in source: any ByteSource, range: Range<Int>, count: Int, isAll: Bool
  ) throws(Failure) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    // Negative: without zlib's own header.
    let status = inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .damaged("zlib fails with \(status)") }
    defer { inflateEnd(stream) }

    var failure: Failure?
    // One byte more than wanted, to see whether anything follows.
    let bytes = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
      do throws(Failure) {
        try fill(buffer, stream, from: source, range, count: count, isAll: isAll)
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, _ stream: UnsafeMutablePointer<z_stream>,
    from source: any ByteSource, _ range: Range<Int>, count: Int, isAll: Bool
  ) throws(Failure) {
    let wanted = isAll ? count + 1 : count
    var written = 0
    var position = range.lowerBound
    var status = Z_OK
    while status != Z_STREAM_END, written < wanted {
      guard position < range.upperBound else { throw .damaged("its deflated bytes are cut off") }
      let piece: [UInt8]
      do {
        piece = try source.bytes(at: position, count: min(pieceBytes, range.upperBound - position))
      } catch {
        throw .source(error)
      }
      let used = piece.withUnsafeBufferPointer { input in
        // zlib only reads from there; it is not declared so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        repeat {
          let room = min(wanted - written, 1 << 30)
          stream.pointee.next_out = buffer.baseAddress! + written
          stream.pointee.avail_out = UInt32(room)
          status = inflate(stream, Z_NO_FLUSH)
          written += room - Int(stream.pointee.avail_out)
        } while status == Z_OK && written < wanted
          && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
        return input.count - Int(stream.pointee.avail_in)
      }
      position += used
      guard status == Z_OK || status == Z_STREAM_END || (status == Z_BUF_ERROR && used > 0) else {
        throw .damaged("its deflated bytes are damaged (zlib's status \(status))")
      }
    }
    guard written <= count else {
      throw .damaged("it inflates to more than the \(count) bytes that the archive says")
    }
    guard written == count else {
      throw .damaged("it inflates to \(written) bytes, fewer than the archive says")
    }
    guard !isAll || position == range.upperBound else {
      throw .damaged("\(range.upperBound - position) bytes follow its deflated ones")
    }
  }
}

/// The checksum of ZIP archives [ITU-T V.42], of pieces one after the other.
struct CRC32 {
  private(set) var value: UInt32 = 0

  mutating func add(_ bytes: [UInt8]) {
    value = bytes.withUnsafeBufferPointer {
      UInt32(crc32_z(UInt(value), $0.baseAddress, $0.count))
    }
  }
}
