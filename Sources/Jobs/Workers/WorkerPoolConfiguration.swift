// The pool's numbers, each with its unit, range and reason.

/// How many workers there are and how patient they are.
public struct WorkerPoolConfiguration: Sendable {
  /// Jobs that run at once; 1 to 1024. There may be as many threads again, for those whose runner does
  /// not return.
  public var workerCount: Int
  /// Names this process in leases, for whoever reads the database.
  public var name: String
  /// How long a worker may be silent before its job is taken away; above 0.
  public var leaseSeconds: Double
  /// How often a lease is renewed; above 0 and under half of `leaseSeconds`.
  public var heartbeatSeconds: Double
  /// How often progress is stored and deadlines are looked at while jobs run; above 0.
  public var progressSeconds: Double
  /// How often idle workers look for work that nobody announced; above 0.
  public var pollSeconds: Double
  /// How long a runner may go on after it was told to stop, before its job is ended without it.
  public var unresponsiveSeconds: Double
  /// How long a finished job is kept and tried to be stored, every `pollSeconds`, while the storage
  /// fails; 0 or more. Longer than a full disk may go unnoticed: what is given up is done again.
  public var settleSecondsMax: Double
  /// How often a finished job is tried to be stored where the storage says that it is damaged; 1 or
  /// more. Then its result is given up, and it counts as lost when its lease expires.
  public var damagedTriesMax: Int
  /// What may run at once, beside `workerCount`.
  public var claimLimits: ClaimLimits
  /// Stack of a worker thread, 512 KiB or more. Solvers recurse little but keep large frames.
  public var stackBytes: Int
  /// How much a worker yields to the server's threads: 0 (not at all) to 19.
  public var niceIncrement: Int
  /// Jobs that a worker takes together, where the runner gains from it: 0 to 4096, of which 0 and 1 are
  /// none. One more than the jobs that a waiting one may be overtaken by: see `JobGroup`.
  public var companionsMax: Int
  /// Why a job failed that lost its last attempt: opaque JSON.
  public var abandonedError: [UInt8]

  public init(
    workerCount: Int, name: String = "preimage", leaseSeconds: Double = 30,
    heartbeatSeconds: Double = 5, progressSeconds: Double = 0.25, pollSeconds: Double = 1,
    unresponsiveSeconds: Double = 30, settleSecondsMax: Double = 86_400, damagedTriesMax: Int = 3,
    claimLimits: ClaimLimits = .none, stackBytes: Int = 8 << 20, niceIncrement: Int = 5,
    companionsMax: Int = 64,
    abandonedError: [UInt8] = Array(
      #"{"code":"attempts_exhausted","detail":"the worker was lost in every attempt"}"#.utf8)
  ) {
    precondition((1...1024).contains(workerCount), "workerCount must be in 1...1024")
    precondition(leaseSeconds > 0, "leaseSeconds must be above 0")
    precondition(
      heartbeatSeconds > 0 && heartbeatSeconds < leaseSeconds / 2,
      "heartbeatSeconds must be above 0 and under half of leaseSeconds")
    precondition(progressSeconds > 0, "progressSeconds must be above 0")
    precondition(pollSeconds > 0, "pollSeconds must be above 0")
    precondition(unresponsiveSeconds >= 0, "unresponsiveSeconds must not be negative")
    precondition(settleSecondsMax >= 0, "settleSecondsMax must not be negative")
    precondition(damagedTriesMax >= 1, "damagedTriesMax must be at least 1")
    precondition(stackBytes >= 512 << 10, "stackBytes must be at least 512 KiB")
    precondition((0...4096).contains(companionsMax), "companionsMax must be in 0...4096")
    precondition((0...19).contains(niceIncrement), "niceIncrement must be in 0...19")
    self.workerCount = workerCount
    self.name = name
    self.leaseSeconds = leaseSeconds
    self.heartbeatSeconds = heartbeatSeconds
    self.progressSeconds = progressSeconds
    self.pollSeconds = pollSeconds
    self.unresponsiveSeconds = unresponsiveSeconds
    self.settleSecondsMax = settleSecondsMax
    self.damagedTriesMax = damagedTriesMax
    self.claimLimits = claimLimits
    self.stackBytes = stackBytes
    self.niceIncrement = niceIncrement
    self.companionsMax = companionsMax
    self.abandonedError = abandonedError
  }
}
