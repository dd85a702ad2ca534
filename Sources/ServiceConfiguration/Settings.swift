extension Setting {
  /// Every setting there is, in the order of the configuration file. What is not here cannot be
  /// configured; the loader, the file `Config/preimage.yaml` and the tests all read this table.
  public static let all: [Setting] =
    http + auth + quotas + storage + jobs + generators + measurements + inversions + log

  private static let http: [Setting] = [
    Setting(
      "http.host", .text(\.http.host, bytesMax: 253), option: "host",
      "Address to listen on; anything but loopback needs access tokens"),
    Setting(
      "http.port", .count(\.http.port, 0...65_535), option: "port",
      "Port to listen on; 0 lets the system choose"),
    Setting("http.loops", .count(\.http.loops, 1...64), "Event loops, each one thread"),
    Setting(
      "http.handler_threads", .count(\.http.handlerThreads, 1...1024),
      "Threads for handlers that touch storage or compute"),
    Setting(
      "http.handler_queue_max", .count(\.http.handlerQueueMax, 1...1_000_000),
      "Requests that may wait for such a thread; over it the answer is 503"),
    Setting(
      "http.request_line_bytes_max", .bytes(\.http.requestLineBytesMax, 256...mebibyte),
      "Longest request line; over it the answer is 414"),
    Setting(
      "http.header_bytes_max", .bytes(\.http.headerBytesMax, 1024...(16 * mebibyte)),
      "All header fields of a request together; over it the answer is 431"),
    Setting(
      "http.header_fields_max", .count(\.http.headerFieldsMax, 8...10_000),
      "Header fields of a request; over it the answer is 431"),
    Setting(
      "http.trailer_bytes_max", .bytes(\.http.trailerBytesMax, 0...(16 * mebibyte)),
      "All trailer fields of a body together; over it the answer is 431"),
    Setting(
      "http.trailer_fields_max", .count(\.http.trailerFieldsMax, 0...10_000),
      "Trailer fields of a body; over it the answer is 431"),
    Setting(
      "http.chunk_extension_bytes_max",
      .bytes(\.http.chunkExtensionBytesMax, 0...(16 * mebibyte)),
      "All chunk extensions of a body together; over it the answer is 400"),
    Setting(
      "http.json_body_bytes_max", .bytes(\.http.jsonBodyBytesMax, 1024...gibibyte),
      "Body of a request that is read whole; over it the answer is 413"),
    Setting(
      "http.form_bytes_max", .bytes(\.http.formBytesMax, 1024...(16 * gibibyte)),
      "A form with the files of an inversion or a batch; over it the answer is 413"),
    Setting(
      "http.json_depth_max", .count(\.http.jsonDepthMax, 4...512),
      "Arrays and objects inside each other in a JSON body"),
    Setting(
      "http.weight_bytes_max", .bytes(\.http.weightBytesMax, 1024...(64 * gibibyte)),
      "An uploaded weight file, which is streamed; over it the answer is 413"),
    Setting(
      "http.streaming_uploads_max", .count(\.http.streamingUploadsMax, 1...10_000),
      "Uploads and forms that may stream at the same time; over it the answer is 503"),
    Setting(
      "http.event_streams_max", .count(\.http.eventStreamsMax, 1...1_000_000),
      "Event streams at the same time; over it the answer is 503"),
    Setting(
      "http.event_ping_seconds", .seconds(\.http.eventPingSeconds, 0.1...3600),
      "Time between the comments that keep an event stream open"),
    Setting(
      "http.compressed_bytes_min", .bytes(\.http.compressedBytesMin, 256...gibibyte),
      "The shortest JSON answer that is compressed for clients that accept gzip"),
    Setting(
      "http.stream_window_bytes", .bytes(\.http.streamWindowBytes, 4096...gibibyte),
      "An upload's bytes that wait in memory; over it the socket is not read"),
    Setting(
      "http.discarded_body_bytes_max",
      .bytes(\.http.discardedBodyBytesMax, 0...gibibyte),
      "A refused request's body that is read so that its connection can be kept"),
    Setting(
      "http.unsent_bytes_max", .bytes(\.http.unsentBytesMax, 4096...gibibyte),
      "A connection's answers that the kernel holds before it may send them"),
    Setting(
      "http.output_bytes_max", .bytes(\.http.outputBytesMax, 4096...gibibyte),
      "Answers that wait in memory for their client; over it no further request is read"),
    Setting(
      "http.pipeline_depth_max", .count(\.http.pipelineDepthMax, 1...10_000),
      "Requests of one connection answered in a row before others get their turn"),
    Setting(
      "http.header_seconds", .seconds(\.http.headerSeconds, 0.1...3600),
      "Time for a request's line and header in total"),
    Setting(
      "http.body_grace_seconds", .seconds(\.http.bodyGraceSeconds, 0.1...3600),
      "Time before a body has to keep the least rate"),
    Setting(
      "http.body_bytes_per_second_min",
      .bytes(\.http.bodyBytesPerSecondMin, 0...(100 * mebibyte)),
      "The least rate of a body, on average; 0 for none"),
    Setting(
      "http.idle_seconds", .seconds(\.http.idleSeconds, 0.1...86_400),
      "Time without a request before a connection is closed"),
    Setting(
      "http.write_stall_seconds", .seconds(\.http.writeStallSeconds, 0.1...3600),
      "Time without progress of an answer before its connection is closed"),
    Setting(
      "http.connections_max", .count(\.http.connectionsMax, 1...1_000_000),
      "Connections at the same time"),
    Setting(
      "http.connections_per_address_max",
      .count(\.http.connectionsPerAddressMax, 1...1_000_000),
      "Connections from one address at the same time; loopback is exempt"),
    Setting(
      "http.connections_turned_away_max",
      .count(\.http.connectionsTurnedAwayMax, 0...1_000_000),
      "Connections over these limits that are being answered 503; others are closed unanswered"),
    Setting(
      "http.linger_seconds", .seconds(\.http.lingerSeconds, 0.1...3600),
      "Time that a client is listened to after its last answer, so that it can read it"),
    Setting(
      "http.linger_pause_seconds", .seconds(\.http.lingerPauseSeconds, 0.1...3600),
      "Longest silence of such a client"),
    Setting(
      "http.linger_bytes_max", .bytes(\.http.lingerBytesMax, 0...(64 * gibibyte)),
      "What such a client may still send"),
    Setting(
      "http.trusted_proxies", .networks(\.http.trustedProxies),
      "Proxies whose Forwarded or X-Forwarded-For is believed"),
    Setting(
      "http.stop_grace_seconds", .seconds(\.http.stopGraceSeconds, 0...3600),
      "Time that a stop waits for what is under way"),
  ]

  private static let auth: [Setting] = [
    Setting(
      "auth.mode", .choice(\.auth.mode),
      "Access tokens; auto needs them everywhere but on loopback without proxies"),
    Setting(
      "auth.token_memory_seconds", .seconds(\.auth.tokenMemorySeconds, 0...3600),
      "Time for which a revoked token may still work"),
    Setting(
      "auth.failures_per_minute", .count(\.auth.failuresPerMinute, 0...1_000_000),
      "Tokens that one address may try in vain; 0 for no limit; over it 429"),
  ]

  private static let quotas: [Setting] = [
    Setting(
      "quotas.requests_per_second", .rate(\.quotas.requestsPerSecond, 0...1_000_000),
      "Requests of one client a second, in the long run; 0 for no limit; over it 429"),
    Setting(
      "quotas.requests_burst", .count(\.quotas.requestsBurst, 1...1_000_000),
      "Requests of one client that may come at once, where there is such a limit"),
    Setting(
      "quotas.unfinished_inversions_max",
      .count(\.quotas.unfinishedInversionsMax, 0...10_000_000),
      "Queued and running inversions of one client; 0 for no limit; over it 429"),
    Setting(
      "quotas.running_inversions_max", .count(\.quotas.runningInversionsMax, 0...1024),
      "Inversions of one client that run at once; 0 for no limit; others wait their turn"),
    Setting(
      "quotas.storage_bytes_max", .bytes(\.quotas.storageBytesMax, 0...(1_048_576 * gibibyte)),
      "Generators and inversions stored for one client; 0 for no limit; over it 507"),
  ]

  private static let storage: [Setting] = [
    Setting(
      "storage.database", .text(\.storage.database, bytesMax: 4096), option: "database",
      "The SQLite file that holds everything; one process a file"),
    Setting(
      "storage.retention_seconds", .seconds(\.storage.retentionSeconds, 0...3_153_600_000),
      "Time for which a finished inversion is kept; 0 for ever"),
    Setting(
      "storage.retention_bytes_max",
      .bytes(\.storage.retentionBytesMax, 0...(1_048_576 * gibibyte)),
      "Size of the database above which the oldest finished inversions go; 0 for no limit"),
    Setting(
      "storage.retention_seconds_min", .seconds(\.storage.retentionSecondsMin, 0...31_536_000),
      "Time for which a finished inversion is kept whatever those two say"),
    Setting(
      "storage.upkeep_seconds", .seconds(\.storage.upkeepSeconds, 0.1...86_400),
      "Time between two looks for what is kept no longer"),
    Setting(
      "storage.free_bytes_min", .bytes(\.storage.freeBytesMin, 0...(1024 * gibibyte)),
      "What must be free on the disk for new work; under it the answer is 507"),
  ]

  private static let jobs: [Setting] = [
    Setting(
      "jobs.workers", .count(\.jobs.workers, 0...1024),
      "Threads that solve; 0 for one a core"),
    Setting(
      "jobs.cores_max", .count(\.jobs.coresMax, 0...1024),
      "Cores that one large inversion may use while no other needs them; 0 for all"),
    Setting(
      "jobs.companions_max", .count(\.jobs.companionsMax, 0...4096),
      "Inversions alike in all but what is observed that advance together; 0 or 1 for none"),
    Setting(
      "jobs.queue_length_max", .count(\.jobs.queueLengthMax, 1...10_000_000),
      "Inversions that may wait; over it the answer is 503"),
    Setting(
      "jobs.batch_count_max", .count(\.jobs.batchCountMax, 1...10_000_000),
      "Observations of one batch; over it the answer is 422"),
    Setting(
      "jobs.lease_seconds", .seconds(\.jobs.leaseSeconds, 1...3600),
      "Time after which an inversion whose worker is silent is taken up by another"),
    Setting(
      "jobs.attempts_max", .count(\.jobs.attemptsMax, 1...100),
      "Attempts at an inversion whose worker was lost"),
    Setting(
      "jobs.ageing_seconds", .seconds(\.jobs.ageingSeconds, 0.1...31_536_000),
      "Time of waiting after which an inversion counts as one priority higher"),
    Setting(
      "jobs.deadline_seconds_default", .seconds(\.jobs.deadlineSecondsDefault, 1...31_536_000),
      "Deadline, from acceptance, of an inversion that names none"),
    Setting(
      "jobs.deadline_seconds_max", .seconds(\.jobs.deadlineSecondsMax, 1...31_536_000),
      "The latest deadline that a request may name"),
    Setting(
      "jobs.inversion_seconds_max", .seconds(\.jobs.inversionSecondsMax, 0.1...604_800),
      "Time that one inversion may be solved for; it then ends with what it has"),
    Setting(
      "jobs.checkpoint_seconds", .seconds(\.jobs.checkpointSeconds, 0.1...3600),
      "Time between the checkpoints that a lost inversion is gone on with from"),
    Setting(
      "jobs.checkpoint_bytes_max",
      .bytes(\.jobs.checkpointBytesMax, 0...(512 * mebibyte)),
      "A checkpoint; one over it is left out, and 0 leaves out all"),
    Setting(
      "jobs.memory_bytes_max", .bytes(\.jobs.memoryBytesMax, 0...(1_048_576 * gibibyte)),
      "Memory of the inversions that run, by estimate; 0 for 3/4 of all; one over it is 422"),
  ]

  private static let generators: [Setting] = [
    Setting(
      "generators.tensors_max", .count(\.generators.tensorsMax, 1...1_000_000),
      "Tensors of a weight file"),
    Setting(
      "generators.layers_max", .count(\.generators.layersMax, 1...100_000),
      "Layers of a generator"),
    Setting(
      "generators.graph_nodes_max", .count(\.generators.graphNodesMax, 1...1_000_000),
      "Operators of the graph in a weight file, before they are folded into layers"),
    Setting(
      "generators.pickle_steps_max", .count(\.generators.pickleStepsMax, 1...1_000_000_000),
      "Operations of the pickle in a checkpoint"),
    Setting(
      "generators.header_bytes_max", .bytes(\.generators.headerBytesMax, 1024...gibibyte),
      "What describes the tensors in a weight file, apart from their values"),
    Setting(
      "generators.dimensions_max", .count(\.generators.dimensionsMax, 1...64),
      "Dimensions of a tensor"),
    Setting(
      "generators.parameters_max", .count(\.generators.parametersMax, 1...100_000_000_000),
      "Numbers in the tensors of a generator"),
    Setting(
      "generators.output_count_max", .count(\.generators.outputCountMax, 1...1_000_000_000),
      "Numbers in one output of a generator, or of any of its layers"),
    Setting(
      "generators.latent_count_max", .count(\.generators.latentCountMax, 1...10_000_000),
      "Numbers in one latent code"),
    Setting(
      "generators.patch_numbers_max",
      .count(\.generators.patchNumbersMax, 1...10_000_000_000),
      "Numbers that a convolution gathers for one sample"),
    Setting(
      "generators.diagnostic_latents_max", .count(\.generators.diagnosticLatentsMax, 1...1_000_000),
      "Latents that one diagnosis may draw"),
    Setting(
      "generators.diagnostic_multiplications_max",
      .count(\.generators.diagnosticMultiplicationsMax, 1...1_000_000_000_000_000),
      "Multiplications that one diagnosis may take; over it the answer is 422"),
    Setting(
      "generators.cache_bytes_max", .bytes(\.generators.cacheBytesMax, 0...(1024 * gibibyte)),
      "Memory for generators that are kept decoded"),
    Setting(
      "generators.bundled", .toggle(\.generators.bundled),
      "Whether an empty database is given the bundled generators"),
  ]

  private static let measurements: [Setting] = [
    Setting(
      "measurements.output_count_max",
      .count(\.measurements.outputCountMax, 1...1_000_000_000),
      "Numbers of an observation"),
    Setting(
      "measurements.multiply_count_max",
      .count(\.measurements.multiplyCountMax, 1...1_000_000_000_000),
      "Multiplications of measuring one signal, and entries of a matrix that is drawn"),
    Setting(
      "measurements.given_entries_max",
      .count(\.measurements.givenEntriesMax, 1...1_000_000_000),
      "Entries of a matrix or kernel that a document holds"),
    Setting(
      "measurements.nesting_max", .count(\.measurements.nestingMax, 1...64),
      "Measurements inside one another"),
    Setting(
      "measurements.stages_max", .count(\.measurements.stagesMax, 1...1000),
      "Measurements of a composition"),
    Setting(
      "measurements.signal_count_max",
      .count(\.measurements.signalCountMax, 1...1_000_000_000),
      "Numbers of a signal that is measured for a client"),
  ]

  private static let inversions: [Setting] = [
    Setting(
      "inversions.restarts_max", .count(\.inversions.restartsMax, 1...1_000_000),
      "Starts that a request may ask for"),
    Setting(
      "inversions.iterations_max", .count(\.inversions.iterationsMax, 1...1_000_000_000),
      "Iterations, a start, that a request may ask for"),
    Setting(
      "inversions.samples_count_max", .count(\.inversions.samplesCountMax, 1...1_000_000),
      "Samples of a generator in one answer"),
    Setting(
      "inversions.labels_max", .count(\.inversions.labelsMax, 0...64),
      "Labels of an inversion"),
    Setting(
      "inversions.label_bytes_max", .bytes(\.inversions.labelBytesMax, 1...1024),
      "A label's value, and its key, which may never have more than 128"),
  ]

  private static let log: [Setting] = [
    Setting("log.level", .choice(\.log.level), "The least level that is logged"),
    Setting(
      "log.format", .choice(\.log.format), "Lines for people, or one JSON object a line"),
    Setting("log.destination", .choice(\.log.destination), "Where lines go"),
    Setting(
      "log.lines_waiting_max", .count(\.log.linesWaitingMax, 16...1_000_000),
      "Lines that wait to be written; those over it are counted and left out"),
  ]
}
