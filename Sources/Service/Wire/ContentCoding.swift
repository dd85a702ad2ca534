import CZlib
import HTTP
import HTTPTypes

/// `Content-Encoding: gzip` for long JSON [RFC 9110, sections 8.4 and 12.5.3; RFC 1952].
package enum ContentCoding {
  /// Little effort: documents are mostly digits, which hardly shrink further.
  private static let level: Int32 = 3

  /// Whether an `Accept-Encoding` field likes gzip at least as well as the bytes themselves.
  package static func prefersGzip(_ accept: String?) -> Bool {
    guard let accept else { return false }
    var qualities: [String: Double] = [:]
    for item in accept.split(separator: ",") {
      let name = MediaType.essence(String(item))
      let text = MediaType.parameter("q", of: String(item))
      let quality = text.map { Double($0) ?? 0 } ?? 1
      qualities[name == "x-gzip" ? "gzip" : name] = min(max(quality, 0), 1)
    }
    let gzip = qualities["gzip"] ?? qualities["*"] ?? 0
    return gzip > 0 && gzip >= qualities["identity"] ?? 0
  }

  /// The bytes as one gzip member.
  package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    // 16 more: with gzip's header in place of zlib's.
    let status = deflateInit2_(
      stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot begin: \(status)")
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      bytes.withUnsafeBufferPointer { input in
        // zlib only reads from there; it is not declared so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        let status = deflate(stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "zlib cannot finish: \(status)")
      }
      count = Int(stream.pointee.total_out)
    }
  }
}

extension Response {
  /// The response as this client wants it coded: JSON of at least `bytesMin` bytes as gzip where
  /// that is accepted. An entity tag becomes weak with it, since the bytes are others then.
  package func coded(acceptEncoding: String?, bytesMin: Int) -> Response {
    guard fields[.contentType] == "application/json", case .bytes(let bytes) = body,
      (bytesMin...max(bytesMin, Int(Int32.max))).contains(bytes.count)
    else { return self }
    var response = self
    response.fields[.vary] = [fields[.vary], "Accept-Encoding"].compactMap(\.self)
      .joined(separator: ", ")
    guard ContentCoding.prefersGzip(acceptEncoding) else { return response }
    response.fields[.contentEncoding] = "gzip"
    if let tag = fields[.eTag], !tag.hasPrefix("W/") { response.fields[.eTag] = "W/\(tag)" }
    response.body = .bytes(ContentCoding.gzip(bytes))
    return response
  }
}
