/// A value out of a pickle, and what it refers to.
struct Pickle {
  var root: PickleValue
  var heap: PickleHeap
}

/// A reader of Python's pickles [CPython, Lib/pickletools.py] that can make data and nothing else:
/// numbers, texts, lists, dictionaries, and PyTorch's descriptions of tensors.
///
/// Opcodes are those that `torch.save` writes in protocols 2 to 5. Names are those of
/// ``PickleGlobal``; `REDUCE` and `NEWOBJ` on them put together a description, and `BUILD` only
/// drops the attributes of a dictionary. Whatever else a pickle says is refused, and named.
struct PickleMachine {
  private var heap = PickleHeap()
  private var stack: [PickleValue] = []
  /// The heights of the stack at which marks were set.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var copiedCount = 0
  private let limits: WeightLimits

  private init(limits: WeightLimits) {
    self.limits = limits
  }

  /// Reads the pickle at the cursor, and leaves the cursor behind it.
  static func run(
    _ cursor: inout ByteCursor, limits: WeightLimits
  ) throws(WeightFormatError) -> Pickle {
    var machine = PickleMachine(limits: limits)
    var steps = 0
    while true {
      steps += 1
      try limits.check(
        "the number of opcodes of the checkpoint's pickle", steps,
        atMost: limits.pickleStepsMax, named: "pickleStepsMax")
      let code = try cursor.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw PyTorchCheckpoint.unsupported(
          "its pickle has the opcode 0x\(String(code, radix: 16)) at byte \(cursor.position - 1), "
            + "which no state dictionary needs; nothing of the file was executed. "
            + PyTorchCheckpoint.advice)
      }
      if opcode == .stop { return Pickle(root: try machine.pop(), heap: machine.heap) }
      try machine.perform(opcode, &cursor)
    }
  }

  private static func malformed(_ detail: String) -> WeightFormatError {
    PyTorchCheckpoint.malformed("its pickle \(detail)")
  }

  private mutating func perform(
    _ opcode: PickleOpcode, _ cursor: inout ByteCursor
  ) throws(WeightFormatError) {
    switch opcode {
    case .proto:
      let version = try cursor.byte()
      guard (2...5).contains(version) else {
        throw Self.malformed("is of protocol \(version); expected 2 to 5")
      }
    case .frame: _ = try cursor.bytes(8)
    case .stop: break

    case .none: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .binInt:
      stack.append(.integer(Int(Int32(truncatingIfNeeded: try cursor.integer(4)))))
    case .binInt1: stack.append(.integer(Int(try cursor.integer(1))))
    case .binInt2: stack.append(.integer(Int(try cursor.integer(2))))
    case .long1: try pushLong(&cursor, count: try cursor.integer(1))
    case .long4: try pushLong(&cursor, count: try cursor.integer(4))
    case .binFloat:
      _ = try cursor.bytes(8)
      stack.append(.opaque)

    case .shortBinUnicode, .shortBinString: try pushText(&cursor, count: try cursor.integer(1))
    case .binUnicode, .binString: try pushText(&cursor, count: try cursor.integer(4))
    case .binUnicode8: try pushText(&cursor, count: try cursor.integer(8))
    case .shortBinBytes: try pushBytes(&cursor, count: try cursor.integer(1))
    case .binBytes: try pushBytes(&cursor, count: try cursor.integer(4))
    case .binBytes8, .byteArray8: try pushBytes(&cursor, count: try cursor.integer(8))

    case .mark: marks.append(stack.count)
    case .emptyTuple: stack.append(.tuple(heap.container([])))
    case .tuple: stack.append(.tuple(heap.container(try popToMark())))
    case .tuple1: stack.append(.tuple(heap.container(try pop(1))))
    case .tuple2: stack.append(.tuple(heap.container(try pop(2))))
    case .tuple3: stack.append(.tuple(heap.container(try pop(3))))
    case .emptyList, .emptySet: stack.append(.list(heap.container([])))
    case .frozenSet: stack.append(.list(heap.container(try popToMark())))
    case .append: try append(try pop(1))
    case .appends, .addItems: try append(try popToMark())
    case .emptyDict: stack.append(.dictionary(heap.container([])))
    case .setItem: try setItems(try pop(2))
    case .setItems: try setItems(try popToMark())

    case .binPut: memo[Int(try cursor.integer(1))] = try top()
    case .longBinPut: memo[Int(try cursor.integer(4))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .binGet: try recall(Int(try cursor.integer(1)))
    case .longBinGet: try recall(Int(try cursor.integer(4)))

    case .global:
      let module = try line(&cursor)
      try pushGlobal(module: module, name: try line(&cursor))
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw Self.malformed("names a global by something else than two texts")
      }
      try pushGlobal(module: module, name: name)
    case .reduce, .newObject:
      let operands = try pop(2)
      let call = PickleCall(operands[0], operands[1])
      stack.append(
        try call.result(in: &heap, copiedCount: &copiedCount, limits: limits))
    case .build:
      // The attributes of a dictionary: PyTorch keeps its modules' versions there.
      _ = try pop()
      guard case .dictionary = try top() else {
        throw PyTorchCheckpoint.unsupported(
          "its pickle gives attributes to something else than a dictionary. "
            + PyTorchCheckpoint.advice)
      }
    case .binPersistentID:
      let id = try pop()
      stack.append(heap.storage(try PickledStorage(id, heap)))
    }
  }
}

// Values from the file.
extension PickleMachine {
  /// Integers that an `Int` does not hold can be nothing that is needed here.
  private mutating func pushLong(
    _ cursor: inout ByteCursor, count: UInt64
  ) throws(WeightFormatError) {
    let bytes = try cursor.bytes(Int(clamping: count))
    guard bytes.count <= 8 else {
      stack.append(.opaque)
      return
    }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    let bits = bytes.reversed().reduce(isNegative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
    stack.append(.integer(Int(truncatingIfNeeded: bits)))
  }

  private mutating func pushText(
    _ cursor: inout ByteCursor, count: UInt64
  ) throws(WeightFormatError) {
    let bytes = try cursor.bytes(Int(clamping: count))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.malformed("has a text that is not UTF-8, before byte \(cursor.position)")
    }
    stack.append(.text(text))
  }

  private mutating func pushBytes(
    _ cursor: inout ByteCursor, count: UInt64
  ) throws(WeightFormatError) {
    _ = try cursor.bytes(Int(clamping: count))
    stack.append(.opaque)
  }

  /// A name, up to the end of its line.
  private func line(_ cursor: inout ByteCursor) throws(WeightFormatError) -> String {
    var bytes: [UInt8] = []
    while true {
      let byte = try cursor.byte()
      guard byte != UInt8(ascii: "\n") else { return String(decoding: bytes, as: UTF8.self) }
      guard bytes.count < 256 else {
        throw Self.malformed("has a name of more than 256 bytes, before byte \(cursor.position)")
      }
      bytes.append(byte)
    }
  }

  private mutating func pushGlobal(
    module: String, name: String
  ) throws(WeightFormatError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw PyTorchCheckpoint.unsupported(
        "its pickle names \"\(shortened(module)) \(shortened(name))\", which is not data of a state "
          + "dictionary; nothing of the file was executed. " + PyTorchCheckpoint.advice)
    }
    stack.append(.global(global))
  }
}

// The stack and the memo.
extension PickleMachine {
  /// Where the values that may be taken start.
  private var floor: Int { marks.last ?? 0 }

  private func top() throws(WeightFormatError) -> PickleValue {
    guard stack.count > floor else { throw Self.malformed("takes a value that is not there") }
    return stack[stack.count - 1]
  }

  private mutating func pop() throws(WeightFormatError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// The `count` topmost values, the topmost last.
  private mutating func pop(_ count: Int) throws(WeightFormatError) -> [PickleValue] {
    guard stack.count - floor >= count else {
      throw Self.malformed("takes \(count) values where \(stack.count - floor) are")
    }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  private mutating func popToMark() throws(WeightFormatError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Self.malformed("lacks a mark") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func append(_ values: [PickleValue]) throws(WeightFormatError) {
    guard case .list(let list) = try top() else {
      throw Self.malformed("appends to something else than a list")
    }
    heap.append(values, to: list)
  }

  private mutating func setItems(_ values: [PickleValue]) throws(WeightFormatError) {
    guard case .dictionary(let dictionary) = try top() else {
      throw Self.malformed("sets an item of something else than a dictionary")
    }
    guard values.count % 2 == 0 else { throw Self.malformed("has a key without a value") }
    heap.append(values, to: dictionary)
  }

  private mutating func recall(_ place: Int) throws(WeightFormatError) {
    guard let value = memo[place] else {
      throw Self.malformed("recalls value \(place), which it never kept")
    }
    stack.append(value)
  }
}
