/// Writes one JSON object member by member, taking in text that is JSON already: stored documents
/// are passed on without being read again.
public struct JSONObjectWriter {
  private var writer = JSONWriter()
  private var isEmpty = true

  public init() {
    writer.write(verbatim: "{")
  }

  public mutating func add(_ key: String, _ value: JSONValue) {
    begin(key)
    writer.write(value)
  }

  /// `nil` is written as `null`.
  public mutating func add(_ key: String, text: [UInt8]?) {
    begin(key)
    if let text { writer.write(verbatim: text) } else { writer.write(verbatim: "null") }
  }

  /// An object that `add` writes.
  public mutating func add(_ key: String, object add: (inout JSONObjectWriter) -> Void) {
    begin(key)
    var inner = JSONObjectWriter(writer)
    writer = JSONWriter()
    add(&inner)
    inner.writer.write(verbatim: "}")
    writer = inner.writer
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
    writer.write(verbatim: inner)
  }

  /// The finished object.
  public consuming func finish() -> [UInt8] {
    writer.write(verbatim: "}")
    return writer.bytes
  }

  /// Goes on behind what is written.
  private init(_ writer: consuming JSONWriter) {
    self.writer = writer
    self.writer.write(verbatim: "{")
  }

  private mutating func begin(_ key: String) {
    separate()
    writer.write(.string(key))
    writer.write(verbatim: ":")
  }

  private mutating func separate() {
    if !isEmpty { writer.write(verbatim: ",") }
    isEmpty = false
  }
}
