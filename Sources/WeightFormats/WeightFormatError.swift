/// Why a weight file was not accepted.
public enum WeightFormatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no such file, or it may not be read.
  case cannotOpen(path: String, reason: String)
  /// The source failed to give bytes that it should have.
  case unreadable(offset: Int, count: Int, reason: String)
  /// No format of the catalogue recognises the first bytes.
  case unrecognised(firstBytes: [UInt8], known: [String])
  /// The file breaks its format; `detail` says where, and what was expected.
  case malformed(format: String, detail: String)
  /// A valid file of what cannot be loaded, such as an operator that is not known here; `detail`
  /// names it, and what is supported.
  case unsupported(format: String, detail: String)
  /// A size over one of ``WeightLimits``, which `name` names.
  case limit(name: String, quantity: String, value: Int, limit: Int)
  /// A tensor's element type that the format does not define, or that is not read here.
  case elementType(tensor: String, found: String, known: [String])
  /// A weight that is NaN or infinite, also because a `Float` cannot hold it.
  case nonFinite(tensor: String, index: Int, value: Double)
  /// An integer or boolean that a `Float` does not hold exactly.
  case inexact(tensor: String, index: Int, value: String, elementType: ElementType)
  /// The architecture in the file is not JSON.
  case architecture(format: String, detail: String)

  /// The file carries no architecture, and none was given beside it.
  case architectureMissing(format: String)
  /// No state dictionary has the name that was asked for, or the tensors that the architecture names.
  case stateMissing(detail: String, known: [String])
  /// The architecture fits several state dictionaries.
  case stateAmbiguous(fitting: [String])

  /// What was found, what was expected, and what to try.
  public var message: String {
    switch self {
    case .cannotOpen(let path, let reason):
      return "cannot open \(path): \(reason)"
    case .unreadable(let offset, let count, let reason):
      return "cannot read \(count) bytes at \(offset): \(reason)"
    case .unrecognised(let firstBytes, let known):
      let shown = firstBytes.prefix(16).map(Self.hexadecimal).joined(separator: " ")
      return "no known weight file starts with the bytes [\(shown)]; expected one of: "
        + known.joined(separator: ", ")
    case .malformed(let format, let detail):
      return "not a valid \(format) file: \(detail)"
    case .unsupported(let format, let detail):
      return "this \(format) file cannot be loaded: \(detail)"
    case .limit(let name, let quantity, let value, let limit):
      let shown = value == .max ? "more than can be counted" : String(value)
      return "\(quantity) is \(shown); at most \(limit) is accepted (limit \(name))"
    case .elementType(let tensor, let found, let known):
      return "tensor \"\(tensor)\" has the element type \"\(found)\"; expected one of: "
        + known.joined(separator: ", ")
    case .nonFinite(let tensor, let index, let value):
      let reason = value.isFinite ? "is beyond the range of a 32-bit float" : "is not finite"
      return "tensor \"\(tensor)\": the value \(value) at index \(index) \(reason); "
        + "weights must be finite: was the training diverging?"
    case .inexact(let tensor, let index, let value, let elementType):
      return "tensor \"\(tensor)\" (\(elementType.rawValue)): the value \(value) at index \(index) "
        + "is not exact as a 32-bit float; leave the tensor out, or save it as F32"
    case .architecture(let format, let detail):
      return "the architecture in the \(format) metadata is not JSON: \(detail)"
    case .architectureMissing(let format):
      return "a \(format) file without an architecture; give the document beside it"
        + (format == PyTorchCheckpoint.name
          ? "" : ", or save it in the file under \"architecture\"")
    case .stateMissing(let detail, let known):
      return "\(detail); the file's state dictionaries: \(Self.list(known))"
    case .stateAmbiguous(let fitting):
      return "the architecture fits several state dictionaries: \(Self.list(fitting)); "
        + "choose one by its name, as \"state\""
    }
  }

  public var description: String { message }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
