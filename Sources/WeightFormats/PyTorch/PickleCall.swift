/// What `REDUCE` and `NEWOBJ` ask for: an allowed name with its arguments, which becomes the
/// description of a tensor or a container. No function is behind it.
struct PickleCall {
  private let callee: PickleValue
  private let arguments: PickleValue

  init(_ callee: PickleValue, _ arguments: PickleValue) {
    self.callee = callee
    self.arguments = arguments
  }

  /// - Parameter copiedCount: how many items were copied before, and afterwards.
  func result(
    in heap: inout PickleHeap, copiedCount: inout Int, limits: WeightLimits
  ) throws(WeightFormatError) -> PickleValue {
    guard case .global(let global) = callee, case .tuple(let place) = arguments else {
      throw PyTorchCheckpoint.malformed("its pickle calls something that has no name")
    }
    let arguments = heap.containers[place]
    switch global {
    case .orderedDictionary: return try dictionary(arguments, &heap, &copiedCount, limits)
    case .rebuildTensor:
      // A storage, an offset, a size, strides; whether gradients are needed, hooks, metadata.
      guard (4...7).contains(arguments.count), isPlain(arguments.dropFirst(6).first, heap),
        case .storage(let storage) = arguments[0]
      else { throw Self.wrongTensor }
      return try tensor(
        arguments, type: heap.storages[storage].elementType, storage: storage, &heap)
    case .rebuildTypedTensor:
      guard (7...8).contains(arguments.count), isPlain(arguments.dropFirst(7).first, heap),
        case .storage(let storage) = arguments[0],
        case .global(.elementType(let type)) = arguments[6]
      else { throw Self.wrongTensor }
      return try tensor(arguments, type: type, storage: storage, &heap)
    case .rebuildParameter:
      guard (3...4).contains(arguments.count), case .tensor = arguments[0] else {
        throw Self.wrongTensor
      }
      return arguments[0]
    case .size:
      guard arguments.count == 1, heap.elements(of: arguments[0]) != nil else {
        throw Self.wrongTensor
      }
      return arguments[0]
    case .inert: return .opaque
    case .storage, .elementType:
      throw PyTorchCheckpoint.malformed("its pickle calls a type of elements")
    }
  }

  private static let wrongTensor = PyTorchCheckpoint.malformed(
    "its pickle describes a tensor by other parts than a storage, an offset, a size and strides")

  /// The bits that a tensor may have beside its elements, conjugate and negative, are not read.
  private func isPlain(_ metadata: PickleValue?, _ heap: PickleHeap) -> Bool {
    switch metadata {
    case nil, .some(.none): true
    case .some(.dictionary(let place)): heap.containers[place].isEmpty
    default: false
    }
  }

  private func tensor(
    _ arguments: [PickleValue], type: ElementType?, storage: Int, _ heap: inout PickleHeap
  ) throws(WeightFormatError) -> PickleValue {
    guard case .integer(let offset) = arguments[1], let shape = heap.integers(of: arguments[2]),
      let strides = heap.integers(of: arguments[3])
    else { throw Self.wrongTensor }
    return heap.tensor(
      PickledTensor(
        storage: heap.storages[storage], elementType: type, offset: offset, shape: shape,
        strides: strides))
  }

  /// Empty, or of a list of pairs, as Python 2 wrote it.
  private func dictionary(
    _ arguments: [PickleValue], _ heap: inout PickleHeap, _ copiedCount: inout Int,
    _ limits: WeightLimits
  ) throws(WeightFormatError) -> PickleValue {
    var items: [PickleValue] = []
    // The one place where elements are copied: a list that is used over and over must not be many
    // times the file.
    if let argument = arguments.first {
      guard arguments.count == 1, let pairs = heap.elements(of: argument) else {
        throw PyTorchCheckpoint.malformed("its pickle makes a dictionary of no list of pairs")
      }
      copiedCount += pairs.count
      try limits.check(
        "the number of items copied by the checkpoint's pickle", copiedCount,
        atMost: limits.pickleStepsMax, named: "pickleStepsMax")
      for pair in pairs {
        guard let pair = heap.elements(of: pair), pair.count == 2 else {
          throw PyTorchCheckpoint.malformed("its pickle makes a dictionary of no list of pairs")
        }
        items += pair
      }
    }
    return .dictionary(heap.container(items))
  }
}

extension PickledStorage {
  /// The persistent id under which a pickle refers to a storage: `"storage"`, its type, its key, the
  /// device it was on, the number of its elements, and in legacy files a part of it or `None`.
  init(_ id: PickleValue, _ heap: PickleHeap) throws(WeightFormatError) {
    let malformed = PyTorchCheckpoint.malformed(
      "its pickle refers to something outside that is no storage")
    guard case .tuple(let place) = id else { throw malformed }
    let parts = heap.containers[place]
    guard (5...6).contains(parts.count), parts[0] == .text("storage"),
      case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw malformed }
    self.key = key
    elementType = type ?? .uint8
    elementCount = count
    view = 0..<count
    guard parts.count == 6, parts[5] != .none else { return }
    guard let part = heap.elements(of: parts[5]), part.count == 3,
      case .integer(let offset) = part[1], case .integer(let partCount) = part[2],
      offset >= 0, partCount >= 0, offset <= count, partCount <= count - offset
    else { throw PyTorchCheckpoint.malformed("its pickle takes a part outside of a storage") }
    view = offset..<offset + partCount
  }
}
