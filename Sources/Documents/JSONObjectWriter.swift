/// Writes one JSON object member by member, taking in text that is JSON already: stored documents
/// are passed on without being read again.
public struct JSONObjectWriter {
  private var writer = JSONWriter()
  private var isEmpty = true

  public init() {
    writer.write(verbatim: [UInt8(ascii: "{")])
  }

  public mutating func add(_ key: String, _ value: JSONValue) {
    begin(key)
    writer.write(value)
  }

  /// `nil` is written as `null`.
  public mutating func add(_ key: String, text: [UInt8]?) {
    begin(key)
    writer.write(verbatim: text ?? Array("null".utf8))
  }

  public mutating func add(_ key: String, numbers: [Float]) {
    begin(key)
    writer.write(numbers)
  }

  /// All members of an object that is JSON text already.
  public mutating func addMembers(ofObject text: [UInt8]) {
    let inner = text.dropFirst().dropLast()
    guard !inner.isEmpty else { return }
    separate()
    writer.write(verbatim: Array(inner))
  }

  /// The finished object.
  public consuming func finish() -> [UInt8] {
    writer.write(verbatim: [UInt8(ascii: "}")])
    return writer.bytes
  }

  private mutating func begin(_ key: String) {
    separate()
    writer.write(.string(key))
    writer.write(verbatim: [UInt8(ascii: ":")])
  }

  private mutating func separate() {
    if !isEmpty { writer.write(verbatim: [UInt8(ascii: ",")]) }
    isEmpty = false
  }
}
