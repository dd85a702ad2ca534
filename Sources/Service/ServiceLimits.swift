import Measurements
import Networks
import Storage
import WeightFormats

/// What one request may ask of the service, beside the limits of the wire.
public struct ServiceLimits: Sendable {
  /// Arrays and objects inside one another in a request.
  public var jsonDepthMax = 64
  /// Bytes of a JSON body.
  public var jsonBodyBytesMax = 8 << 20
  /// Bytes of a form with the files of an inversion or a batch.
  public var formBytesMax = 64 << 20
  /// Event streams at the same time.
  public var eventStreamsMax = 200
  /// Seconds between the comments that keep an event stream open.
  public var eventPingSeconds = 15.0
  /// Bytes of the shortest JSON that is compressed for clients that accept it.
  public var compressedBytesMin = 16 << 10
  /// Bytes of an upload of weights, its other parts included.
  public var weightBytesMax = 2 << 30
  /// Entries of a signal that is only measured.
  public var signalCountMax = 1 << 20
  /// Latents of one request for samples.
  public var samplesCountMax = 256
  /// Numbers that one request for samples may give.
  public var sampleValuesMax = 1 << 24
  /// Latents that one diagnosis may draw.
  public var diagnosticLatentsMax = 1024
  /// Multiplications that one diagnosis may take.
  public var diagnosticMultiplicationsMax = 1 << 38
  /// Jobs that wait at once.
  public var queueLengthMax = 10_000
  /// Observations of one batch.
  public var batchCountMax = 10_000
  /// Seconds that an inversion waits until it counts as one priority higher.
  public var ageingSeconds = 60.0
  /// How often an inversion is begun before losing its worker counts as failure; 1 to 100.
  public var attemptsMax = 3
  /// Seconds from acceptance until an inversion expires, where the client names none.
  public var deadlineSecondsDefault = 86_400.0
  /// The latest deadline that a client may name, in seconds from acceptance.
  public var deadlineSecondsMax = 604_800.0
  /// Seconds that one inversion may compute, over all attempts that went on from one another; what
  /// was found by then is the result.
  public var inversionSecondsMax = 600.0
  /// Seconds between two checkpoints of an inversion.
  public var checkpointSeconds = 5.0
  /// Bytes of a checkpoint; those over it are left out.
  public var checkpointBytesMax = 16 << 20
  public var labelsMax = 16
  /// Bytes of a label's key, and of its value.
  public var labelBytesMax = 256
  /// Starts that a request may ask for.
  public var restartsMax = 4096
  /// Iterations that a request may ask for.
  public var iterationsMax = 1_000_000
  /// Seconds that `Prefer: wait` and `?wait=` may ask for.
  public var waitSecondsMax = 60
  /// Bytes that the running inversions may need together, by their estimates.
  public var memoryBytesMax = Int.max
  /// Bytes of generators kept ready to compute.
  public var generatorCacheBytesMax = 1 << 30
  /// How long finished inversions are kept.
  public var retention = RetentionPolicy()
  /// Seconds between two looks for what is kept no longer.
  public var storageUpkeepSeconds = 60.0
  /// Bytes that must be free where the database lies for new work to be taken.
  public var storageFreeBytesMin = 0
  public var weights = WeightLimits()
  public var generators = GeneratorLimits()
  public var measurements = MeasurementLimits()

  public init() {}
}
