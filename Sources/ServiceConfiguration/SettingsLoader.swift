import Configuration
import Foundation

/// Reads the settings: an option over the environment over the configuration file over the default.
///
/// Nothing global is touched: options, environment and the reading of files are passed in. Whatever
/// is unknown, of the wrong kind or out of range is refused, all of it in one error.
public struct SettingsLoader: Sendable {
  /// The option that names the configuration file; `PREIMAGE_CONFIG` does too.
  public static let fileOption = "config"

  private let options: [String: String]
  private let environment: [String: String]
  private let readFile: @Sendable (String) throws -> String

  /// - Parameters:
  ///   - options: What was given on the command line, by option without dashes: those of
  ///     `Setting.all` that have one, and `config`.
  ///   - environment: Every variable of the process; those that begin with `PREIMAGE_` are read.
  ///   - readFile: Gives the text of the file at a path.
  public init(
    options: [String: String] = [:], environment: [String: String] = [:],
    readFile: @escaping @Sendable (String) throws -> String = {
      try String(contentsOfFile: $0, encoding: .utf8)
    }
  ) {
    self.options = options
    self.environment = environment
    self.readFile = readFile
  }

  /// The settings, and for those that are not at their default where they come from.
  public struct Loaded: Sendable, Equatable {
    public var settings: ServiceSettings
    /// By key: `--port`, `PREIMAGE_HTTP_PORT`, `preimage.yaml:12`.
    public var sources: [String: String]
  }

  public func load() throws(ConfigurationError) -> Loaded {
    // The highest precedence first, as `ConfigReader` asks them.
    let layers = try gather([optionLayer, environmentLayer, fileLayer])
    let provenance = Provenance()
    let reader = ConfigReader(providers: layers.map(\.provider), accessReporter: provenance)

    var loaded = Loaded(settings: ServiceSettings(), sources: [:])
    var faults: [ConfigurationError.Fault] = []
    for setting in Setting.all {
      guard let text = reader.string(forKey: ConfigKey(setting.key)) else { continue }
      let layer = provenance.layer(of: setting.key)
      let source = layer.flatMap { layers[$0].sources[setting.key] } ?? setting.key
      loaded.sources[setting.key] = source
      if !setting.read(text, into: &loaded.settings) {
        faults.append(.wrong(setting, value: text, from: source))
      }
    }
    let jobs = loaded.settings.jobs
    if faults.isEmpty && jobs.deadlineSecondsDefault > jobs.deadlineSecondsMax {
      let key = "jobs.deadline_seconds_default"
      faults.append(
        ConfigurationError.Fault(
          key: key,
          description: "\(key) is \(jobs.deadlineSecondsDefault), expected at most "
            + "jobs.deadline_seconds_max, which is \(jobs.deadlineSecondsMax)"))
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return loaded
  }

  /// One place that settings come from, after its unknown names have been refused.
  private struct Layer {
    var provider: any ConfigProvider
    /// By key, what to call the place in messages.
    var sources: [String: String]
  }

  /// Runs every part, so that the faults of all of them are told together.
  private func gather(
    _ parts: [() throws(ConfigurationError) -> Layer]
  ) throws(ConfigurationError) -> [Layer] {
    var layers: [Layer] = []
    var faults: [ConfigurationError.Fault] = []
    for part in parts {
      do {
        layers.append(try part())
      } catch {
        faults += error.faults
      }
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return layers
  }

  private func optionLayer() throws(ConfigurationError) -> Layer {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    var sources: [String: String] = [:]
    var faults: [ConfigurationError.Fault] = []
    for (option, value) in options where option != Self.fileOption {
      guard let setting = Setting.all.first(where: { $0.option == option }) else {
        let known = Setting.all.compactMap(\.option) + [Self.fileOption]
        faults.append(.unknown(option, from: "--\(option)", known: known))
        continue
      }
      values[AbsoluteConfigKey(ConfigKey(setting.key))] = ConfigValue(
        .string(value), isSecret: false)
      sources[setting.key] = "--\(option)"
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return Layer(provider: InMemoryProvider(name: "options", values: values), sources: sources)
  }

  private func environmentLayer() throws(ConfigurationError) -> Layer {
    var known: [String: Setting] = [:]
    for setting in Setting.all {
      known[setting.environmentVariable] = setting
      if let short = setting.shortEnvironmentVariable { known[short] = setting }
    }
    var values: [String: String] = [:]
    var sources: [String: String] = [:]
    var faults: [ConfigurationError.Fault] = []
    let ours = environment.filter { $0.key.hasPrefix("PREIMAGE_") && $0.key != "PREIMAGE_CONFIG" }
    for (variable, value) in ours.sorted(by: { $0.key < $1.key }) {
      guard let setting = known[variable] else {
        let names = known.keys.sorted() + ["PREIMAGE_CONFIG"]
        faults.append(.unknown(variable, from: "environment", known: names))
        continue
      }
      if let other = sources[setting.key], values[setting.environmentVariable] != value {
        faults.append(
          ConfigurationError.Fault(
            key: setting.key,
            description: "environment: \(other) and \(variable) both set \(setting.key), "
              + "to different values; set one of them"))
      }
      values[setting.environmentVariable] = value
      sources[setting.key] = variable
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return Layer(
      provider: EnvironmentVariablesProvider(environmentVariables: values)
        .prefixKeys(with: "preimage"),
      sources: sources)
  }

  private func fileLayer() throws(ConfigurationError) -> Layer {
    guard let path = options[Self.fileOption] ?? environment["PREIMAGE_CONFIG"] else {
      return Layer(provider: InMemoryProvider(name: "no file", values: [:]), sources: [:])
    }
    let yaml: String
    do {
      yaml = try readFile(path)
    } catch {
      throw ConfigurationError(faults: [.unreadable(path, "cannot be read: \(error)")])
    }
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    var sources: [String: String] = [:]
    var faults: [ConfigurationError.Fault] = []
    for entry in try SettingsFile(yaml: yaml, source: path).entries {
      let source = "\(path):\(entry.line)"
      guard Setting.all.contains(where: { $0.key == entry.key }) else {
        faults.append(.unknown(entry.key, from: source, known: Setting.all.map(\.key)))
        continue
      }
      values[AbsoluteConfigKey(ConfigKey(entry.key))] = ConfigValue(
        .string(entry.value), isSecret: false)
      sources[entry.key] = source
    }
    guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    return Layer(provider: InMemoryProvider(name: path, values: values), sources: sources)
  }
}
