/// Everything that can be configured about the service, with its defaults.
///
/// The initial values here are the defaults; their keys, units and ranges stand in `Setting.all`.
/// Byte sizes are in bytes, durations in seconds. Load with `SettingsLoader`.
public struct ServiceSettings: Sendable, Equatable {
  public var http = HTTP()
  public var auth = Auth()
  public var quotas = Quotas()
  public var storage = Storage()
  public var jobs = Jobs()
  public var generators = Generators()
  public var measurements = Measurements()
  public var inversions = Inversions()
  public var log = Log()

  public init() {}

  /// The listener, its connections and the limits on what they may send.
  public struct HTTP: Sendable, Equatable {
    public var host = "127.0.0.1"
    /// 0 lets the system choose.
    public var port = 8080
    /// Event loops, each a thread that owns its connections.
    public var loops = 1
    /// Threads for handlers that touch storage or compute.
    public var handlerThreads = 8
    public var handlerQueueMax = 1024
    public var requestLineBytesMax = 8 * kibibyte
    public var headerBytesMax = 32 * kibibyte
    public var headerFieldsMax = 100
    public var jsonBodyBytesMax = 8 * mebibyte
    /// Of a form with files, which are kept in memory while it is read.
    public var formBytesMax = 64 * mebibyte
    public var jsonDepthMax = 64
    public var weightBytesMax = 2 * gibibyte
    public var streamingUploadsMax = 16
    /// Of an upload, waiting for its handler.
    public var streamWindowBytes = 256 * kibibyte
    public var chunkExtensionBytesMax = 4 * kibibyte
    public var trailerBytesMax = 8 * kibibyte
    public var trailerFieldsMax = 32
    /// Of a refused request, read so that its connection can be kept.
    public var discardedBodyBytesMax = 64 * kibibyte
    /// Of a connection's answers, in the kernel and not yet on their way.
    public var unsentBytesMax = 128 * kibibyte
    /// Of answers, waiting for their client.
    public var outputBytesMax = 256 * kibibyte
    /// Requests of one connection answered in a row.
    public var pipelineDepthMax = 64
    public var eventStreamsMax = 200
    public var eventPingSeconds = 15.0
    /// Of JSON, before it is compressed.
    public var compressedBytesMin = 16 * kibibyte
    public var headerSeconds = 10.0
    /// How long a body may be slower than `bodyBytesPerSecondMin`.
    public var bodyGraceSeconds = 20.0
    public var bodyBytesPerSecondMin = 500
    public var idleSeconds = 60.0
    public var writeStallSeconds = 30.0
    public var connectionsMax = 1024
    /// Loopback is exempt.
    public var connectionsPerAddressMax = 64
    /// Over those limits, and being told so.
    public var connectionsTurnedAwayMax = 64
    /// How long a client is listened to after its last answer.
    public var lingerSeconds = 30.0
    public var lingerPauseSeconds = 5.0
    public var lingerBytesMax = 2 * gibibyte
    /// Whose word is taken for the address of a client.
    public var trustedProxies: [AddressRange] = []
    /// How long a stop waits for what is under way.
    public var stopGraceSeconds = 20.0
  }

  /// Who may use the service.
  public struct Auth: Sendable, Equatable {
    public var mode = AuthMode.auto
    /// How long what was read of a token is used.
    public var tokenMemorySeconds = 1.0
    /// Of one address; 0 for no limit.
    public var failuresPerMinute = 60
  }

  /// When access tokens are required.
  public enum AuthMode: String, Sendable, CaseIterable {
    case auto, on, off
  }

  /// What one client may take; 0 stands for no limit.
  public struct Quotas: Sendable, Equatable {
    public var requestsPerSecond = 0.0
    public var requestsBurst = 100
    /// Queued or running.
    public var unfinishedInversionsMax = 0
    /// At once.
    public var runningInversionsMax = 0
    /// Of generators and inversions.
    public var storageBytesMax = 0
  }

  public struct Storage: Sendable, Equatable {
    /// The SQLite file.
    public var database = "preimage.sqlite"
    /// After the end of an inversion, until it is removed; 0 for never.
    public var retentionSeconds = 0.0
    /// In use, above which the oldest finished inversions go; 0 for no limit.
    public var retentionBytesMax = 0
    /// After the end of an inversion, in which it is never removed.
    public var retentionSecondsMin = 3600.0
    /// Between two looks for what is kept no longer.
    public var upkeepSeconds = 60.0
    /// Where the database lies, for new work to be taken.
    public var freeBytesMin = 16 * mebibyte
  }

  /// The queue and its workers.
  public struct Jobs: Sendable, Equatable {
    /// 0 stands for one a core.
    public var workers = 0
    /// That one large inversion may use while no other needs them; 0 stands for all of the machine.
    public var coresMax = 0
    public var companionsMax = 64
    public var queueLengthMax = 10_000
    public var batchCountMax = 10_000
    public var leaseSeconds = 30.0
    public var attemptsMax = 3
    /// Of waiting, for one more level of priority.
    public var ageingSeconds = 60.0
    /// From acceptance, for a request that names none.
    public var deadlineSecondsDefault = 86_400.0
    /// The latest deadline that a request may name.
    public var deadlineSecondsMax = 604_800.0
    /// Of what runs at once, by estimate; 0 stands for three quarters of the machine's.
    public var memoryBytesMax = 0
    /// Of solving, for one inversion.
    public var inversionSecondsMax = 600.0
    /// Between two checkpoints of an inversion.
    public var checkpointSeconds = 5.0
    /// Of a checkpoint; those over it are left out.
    public var checkpointBytesMax = 16 * mebibyte
  }

  /// What a generator may be, and which there are from the start.
  public struct Generators: Sendable, Equatable {
    public var tensorsMax = 4096
    public var layersMax = 1024
    /// Of the graph in a weight file, before its nodes become layers.
    public var graphNodesMax = 10_000
    /// Of the pickle in a checkpoint, each of which makes a value at most.
    public var pickleStepsMax = 1_048_576
    /// Of what describes the tensors in a weight file, apart from their values.
    public var headerBytesMax = 16 * mebibyte
    public var dimensionsMax = 8
    public var parametersMax = 500_000_000
    public var outputCountMax = 4_194_304
    public var latentCountMax = 65_536
    /// Of one sample, gathered by one convolution.
    public var patchNumbersMax = 134_217_728
    /// Latents that one diagnosis may draw.
    public var diagnosticLatentsMax = 1024
    /// Of one diagnosis.
    public var diagnosticMultiplicationsMax = 274_877_906_944
    /// Of decoded generators kept in memory.
    public var cacheBytesMax = 1 * gibibyte
    /// Whether an empty database is given the bundled generators.
    public var bundled = true
  }

  /// What a measurement may ask for.
  public struct Measurements: Sendable, Equatable {
    public var outputCountMax = 1_048_576
    /// Of measuring one signal; also the entries of a matrix that is drawn.
    public var multiplyCountMax = 134_217_728
    /// Of a matrix or kernel that a document holds.
    public var givenEntriesMax = 16_777_216
    /// Measurements inside one another, the outermost counted.
    public var nestingMax = 4
    /// Measurements one after the other in a composition.
    public var stagesMax = 8
    /// Of a signal that is to be measured for a client.
    public var signalCountMax = 1_048_576
  }

  /// What one request for an inversion may ask for.
  public struct Inversions: Sendable, Equatable {
    public var restartsMax = 4096
    public var iterationsMax = 1_000_000
    /// Of one call for samples of a generator.
    public var samplesCountMax = 1024
    public var labelsMax = 16
    /// Of a label's value, and of its key, which the queue holds to 128 in any case.
    public var labelBytesMax = 256
  }

  public struct Log: Sendable, Equatable {
    public var level = LogLevel.info
    public var format = LogFormat.text
    public var destination = LogDestination.stderr
    /// More are left out, and their number is told.
    public var linesWaitingMax = 8192
  }

  public enum LogFormat: String, Sendable, CaseIterable {
    case text, json
  }

  public enum LogDestination: String, Sendable, CaseIterable {
    case stderr, stdout
  }

  /// The levels of swift-log, by their names.
  public enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }
}

let kibibyte = 1024
let mebibyte = 1024 * kibibyte
let gibibyte = 1024 * mebibyte
