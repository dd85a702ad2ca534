/// A dictionary of a checkpoint with tensors among its values.
struct StateDictionary {
  struct Member {
    var tensor: StridedTensor
    var storage: PickledStorage
  }

  /// The keys that lead to it, joined by "."; ``WeightFile/wholeName`` for the outermost value.
  var name: String
  /// In the order of the dictionary; the names are unique.
  private(set) var members: [Member] = []
  private var places: [String: Int] = [:]
  /// Whether all names start with ``wrapperPrefix``.
  private var isWrapped = true

  /// What `DataParallel` puts before the name of each tensor.
  private static let wrapperPrefix = "module."

  init(name: String) {
    self.name = name
  }

  var elementCount: Int {
    members.reduce(0) {
      let (sum, overflow) = $0.addingReportingOverflow($1.tensor.elementCount)
      return overflow ? .max : sum
    }
  }

  /// - Returns: `false` when it has a tensor of that name already.
  mutating func add(_ member: Member) -> Bool {
    guard places.updateValue(members.count, forKey: member.tensor.name) == nil else { return false }
    members.append(member)
    isWrapped = isWrapped && member.tensor.name.hasPrefix(Self.wrapperPrefix)
    return true
  }

  /// The tensor that an architecture means by `name`: of this name, or of this name within the
  /// wrapper that all tensors here are in.
  func member(_ name: String) -> Member? {
    let place = places[name] ?? (isWrapped ? places[Self.wrapperPrefix + name] : nil)
    return place.map { members[$0] }
  }

  /// The members under the names of the request; `nil` when one of those is not there.
  func members(_ request: WeightRequest) -> [(name: String, member: Member)]? {
    guard let names = request.tensorNames else {
      return members.map { ($0.tensor.name, $0) }
    }
    var found: [(String, Member)] = []
    for name in names {
      guard let member = member(name) else { return nil }
      found.append((name, member))
    }
    return found.sorted { $0.0 < $1.0 }
  }
}

/// Finds the state dictionaries in the value of a pickle, at any depth of dictionaries and lists.
struct StateDictionarySearch {
  private let heap: PickleHeap
  private let limits: WeightLimits
  private var found: [StateDictionary] = []
  private var names: Set<String> = []
  private var tensorCount = 0

  /// A container on the way, and the key under which it stands in the one before.
  private struct Step {
    var container: Int
    var isDictionary: Bool
    var key: String
    /// Its place among the steps; `nil` for the outermost value.
    var parent: Int?
    var depth: Int
  }

  /// Keys that lead to one state dictionary, at most.
  private static let depthMax = 32

  /// In the order in which the file names them.
  static func states(
    in pickle: Pickle, limits: WeightLimits
  ) throws(WeightFormatError) -> [StateDictionary] {
    var search = StateDictionarySearch(heap: pickle.heap, limits: limits)
    try search.run(from: pickle.root)
    guard !search.found.isEmpty else {
      throw PyTorchCheckpoint.unsupported(
        "it holds no dictionary of tensors. " + PyTorchCheckpoint.advice)
    }
    return search.found
  }

  private init(heap: PickleHeap, limits: WeightLimits) {
    self.heap = heap
    self.limits = limits
  }

  /// Visits every container once, wherever it is used, so that neither a cycle nor a list of a list
  /// of a list, each twice, takes longer than the pickle did.
  private mutating func run(from root: PickleValue) throws(WeightFormatError) {
    var steps: [Step] = []
    var waiting = [Self.step(to: root, key: "", from: nil, depth: 0)].compactMap(\.self)
    var visited: Set<Int> = []
    while let step = waiting.popLast() {
      guard visited.insert(step.container).inserted else { continue }
      guard step.depth <= Self.depthMax else {
        throw PyTorchCheckpoint.unsupported(
          "its dictionaries are nested deeper than \(Self.depthMax)")
      }
      let place = steps.count
      steps.append(step)
      var inner: [Step] = []
      if step.isDictionary {
        let items = heap.containers[step.container]
        var state = StateDictionary(name: "")
        for index in stride(from: 0, to: items.count - 1, by: 2) {
          let key = Self.key(items[index])
          if case .tensor(let tensor) = items[index + 1] {
            try add(heap.tensors[tensor], named: key, to: &state)
          } else if let next = Self.step(
            to: items[index + 1], key: key ?? "?", from: place, depth: step.depth + 1)
          {
            inner.append(next)
          }
        }
        if !state.members.isEmpty { try keep(state, at: place, of: steps) }
      } else {
        for (index, value) in heap.containers[step.container].enumerated() {
          if let next = Self.step(
            to: value, key: String(index), from: place, depth: step.depth + 1)
          {
            inner.append(next)
          }
        }
      }
      waiting += inner.reversed()
    }
  }

  private static func step(
    to value: PickleValue, key: String, from parent: Int?, depth: Int
  ) -> Step? {
    switch value {
    case .dictionary(let container):
      Step(container: container, isDictionary: true, key: key, parent: parent, depth: depth)
    case .list(let container), .tuple(let container):
      Step(container: container, isDictionary: false, key: key, parent: parent, depth: depth)
    default: nil
    }
  }

  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .text(let text): text
    case .integer(let integer): String(integer)
    default: nil
    }
  }

  private mutating func add(
    _ pickled: PickledTensor, named name: String?, to state: inout StateDictionary
  ) throws(WeightFormatError) {
    guard let name, !name.isEmpty else {
      throw PyTorchCheckpoint.malformed("a tensor has no name")
    }
    try limits.check(
      "the length in bytes of the tensor name \"\(shortened(name))\"", name.utf8.count,
      atMost: limits.nameBytesMax, named: "nameBytesMax")
    tensorCount += 1
    try limits.check(
      "the number of tensors", tensorCount, atMost: limits.tensorsMax, named: "tensorsMax")
    guard let type = pickled.elementType else {
      throw .elementType(
        tensor: name, found: "complex or 8-bit floating point",
        known: ElementType.allCases.map(\.rawValue))
    }
    let storage = pickled.storage
    // Counted in the tensor's own elements, which plain bytes are not.
    let (bytes, overflow) = storage.elementCount.multipliedReportingOverflow(
      by: storage.elementType.width)
    let scale = storage.elementType == type ? 1 : type.width
    guard !overflow, storage.elementType == type || storage.elementType == .uint8,
      storage.view.lowerBound == 0 || scale == 1, storage.view.count % scale == 0
    else {
      throw PyTorchCheckpoint.malformed(
        "tensor \"\(shortened(name))\" of \(type.rawValue) has a storage of "
          + "\(storage.elementCount) \(storage.elementType.rawValue)")
    }
    try limits.check(
      "the size in bytes of a storage", bytes, atMost: limits.bytesMax, named: "bytesMax")
    var tensor = try StridedTensor(
      name: name, elementType: type, shape: pickled.shape, strides: pickled.strides,
      offset: pickled.offset, storageCount: storage.view.count / scale,
      format: PyTorchCheckpoint.name, limits: limits)
    tensor.shift(by: storage.view.lowerBound)
    guard state.add(.init(tensor: tensor, storage: storage)) else {
      throw PyTorchCheckpoint.malformed("tensor \"\(shortened(name))\" is named twice")
    }
  }

  private mutating func keep(
    _ state: StateDictionary, at place: Int, of steps: [Step]
  ) throws(WeightFormatError) {
    var state = state
    state.name = try name(of: place, steps)
    try limits.check(
      "the number of elements of all tensors of \"\(shortened(state.name))\"", state.elementCount,
      atMost: limits.elementsMax, named: "elementsMax")
    found.append(state)
  }

  /// Keys may hold dots, so that different ways may read the same; the later one gets a number.
  private mutating func name(
    of place: Int, _ steps: [Step]
  ) throws(WeightFormatError) -> String {
    var keys: [String] = []
    var byteCount = 0
    var place = place
    while let parent = steps[place].parent {
      keys.append(steps[place].key)
      byteCount += steps[place].key.utf8.count + 1
      try limits.check(
        "the length in bytes of the name of a state dictionary", byteCount - 1,
        atMost: limits.nameBytesMax, named: "nameBytesMax")
      place = parent
    }
    let name = keys.isEmpty ? WeightFile.wholeName : keys.reversed().joined(separator: ".")
    var candidate = name
    var count = 1
    while !names.insert(candidate).inserted {
      count += 1
      candidate = "\(name)#\(count)"
    }
    return candidate
  }
}
