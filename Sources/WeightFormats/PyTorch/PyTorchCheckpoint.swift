import Networks

/// What `torch.save` writes, as an archive or in its legacy form: a pickle with the state
/// dictionaries of modules, and the storages of their tensors.
///
/// The pickle is read by ``PickleMachine``, which makes data of it and executes nothing; a file that
/// needs more, such as a whole module, is refused and what it names is shown. A checkpoint may hold
/// much beside a generator: states are told apart by the keys that lead to them, and tensors that
/// the architecture does not name are left alone.
public struct PyTorchCheckpoint: WeightFormat {
  public init() {}

  public var name: String { Self.name }

  public var mediaTypes: [String] { ["application/x-pytorch"] }

  static let name = "pytorch"

  /// A legacy file by its magic number, an archive by its folder: NumPy's archives have none, or
  /// names that end with ".npy" all the same.
  public func recognises(head: [UInt8], byteCount: Int) -> Bool {
    if LegacyCheckpoint.recognises(head: head) { return true }
    guard let first = ZipArchive.firstName(in: head) else { return false }
    return first.contains("/") && !NPZ().recognises(head: head, byteCount: byteCount)
  }

  /// All state dictionaries.
  public func summary(
    of source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightSummary {
    let file = try CheckpointFile(source, limits: limits)
    var states: [WeightSummary.State] = []
    for state in file.states {
      var entries: [WeightSummary.Entry] = []
      for member in state.members {
        entries.append(
          .init(
            name: member.tensor.name, elementType: member.tensor.elementType,
            shape: member.tensor.shape, byteRange: try file.place(of: member.storage)))
      }
      states.append(.init(name: state.name, tensors: entries))
    }
    return WeightSummary(
      format: name, states: states, architecture: nil, metadata: file.metadata)
  }

  /// All tensors of all state dictionaries.
  public func read(
    _ source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    try read(source, request: WeightRequest(), limits: limits)
  }

  /// Values go from the file into the tensors piece by piece. Only a storage that is deflated, or whose
  /// tensor's elements do not follow one another, is in memory beside the result.
  public func read(
    _ source: any ByteSource, request: WeightRequest, limits: WeightLimits
  ) throws(WeightFormatError) -> WeightFile {
    let file = try CheckpointFile(source, limits: limits)
    let chosen = try Self.states(of: file, for: request)
    var states = chosen.map { WeightFile.State(name: $0.name, tensors: [:]) }
    var readings: [PickledStorage.Identity: [Reading]] = [:]
    var order: [PickledStorage.Identity] = []
    var elementCount = 0
    for (place, state) in chosen.enumerated() {
      for (name, member) in state.members {
        // Each state is within the limit, and so is their sum so far.
        elementCount += member.tensor.elementCount
        try limits.check(
          "the number of elements of all tensors", elementCount, atMost: limits.elementsMax,
          named: "elementsMax")
        let identity = PickledStorage.Identity(
          key: member.storage.key, elementType: member.tensor.elementType)
        if readings[identity] == nil { order.append(identity) }
        readings[identity, default: []].append(
          Reading(state: place, name: name, member: member))
      }
    }
    for identity in order {
      guard let readings = readings[identity] else { continue }
      let storage = try file.source(of: readings[0].member.storage)
      for reading in readings {
        states[reading.state].tensors[reading.name] = try reading.member.tensor.tensor(
          in: storage, isBigEndian: file.isBigEndian)
      }
    }
    return WeightFile(
      format: name, states: states, mayHoldMore: true, metadata: file.metadata)
  }

  /// A tensor to be read out of a storage.
  private struct Reading {
    var state: Int
    var name: String
    var member: StateDictionary.Member
  }

  private typealias Choice = (
    name: String, members: [(name: String, member: StateDictionary.Member)]
  )

  private static func states(
    of file: CheckpointFile, for request: WeightRequest
  ) throws(WeightFormatError) -> [Choice] {
    let known = file.states.map(\.name)
    let candidates = file.states.filter { request.state == nil || $0.name == request.state }
    guard !candidates.isEmpty else {
      throw .stateMissing(
        detail: "there is no state dictionary \"\(shortened(request.state ?? ""))\"", known: known)
    }
    let chosen = candidates.compactMap { state in
      state.members(request).map { (state.name, $0) }
    }
    guard !chosen.isEmpty else {
      throw .stateMissing(detail: lack(of: candidates, request.tensorNames ?? []), known: known)
    }
    return chosen
  }

  /// Which tensor the state lacks that has most of those asked for.
  private static func lack(of states: [StateDictionary], _ names: Set<String>) -> String {
    let counts = states.map { state in names.count { state.member($0) == nil } }
    let place = counts.indices.min { counts[$0] < counts[$1] } ?? 0
    let nearest = states[place]
    let missing = names.filter { nearest.member($0) == nil }.sorted()
    let first = missing.first.map { "\"\(shortened($0))\"" } ?? "nothing"
    let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
    return "no state dictionary has all tensors that the architecture names: "
      + "\"\(shortened(nearest.name))\" lacks \(first)\(others)"
  }
}

// What the files of this folder share.
extension PyTorchCheckpoint {
  static let advice = "Save the state dictionary alone: torch.save(model.state_dict(), path)"

  static func malformed(_ detail: String) -> WeightFormatError {
    .malformed(format: name, detail: detail)
  }

  static func unsupported(_ detail: String) -> WeightFormatError {
    .unsupported(format: name, detail: detail)
  }
}

extension PickledStorage {
  /// Storages of one key are one; which bytes make an element of it depends on the tensor.
  fileprivate struct Identity: Hashable {
    var key: String
    var elementType: ElementType
  }
}
