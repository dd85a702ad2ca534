/// What a pickle's opcodes work on. Containers, storages and tensors are numbers of entries of a
/// ``PickleHeap``, so that values are small, a value that is used a million times is stored once,
/// and neither a cycle nor a nesting of any depth costs more than its opcodes.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  case text(String)
  /// A number or bytes that can name no tensor.
  case opaque
  case list(Int)
  case tuple(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// What the values of a pickle refer to.
struct PickleHeap {
  /// The elements of lists and tuples; of dictionaries the keys and values in turn.
  private(set) var containers: [[PickleValue]] = []
  private(set) var storages: [PickledStorage] = []
  private(set) var tensors: [PickledTensor] = []

  /// PyTorch's own limit of dimensions.
  private static let integersMax = 64

  mutating func container(_ elements: [PickleValue]) -> Int {
    containers.append(elements)
    return containers.count - 1
  }

  mutating func append(_ elements: some Sequence<PickleValue>, to container: Int) {
    containers[container].append(contentsOf: elements)
  }

  mutating func storage(_ storage: PickledStorage) -> PickleValue {
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func tensor(_ tensor: PickledTensor) -> PickleValue {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  /// The elements of a list or a tuple; `nil` for any other value.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .list(let container), .tuple(let container): containers[container]
    default: nil
    }
  }

  /// A short list or tuple of integers; `nil` for any other value.
  func integers(of value: PickleValue) -> [Int]? {
    guard let elements = elements(of: value), elements.count <= Self.integersMax else { return nil }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }
}

/// A storage as a pickle names it. Where its bytes are is known to the file around the pickle.
struct PickledStorage: Equatable {
  var key: String
  /// Of the whole storage; for plain bytes `uint8`.
  var elementType: ElementType
  var elementCount: Int
  /// The part of it that is meant: all but in files of the oldest PyTorch.
  var view: Range<Int>
}

/// A tensor as a pickle describes it, unchecked.
struct PickledTensor: Equatable {
  var storage: PickledStorage
  /// `nil` for one that is not read here.
  var elementType: ElementType?
  var offset: Int
  var shape: [Int]
  var strides: [Int]
}
