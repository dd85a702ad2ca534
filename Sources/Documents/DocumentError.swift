/// A document that cannot be accepted, with each field at fault.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// The document breaks its own grammar: unknown or missing fields, wrong kinds of values,
    /// values out of range.
    case malformed
    /// Every field is well formed, but together, or with the generator at hand, they cannot be
    /// carried out.
    case unprocessable
  }

  public struct Field: Sendable, Equatable {
    /// A JSON Pointer to the field [RFC 6901]; empty for the whole document.
    public var pointer: String
    public var detail: String

    public init(pointer: String, detail: String) {
      self.pointer = pointer
      self.detail = detail
    }
  }

  public var kind: Kind
  public var fields: [Field]

  public init(kind: Kind, fields: [Field]) {
    self.kind = kind
    self.fields = fields
  }

  public static func malformed(_ pointer: String, _ detail: String) -> DocumentError {
    DocumentError(kind: .malformed, fields: [Field(pointer: pointer, detail: detail)])
  }

  public static func unprocessable(_ pointer: String, _ detail: String) -> DocumentError {
    DocumentError(kind: .unprocessable, fields: [Field(pointer: pointer, detail: detail)])
  }

  public var description: String {
    fields.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }
      .joined(separator: "; ")
  }
}
