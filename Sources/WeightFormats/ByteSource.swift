#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the bytes of a weight file come from: memory, a file, a blob in a database. A reader takes
/// them piece by piece, so that a file is never whole in memory beside its tensors.
public protocol ByteSource: Sendable {
  /// The size of the whole, fixed.
  var byteCount: Int { get }

  /// Exactly `count` bytes from `offset` on.
  /// - Throws: any error when they cannot be had, also when they are not within the whole. Readers
  ///   report it as `WeightFormatError.unreadable`.
  func read(at offset: Int, count: Int) throws -> [UInt8]
}

extension ByteSource {
  /// The bytes, with every failure and every wrong number of bytes as one kind of error.
  func bytes(at offset: Int, count: Int) throws(WeightFormatError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try read(at: offset, count: count)
    } catch let error as WeightFormatError {
      throw error
    } catch {
      throw .unreadable(offset: offset, count: count, reason: String(describing: error))
    }
    guard bytes.count == count else {
      throw .unreadable(offset: offset, count: count, reason: "only \(bytes.count) bytes came")
    }
    return bytes
  }

  /// At most `count` bytes from the start.
  func head(_ count: Int) throws(WeightFormatError) -> [UInt8] {
    try bytes(at: 0, count: min(count, byteCount))
  }

  fileprivate func checkRange(_ offset: Int, _ count: Int) throws(WeightFormatError) {
    guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .unreadable(
        offset: offset, count: count, reason: "the source has \(byteCount) bytes")
    }
  }
}

/// Bytes that are in memory already.
public struct MemoryBytes: ByteSource {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  public var byteCount: Int { bytes.count }

  public func read(at offset: Int, count: Int) throws -> [UInt8] {
    try checkRange(offset, count)
    return Array(bytes[offset..<offset + count])
  }
}

/// A part of another source, as a source of its own.
struct PartBytes: ByteSource {
  private let whole: any ByteSource
  private let range: Range<Int>

  /// - Parameter range: within the whole.
  init(of whole: any ByteSource, _ range: Range<Int>) {
    self.whole = whole
    self.range = range
  }

  var byteCount: Int { range.count }

  func read(at offset: Int, count: Int) throws -> [UInt8] {
    try checkRange(offset, count)
    return try whole.read(at: range.lowerBound + offset, count: count)
  }
}

/// A file that stays open as long as this lives. Its size is taken once, when it is opened.
public final class FileBytes: ByteSource {
  public let byteCount: Int
  private let path: String
  private let descriptor: Int32

  /// - Throws: `WeightFormatError.cannotOpen` when there is no regular file that may be read.
  public init(path: String) throws(WeightFormatError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, reason: Self.text(of: errno))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .cannotOpen(path: path, reason: "it is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit {
    close(descriptor)
  }

  public func read(at offset: Int, count: Int) throws -> [UInt8] {
    try checkRange(offset, count)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    guard failure == 0 else {
      throw WeightFormatError.unreadable(
        offset: offset, count: count, reason: "\(path): \(Self.text(of: failure))")
    }
    guard bytes.count == count else {
      throw WeightFormatError.unreadable(
        offset: offset, count: count, reason: "\(path) has become shorter while it was read")
    }
    return bytes
  }

  private static func text(of error: Int32) -> String {
    String(cString: strerror(error))
  }
}
