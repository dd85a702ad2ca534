/// Why bytes are not the signal they were said to be, or why a signal has no such form.
public enum SignalFormatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first bytes are not the format's signature.
  case signature(format: String, found: [UInt8])
  /// A version of the NPY format that does not exist yet.
  case version(major: Int, minor: Int)
  /// The NPY header breaks its grammar, `offset` bytes from the start of the header's text.
  case header(offset: Int, detail: String)
  /// An NPY element type that is not a number this library reads.
  case elementType(String)
  /// Fewer bytes than the header promises.
  case truncated(format: String, expected: Int, found: Int)
  /// More bytes than the header promises.
  case trailing(format: String, expected: Int, found: Int)
  /// A size over one of the limits, or beyond what the machine can count (`limit == Int.max`).
  case tooLarge(quantity: String, value: Int, limit: Int)
  /// A PNG file that breaks its format; `detail` says where.
  case png(detail: String)
  /// A shape that has no picture.
  case notDrawable(shape: [Int])

  /// What was found, what was expected, and what to try.
  public var message: String {
    switch self {
    case .signature(let format, let found):
      let shown = found.map { String($0, radix: 16) }.joined(separator: " ")
      return "not \(format): it starts with the bytes [\(shown)]; send the file as it was saved"
    case .version(let major, let minor):
      return "NPY version \(major).\(minor) is not known; expected 1.0, 2.0 or 3.0, "
        + "which numpy.save writes"
    case .header(let offset, let detail):
      return "the NPY header is damaged: \(detail) at byte \(offset) of the header's text"
    case .elementType(let found):
      return "the NPY element type \"\(found)\" cannot be read; expected floating point "
        + "(f2, f4, f8), integers (i1 to i8, u1 to u8) or booleans (b1): "
        + "save array.astype(numpy.float32)"
    case .truncated(let format, let expected, let found):
      return "the \(format) is cut off: \(expected) bytes were expected, \(found) are there"
    case .trailing(let format, let expected, let found):
      return "the \(format) is followed by something else: \(expected) bytes were expected, "
        + "\(found) are there"
    case .tooLarge(let quantity, let value, let limit):
      return limit == .max
        ? "\(quantity) is beyond what can be counted"
        : "\(quantity) is \(value); at most \(limit) is accepted"
    case .png(let detail):
      return "the PNG cannot be read: \(detail)"
    case .notDrawable(let shape):
      return "a signal of shape \(shape) has no picture; expected [n], [height, width] or "
        + "[channels, height, width] with no extent of zero"
    }
  }

  public var description: String { message }
}
