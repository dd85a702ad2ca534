import Yams

/// A configuration file: YAML of two levels, group and name, with a scalar for each setting.
struct SettingsFile {
  struct Entry: Equatable {
    var key: String
    var value: String
    /// From 1.
    var line: Int
  }

  let entries: [Entry]

  /// - Parameter source: What to call the file in messages.
  init(yaml: String, source: String) throws(ConfigurationError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      // Yams draws the line with a caret below it; the first lines say what and where.
      throw ConfigurationError(faults: [.unreadable(source, "not YAML: \(error)")])
    }
    // A file of comments only has no root and sets nothing.
    guard let root else {
      entries = []
      return
    }
    var faults: [ConfigurationError.Fault] = []
    var entries: [Entry] = []
    func at(_ node: Node) -> String { "\(source):\(node.mark?.line ?? 0)" }

    guard let groups = root.mapping else {
      throw ConfigurationError(faults: [.unreadable(at(root), "expected groups of settings")])
    }
    for (groupNode, namesNode) in groups {
      let group = groupNode.string ?? ""
      guard let names = namesNode.mapping else {
        // `http:` with everything below it commented out.
        let isEmpty = namesNode.scalar?.string.isEmpty ?? false
        if !isEmpty || !Setting.all.contains(where: { $0.group == group }) {
          faults.append(
            .unknown(group, from: at(groupNode), known: Setting.all.map(\.group)))
        }
        continue
      }
      for (nameNode, valueNode) in names {
        let key = "\(group).\(nameNode.string ?? "")"
        guard let value = valueNode.scalar?.string else {
          faults.append(
            Self.fault(ofStructureAt: key, from: at(nameNode)))
          continue
        }
        entries.append(Entry(key: key, value: value, line: nameNode.mark?.line ?? 0))
      }
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    self.entries = entries
  }

  private static func fault(
    ofStructureAt key: String, from source: String
  ) -> ConfigurationError.Fault {
    guard let setting = Setting.all.first(where: { $0.key == key }) else {
      return .unknown(key, from: source, known: Setting.all.map(\.key))
    }
    return .wrong(setting, value: "a list or group", from: source)
  }
}
