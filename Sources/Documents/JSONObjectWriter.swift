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

  /// All members of an object that is JSON text already, with whatever space is in and around it.
  public mutating func addMembers(ofObject text: [UInt8]) {
    guard let open = text.firstIndex(of: UInt8(ascii: "{")),
      let close = text.lastIndex(of: UInt8(ascii: "}")), open < close
    else { preconditionFailure("what is to be taken in is not the text of an object") }
    let inner = text[(open + 1)..<close]
    let isEmptyObject = inner.allSatisfy { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
    guard !isEmptyObject else { return }
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
