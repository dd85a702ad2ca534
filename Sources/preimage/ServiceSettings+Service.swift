import Foundation
import HTTP
import Jobs
import Logging
import Measurements
import Networks
import Service
import ServiceConfiguration
import Storage
import WeightFormats

extension PreimageService.Configuration {
  /// Every setting, where it belongs; lines of the log go to the sink.
  init(_ settings: ServiceSettings, log sink: LogSink) {
    self.init()
    logger = Logger(label: "preimage") { _ in SinkLogHandler(sink) }
    journal = Journal(sink)
    databasePath = settings.storage.database
    offersBundledGenerators = settings.generators.bundled
    stopGraceSeconds = settings.http.stopGraceSeconds

    server.host = settings.http.host
    server.port = settings.http.port
    server.eventLoops = settings.http.loops
    server.logger = logger
    server.limits = ServerLimits(settings.http)

    access = AccessConfiguration(settings)

    let cores = ProcessInfo.processInfo.activeProcessorCount
    workers = WorkerPoolConfiguration(
      workerCount: settings.jobs.workers == 0 ? cores : settings.jobs.workers,
      leaseSeconds: settings.jobs.leaseSeconds,
      heartbeatSeconds: min(5, settings.jobs.leaseSeconds / 4),
      companionsMax: settings.jobs.companionsMax)

    limits.jsonDepthMax = settings.http.jsonDepthMax
    limits.jsonBodyBytesMax = settings.http.jsonBodyBytesMax
    limits.formBytesMax = settings.http.formBytesMax
    limits.eventStreamsMax = settings.http.eventStreamsMax
    limits.eventPingSeconds = settings.http.eventPingSeconds
    limits.compressedBytesMin = settings.http.compressedBytesMin
    limits.batchCountMax = settings.jobs.batchCountMax
    limits.weightBytesMax = settings.http.weightBytesMax
    limits.samplesCountMax = settings.inversions.samplesCountMax
    limits.queueLengthMax = settings.jobs.queueLengthMax
    limits.ageingSeconds = settings.jobs.ageingSeconds
    limits.memoryBytesMax =
      settings.jobs.memoryBytesMax == 0
      ? MachineMemory.bytes / 4 * 3 : settings.jobs.memoryBytesMax
    limits.attemptsMax = settings.jobs.attemptsMax
    limits.deadlineSecondsDefault = settings.jobs.deadlineSecondsDefault
    limits.deadlineSecondsMax = settings.jobs.deadlineSecondsMax
    limits.inversionSecondsMax = settings.jobs.inversionSecondsMax
    limits.checkpointSeconds = settings.jobs.checkpointSeconds
    limits.checkpointBytesMax = settings.jobs.checkpointBytesMax
    limits.retention = RetentionPolicy(settings.storage)
    limits.storageUpkeepSeconds = settings.storage.upkeepSeconds
    limits.storageFreeBytesMin = settings.storage.freeBytesMin
    limits.labelsMax = settings.inversions.labelsMax
    limits.labelBytesMax = settings.inversions.labelBytesMax
    limits.restartsMax = settings.inversions.restartsMax
    limits.iterationsMax = settings.inversions.iterationsMax
    limits.generatorCacheBytesMax = settings.generators.cacheBytesMax
    limits.diagnosticLatentsMax = settings.generators.diagnosticLatentsMax
    limits.diagnosticMultiplicationsMax = settings.generators.diagnosticMultiplicationsMax
    limits.weights = WeightLimits(
      bytesMax: settings.http.weightBytesMax, tensorsMax: settings.generators.tensorsMax,
      elementsMax: settings.generators.parametersMax, nodesMax: settings.generators.graphNodesMax,
      pickleStepsMax: settings.generators.pickleStepsMax)
    limits.weights.headerBytesMax = settings.generators.headerBytesMax
    limits.weights.dimensionsMax = settings.generators.dimensionsMax
    limits.signalCountMax = settings.measurements.signalCountMax
    limits.measurements = MeasurementLimits(settings.measurements)
    limits.generators = GeneratorLimits(
      layersMax: settings.generators.layersMax, parametersMax: settings.generators.parametersMax,
      latentCountMax: settings.generators.latentCountMax,
      outputCountMax: settings.generators.outputCountMax,
      patchNumbersMax: settings.generators.patchNumbersMax)
  }
}

extension LogSink {
  convenience init(_ settings: ServiceSettings.Log) {
    self.init(
      format: settings.sinkFormat, level: settings.loggerLevel,
      waitingMax: settings.linesWaitingMax,
      descriptor: settings.destination == .stdout ? STDOUT_FILENO : STDERR_FILENO)
  }

  /// Takes up the level and the format.
  func adjust(to settings: ServiceSettings.Log) {
    adjust(format: settings.sinkFormat, level: settings.loggerLevel)
  }
}

extension ServiceSettings.Log {
  fileprivate var sinkFormat: LogSink.Format { format == .json ? .json : .text }
  fileprivate var loggerLevel: Logger.Level { Logger.Level(rawValue: level.rawValue) ?? .info }
}

extension RetentionPolicy {
  init(_ settings: ServiceSettings.Storage) {
    self.init(
      secondsMax: settings.retentionSeconds == 0 ? nil : settings.retentionSeconds,
      bytesMax: settings.retentionBytesMax == 0 ? nil : settings.retentionBytesMax,
      secondsMin: settings.retentionSecondsMin)
  }
}

extension AccessConfiguration {
  init(_ settings: ServiceSettings) {
    self.init()
    requirement =
      switch settings.auth.mode {
      case .auto: .automatic
      case .on: .always
      case .off: .never
      }
    tokenMemorySeconds = settings.auth.tokenMemorySeconds
    failuresPerMinute = settings.auth.failuresPerMinute
    quotas.requestsPerSecond = settings.quotas.requestsPerSecond
    quotas.requestsBurst = settings.quotas.requestsBurst
    quotas.unfinishedInversionsMax = settings.quotas.unfinishedInversionsMax
    quotas.runningInversionsMax = settings.quotas.runningInversionsMax
    quotas.storageBytesMax = settings.quotas.storageBytesMax
    let ranges = settings.http.trustedProxies
    if !ranges.isEmpty {
      proxies = TrustedProxies { host in ranges.contains { $0.contains(host) } }
    }
  }
}

extension MeasurementLimits {
  init(_ settings: ServiceSettings.Measurements) {
    self.init()
    outputCountMax = settings.outputCountMax
    multiplyCountMax = settings.multiplyCountMax
    givenEntriesMax = settings.givenEntriesMax
    nestingMax = settings.nestingMax
    stagesMax = settings.stagesMax
  }
}

extension ServerLimits {
  init(_ settings: ServiceSettings.HTTP) {
    self.init()
    requestLineBytesMax = settings.requestLineBytesMax
    headerBytesMax = settings.headerBytesMax
    headerFieldsMax = settings.headerFieldsMax
    bufferedBodyBytesMax = settings.jsonBodyBytesMax
    streamedBodyBytesMax = settings.weightBytesMax
    streamWindowBytes = settings.streamWindowBytes
    chunkExtensionBytesMax = settings.chunkExtensionBytesMax
    trailerBytesMax = settings.trailerBytesMax
    trailerFieldsMax = settings.trailerFieldsMax
    discardedBodyBytesMax = settings.discardedBodyBytesMax
    unsentBytesMax = settings.unsentBytesMax
    outputBytesMax = settings.outputBytesMax
    pipelineDepthMax = settings.pipelineDepthMax
    headerSeconds = settings.headerSeconds
    bodyGraceSeconds = settings.bodyGraceSeconds
    bodyBytesPerSecondMin = settings.bodyBytesPerSecondMin
    idleSeconds = settings.idleSeconds
    writeStallSeconds = settings.writeStallSeconds
    connectionsMax = settings.connectionsMax
    connectionsPerAddressMax = settings.connectionsPerAddressMax
    connectionsTurnedAwayMax = settings.connectionsTurnedAwayMax
    lingerSeconds = settings.lingerSeconds
    lingerPauseSeconds = settings.lingerPauseSeconds
    lingerBytesMax = settings.lingerBytesMax
    handlerThreads = settings.handlerThreads
    handlerQueueMax = settings.handlerQueueMax
    streamingHandlersMax = settings.streamingUploadsMax
  }
}
