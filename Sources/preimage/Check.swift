import ArgumentParser
import ServiceConfiguration

/// `preimage check`: are the settings acceptable, and where does each come from?
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the configuration and prints the settings that differ from their defaults.")

  @OptionGroup var options: SettingsOptions

  @Flag(help: "Print the documented defaults as a configuration file, and check nothing.")
  var defaults = false

  func run() throws {
    if defaults {
      print(ServiceSettings.documentedDefaults, terminator: "")
      return
    }
    let loaded = try options.load()
    for (key, source) in loaded.sources.sorted(by: { $0.key < $1.key }) {
      print("\(key)  from \(source)")
    }
    print("The configuration is good.")
  }
}
