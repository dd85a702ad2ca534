import ArgumentParser

/// The program: one subcommand a file.
@main
struct PreimageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preimage",
    abstract: "Recovers what a generative network was given from what can be seen of its output.",
    discussion: """
      Start the service with "preimage serve" and talk to it over HTTP, or invert one picture on \
      the spot with "preimage invert fashion-mlp picture.png".
      """,
    version: Version.text,
    subcommands: [
      Serve.self, Invert.self, Inspect.self, Convert.self, Reproduce.self, Token.self,
      Check.self, Backup.self, Restore.self, Migrate.self,
    ])
}
