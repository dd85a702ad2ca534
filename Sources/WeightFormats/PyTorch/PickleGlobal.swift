/// The names that a pickle of tensors may use: PyTorch's element types and storages, and the
/// functions that put a tensor together from its parts. They are only recognised, never looked up.
///
/// Everything else is refused by its name, the classes of modules too: what a class or a function
/// would do with its arguments cannot be known from the file.
enum PickleGlobal: Equatable {
  /// `collections.OrderedDict`, read as a dictionary.
  case orderedDictionary
  /// `torch._utils._rebuild_tensor` and its later forms: a storage, an offset, a size, strides.
  case rebuildTensor
  /// `_rebuild_tensor_v3`, which names the element type beside a storage of plain bytes.
  case rebuildTypedTensor
  /// `_rebuild_parameter`, with or without attributes: the tensor that it is given.
  case rebuildParameter
  /// `torch.Size`, read as a tuple.
  case size
  /// Functions whose result names no tensor: a device, a memory layout, bytes from a text.
  case inert
  /// A type of storage; `nil` for plain bytes.
  case storage(ElementType?)
  /// A type of elements; `nil` for one that is not read here.
  case elementType(ElementType?)

  /// - Returns: `nil` for what is not allowed.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTypedTensor
    case ("torch._utils", "_rebuild_parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", "device"), ("torch.serialization", "_get_layout"), ("_codecs", "encode"):
      self = .inert
    case ("torch", "UntypedStorage"), ("torch.storage", "UntypedStorage"): self = .storage(nil)
    case ("torch", _), ("torch.cuda", _):
      if name.hasSuffix("Storage"), let type = Self.storages[String(name.dropLast(7))] {
        self = .storage(type)
      } else if module == "torch", Self.otherElementTypes.contains(name) {
        self = .elementType(nil)
      } else if module == "torch", let type = Self.elementTypes[name] {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storages: [String: ElementType] = [
    "Double": .float64, "Float": .float32, "Half": .float16, "BFloat16": .bfloat16,
    "Long": .int64, "Int": .int32, "Short": .int16, "Char": .int8, "Byte": .uint8, "Bool": .bool,
  ]

  private static let elementTypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
    "int64": .int64, "int32": .int32, "int16": .int16, "int8": .int8, "uint64": .uint64,
    "uint32": .uint32, "uint16": .uint16, "uint8": .uint8, "bool": .bool,
  ]

  private static let otherElementTypes: Set<String> = [
    "complex32", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
    "float8_e5m2fnuz",
  ]
}
