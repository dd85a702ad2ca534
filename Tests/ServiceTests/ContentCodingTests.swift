import CZlib
import Documents
import HTTP
import HTTPTypes
import Service
import Testing

/// Compression of long JSON for clients that ask.
struct ContentCodingTests {
  @Test(
    arguments: [
      (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true), ("br", false),
      ("br, gzip;q=0.5", true), ("gzip;q=0", false), ("*", true), ("*;q=0", false),
      ("gzip;q=0, *", false), ("identity, gzip;q=0.5", false), ("identity;q=0.5, gzip", true),
      ("gzip;q=0.5, identity;q=0.5", true), ("identity;q=0", false), ("gzip;q=x", false),
      ("deflate", false), ("gzip ; q=0.001", true),
    ] as [(String?, Bool)])
  func theBetterLikedCodingIsTaken(field: String?, isGzip: Bool) {
    #expect(ContentCoding.prefersGzip(field) == isGzip)
  }

  @Test(arguments: [0, 1, 1000, 300_000])
  func whatIsCompressedCanBeReadAgain(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
    #expect(try Gzip.content(of: ContentCoding.gzip(bytes), byteCount: count) == bytes)
  }

  private static func json(_ count: Int, tag: String? = nil) -> Response {
    var fields: HTTPFields = [.contentType: "application/json", .vary: "Accept"]
    fields[.eTag] = tag
    return Response(
      .ok, fields: fields, body: .bytes([UInt8](repeating: UInt8(ascii: "1"), count: count)))
  }

  @Test func onlyLongJSONIsCompressed() throws {
    let long = Self.json(1000, tag: "\"3\"").coded(acceptEncoding: "gzip", bytesMin: 1000)
    #expect(long.fields[.contentEncoding] == "gzip")
    #expect(long.fields[.vary] == "Accept, Accept-Encoding")
    #expect(long.fields[.eTag] == "W/\"3\"")
    guard case .bytes(let bytes) = long.body else {
      Issue.record("no bytes")
      return
    }
    #expect(bytes.count < 100)
    let short = Self.json(999).coded(acceptEncoding: "gzip", bytesMin: 1000)
    #expect(short.fields[.contentEncoding] == nil && short.fields[.vary] == "Accept")
    // Caches must know, also where this client gets the bytes themselves.
    let plain = Self.json(1000, tag: "\"3\"").coded(acceptEncoding: nil, bytesMin: 1000)
    #expect(plain.fields[.contentEncoding] == nil && plain.fields[.eTag] == "\"3\"")
    #expect(plain.fields[.vary] == "Accept, Accept-Encoding")
    var picture = Self.json(1000)
    picture.fields[.contentType] = "image/png"
    let coded = picture.coded(acceptEncoding: "gzip", bytesMin: 1000)
    #expect(coded.fields[.contentEncoding] == nil && coded.fields[.vary] == "Accept")
  }

  @Test func aServerCompressesWhatItsClientAccepts() throws {
    try withService { _, client in
      let plain = try client.get("/openapi.json")
      #expect(plain.fields["content-encoding"] == nil)
      #expect(plain.fields["vary"] == "Accept-Encoding")
      let coded = try client.get("/openapi.json", fields: ["Accept-Encoding": "br, gzip"])
      #expect(coded.fields["content-encoding"] == "gzip")
      let length = try #require(Int(coded.fields["content-length"] ?? ""))
      #expect(length < plain.body.count / 3)
      #expect(coded.body == plain.body)
      let head = try client.send("HEAD", "/openapi.json", fields: ["Accept-Encoding": "gzip"])
      #expect(head.fields["content-length"] == "\(length)" && head.body.isEmpty)
      let small = try client.get("/version", fields: ["Accept-Encoding": "gzip"])
      #expect(small.fields["content-encoding"] == nil && small.fields["vary"] == nil)
    }
  }

  @Test func aCompressedInversionIsRevalidatedByItsTag() throws {
    try withService {
      $0.limits.compressedBytesMin = 256
    } _: { _, client in
      try client.uploadSmall()
      let done = try client.inverted([
        "generator": "small",
        "observation": ["values": .numbers(SmallGenerator.output(at: [0.4, -0.7]))],
      ])
      let path = "/v1/inversions/\(done["id"]?.string ?? "")"
      let coded = try client.get(path, fields: ["Accept-Encoding": "gzip"])
      #expect(coded.fields["content-encoding"] == "gzip")
      #expect(try coded.json() == done)
      let tag = try #require(coded.fields["etag"])
      #expect(tag.hasPrefix("W/"))
      #expect(try client.get(path, fields: ["If-None-Match": tag]).status == 304)
    }
  }
}

/// What gzip has compressed, as it was.
enum Gzip {
  struct Damaged: Error {}

  static func content(of bytes: [UInt8], byteCount: Int) throws -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard
      inflateInit2_(
        stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw Damaged() }
    defer { inflateEnd(stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: byteCount + 1)
    let status = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        return inflate(stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { throw Damaged() }
    return Array(output.prefix(Int(stream.pointee.total_out)))
  }
}
