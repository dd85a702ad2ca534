extension ServiceSettings {
  /// The documented default configuration, as a file: `Config/preimage.yaml` is this text, and a
  /// test compares the two. Loading it changes nothing.
  public static var documentedDefaults: String {
    var lines = [
      "# The service's configuration: every setting there is, at its default.",
      "#",
      "# preimage serve --config FILE reads a file like this one, which may leave out what it does not",
      "# change. An option of the command line wins over an environment variable, that over the file,",
      "# and the file over the default. Each comment ends with the other ways to set the value.",
      "# Whatever is unknown here is refused, so that a misspelt limit is not silently the default.",
      "# SIGHUP makes the server read its file again: what is marked so changes at once, the rest at",
      "# the next start. A file that is refused changes nothing.",
    ]
    let defaults = ServiceSettings()
    var group = ""
    for setting in Setting.all {
      lines.append("")
      if setting.group != group {
        group = setting.group
        lines.append("\(group):")
      }
      let standard = setting.text(in: defaults)
      let ways = [setting.option.map { "--\($0)" }, setting.environmentVariable]
      lines += [
        "  # \(setting.summary).",
        "  # \(setting.expectation); default \(standard)",
        "  # \(ways.compactMap(\.self).joined(separator: ", "))"
          + (setting.isReloadable ? "; read again at SIGHUP" : ""),
        "  \(setting.name): \(standard)",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
