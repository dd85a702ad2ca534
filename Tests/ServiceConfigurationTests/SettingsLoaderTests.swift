import ServiceConfiguration
import Testing

/// Precedence, and what is refused, with options, environment and files passed in.
struct SettingsLoaderTests {
  private func load(
    options: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
  ) throws -> SettingsLoader.Loaded {
    var options = options
    if file != nil { options["config"] = "test.yaml" }
    return try SettingsLoader(options: options, environment: environment) { path in
      try #require(path == "test.yaml")
      return try #require(file)
    }.load()
  }

  private func faults(
    options: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
  ) -> [ConfigurationError.Fault] {
    do {
      _ = try load(options: options, environment: environment, file: file)
      return []
    } catch let error as ConfigurationError {
      return error.faults
    } catch {
      Issue.record(error)
      return []
    }
  }

  // MARK: Precedence

  @Test func withoutAnythingDefaultsHold() throws {
    let loaded = try load(environment: ["PATH": "/bin", "HOME": "/root"])
    #expect(loaded.settings == ServiceSettings())
    #expect(loaded.sources.isEmpty)
  }

  @Test func optionOverEnvironmentOverFileOverDefault() throws {
    let file = "http:\n  port: 3\n"
    let environment = ["PREIMAGE_HTTP_PORT": "2"]
    let options = ["port": "1"]
    #expect(try load().settings.http.port == 8080)
    let fromFile = try load(file: file)
    #expect(fromFile.settings.http.port == 3)
    #expect(fromFile.sources == ["http.port": "test.yaml:2"])
    let fromEnvironment = try load(environment: environment, file: file)
    #expect(fromEnvironment.settings.http.port == 2)
    #expect(fromEnvironment.sources == ["http.port": "PREIMAGE_HTTP_PORT"])
    let fromOption = try load(options: options, environment: environment, file: file)
    #expect(fromOption.settings.http.port == 1)
    #expect(fromOption.sources == ["http.port": "--port"])
  }

  @Test func optionsHaveShortVariables() throws {
    let loaded = try load(environment: ["PREIMAGE_PORT": "4", "PREIMAGE_DATABASE": "a b.sqlite"])
    #expect(loaded.settings.http.port == 4)
    #expect(loaded.settings.storage.database == "a b.sqlite")
    let both = ["PREIMAGE_PORT": "4", "PREIMAGE_HTTP_PORT": "5"]
    #expect(faults(environment: both).map(\.key) == ["http.port"])
    #expect(faults(environment: ["PREIMAGE_PORT": "4", "PREIMAGE_HTTP_PORT": "4"]).isEmpty)
  }

  @Test func theEnvironmentMayNameTheFile() throws {
    let loader = SettingsLoader(environment: ["PREIMAGE_CONFIG": "/etc/a.yaml"]) { path in
      #expect(path == "/etc/a.yaml")
      return "log:\n  level: debug\n"
    }
    #expect(try loader.load().settings.log.level == .debug)
  }

  /// Every setting can be given both ways, with a value that is not its default.
  @Test(arguments: Setting.all.map(\.key))
  func everySettingIsReadFromFileAndEnvironment(key: String) throws {
    let setting = try #require(Setting.all.first { $0.key == key })
    let defaults = ServiceSettings()
    let candidates = [
      "7", "8", "300", "2048", "4096", "100000", "false", "notice", "on", "json", "stdout",
      "10.0.0.0/8",
    ]
    let accepted = candidates.filter { candidate in
      faults(environment: [setting.environmentVariable: candidate]).isEmpty
    }
    let value = try #require(accepted.first { $0 != setting.text(in: defaults) })
    let fromEnvironment = try load(environment: [setting.environmentVariable: value])
    let fromFile = try load(file: "\(setting.group):\n  \(setting.name): \(value)\n")
    #expect(fromEnvironment.settings == fromFile.settings)
    #expect(fromEnvironment.settings != defaults)
    #expect(Array(fromFile.sources.keys) == [key])
  }

  // MARK: Unknown names

  @Test func unknownNamesAreRefusedWithTheNearestKnown() {
    let file = faults(file: "http:\n  host: a\n  prot: 80\n")
    #expect(file.map(\.key) == ["http.prot"])
    #expect(
      file.map(\.description) == [
        "test.yaml:3: unknown setting 'http.prot'; did you mean 'http.port'?"
      ])
    let environment = faults(environment: ["PREIMAGE_HTTP_PROT": "80"])
    #expect(
      environment.map(\.description) == [
        "environment: unknown setting 'PREIMAGE_HTTP_PROT'; did you mean 'PREIMAGE_HTTP_PORT'?"
      ])
    let options = faults(options: ["prot": "80"])
    #expect(
      options.map(\.description) == [
        "--prot: unknown setting 'prot'; did you mean 'port'?"
      ])
    let group = faults(file: "htpp:\n")
    #expect(group.map(\.key) == ["htpp"])
  }

  @Test func everyFaultIsTold() {
    let faults = faults(
      environment: ["PREIMAGE_X": "1"], file: "http:\n  prot: 80\nstorage:\n  path: a\n")
    #expect(faults.map(\.key) == ["PREIMAGE_X", "http.prot", "storage.path"])
    let wrong = self.faults(
      options: ["port": "x"], environment: ["PREIMAGE_JOBS_WORKERS": "-1"])
    #expect(wrong.map(\.key) == ["http.port", "jobs.workers"])
  }

  // MARK: Wrong values

  @Test(arguments: [
    ("http.port", "65536"), ("http.port", "-1"), ("http.port", "+5"), ("http.port", "0x50"),
    ("http.port", "80.0"), ("http.port", "eighty"), ("http.port", "99999999999999999999"),
    ("http.header_seconds", "0"), ("http.header_seconds", "inf"), ("http.header_seconds", "nan"),
    ("http.header_seconds", "1e1"), ("http.header_seconds", "1.2.3"),
    ("http.json_body_bytes_max", "8MB"), ("http.json_body_bytes_max", "MiB"),
    ("http.json_body_bytes_max", "1023"), ("http.json_body_bytes_max", "1.5MiB"),
    ("http.json_body_bytes_max", "99999999999GiB"),
    ("generators.bundled", "yes"), ("generators.bundled", "True"),
    ("log.level", "loud"), ("storage.database", ""), ("storage.database", "a\u{7}b"),
  ])
  func wrongValuesNameKeyValueAndExpectation(key: String, value: String) throws {
    let setting = try #require(Setting.all.first { $0.key == key })
    let faults = faults(environment: [setting.environmentVariable: value])
    #expect(faults.map(\.key) == [key])
    #expect(
      faults.map(\.description) == [
        "\(setting.environmentVariable): \(key) is '\(value)', expected \(setting.expectation)"
      ])
  }

  @Test func rangesIncludeTheirEnds() throws {
    #expect(try load(options: ["port": "0"]).settings.http.port == 0)
    #expect(try load(options: ["port": "65535"]).settings.http.port == 65_535)
    let ends = "http:\n  json_body_bytes_max: 1KiB\n  header_seconds: 0.1\n"
    #expect(try load(file: ends).settings.http.headerSeconds == 0.1)
    #expect(try load(file: ends).settings.http.jsonBodyBytesMax == 1024)
  }

  @Test(arguments: [
    ("8388608", 8_388_608), ("8MiB", 8_388_608), ("8 MiB", 8_388_608), ("64KiB", 65_536),
    ("1GiB", 1_073_741_824), ("4096B", 4096),
  ])
  func byteSizesHaveUnits(text: String, bytes: Int) throws {
    let loaded = try load(file: "http:\n  json_body_bytes_max: \(text)\n")
    #expect(loaded.settings.http.jsonBodyBytesMax == bytes)
  }

  @Test func deadlinesAgree() {
    let file = "jobs:\n  deadline_seconds_default: 60\n  deadline_seconds_max: 59\n"
    #expect(faults(file: file).map(\.key) == ["jobs.deadline_seconds_default"])
    let equal = "jobs:\n  deadline_seconds_default: 60\n  deadline_seconds_max: 60\n"
    #expect(faults(file: equal).isEmpty)
  }

  // MARK: Files

  @Test(arguments: [
    "", "# only comments\n", "http:\n", "http:\n  # port: 1\nlog:\n  level: info\n",
  ])
  func filesMayLeaveEverythingOut(file: String) throws {
    #expect(try load(file: file).settings == ServiceSettings())
  }

  @Test(arguments: [
    "http: [", "- http\n", "8080\n", "http: 8080\n", "http:\n  port: [1]\n",
    "http:\n  port:\n    a: 1\n", "http:\n  port: 1\n  port: 2\n",
    "http:\n  port: 1\nhttp:\n  host: a\n",
  ])
  func filesOfAnotherShapeAreRefused(file: String) {
    let faults = faults(file: file)
    #expect(faults.count == 1)
    #expect(faults.allSatisfy { $0.description.hasPrefix("test.yaml") }, "\(faults)")
  }

  @Test func aMissingFileIsRefusedByName() {
    struct Missing: Error {}
    let loader = SettingsLoader(options: ["config": "gone.yaml"]) { _ in throw Missing() }
    let error = #expect(throws: ConfigurationError.self) { try loader.load() }
    #expect(error?.description.hasPrefix("gone.yaml: cannot be read") == true)
  }
}
