import Documents
import Inversion
import Jobs
import LinearAlgebra
import Logging
import Measurements
import Networks

/// Carries out one job: from the stored request and observation to a solution.
struct InversionRunner: JobRunner {
  let library: GeneratorLibrary
  let encoders: EncoderLibrary
  let measurementLimits: MeasurementLimits
  /// What one inversion may compute, whatever attempts it takes; what was found by then is the
  /// result.
  let secondsMax: Double
  let checkpoints: CheckpointPolicy
  let logger: Logger

  func run(_ job: ClaimedJob, control: JobControl) -> JobReport {
    SpareCores.shared.occupy { invert(job, control) }
  }

  func invert(_ job: ClaimedJob, _ control: JobControl) -> JobReport {
    do {
      let recorder = checkpoints.recorder(of: job, control, logger)
      let task = try task(job, control, recorder: recorder)
      let resumedFrom = recorder.resumedFrom
      return report(
        task.solver.search(task.problem, task.context), of: task, job, control,
        resumedFrom: resumedFrom)
    } catch {
      return report(error, job, control)
    }
  }

  /// What a job asks for, ready to be solved.
  struct Task {
    var problem: InverseProblem
    var solver: any InversionSolver
    var context: SolveContext
    let stop: StopWitness
  }

  /// - Parameter recorder: what keeps the job's checkpoints; `nil` to keep none.
  /// - Throws: why the inversion cannot be attempted.
  func task(
    _ job: ClaimedJob, _ control: JobControl, recorder: SolveRecorder? = nil
  ) throws -> Task {
    let request = try ObjectReader(try JSONParser().parse(job.document))
    let generator = try StorageRetry().attempt(
      { try library.generator(job.job.subject) }, unless: { control.shouldStop })
    let measurement = try MeasurementCatalogue.build(
      try request.required("measurement"), signalShape: generator.outputShape,
      limits: measurementLimits)
    let noise = try NoiseCatalogue.build(request.value("noise"))
    let prior = try LatentPrior(request, for: noise)
    let solver = try SolverCatalogue.build(try request.required("solver"))
    try solver.check(measurement)
    let seed = try request.integer("seed", in: 0...InversionRequest.seedMax) ?? 0
    let problem = InverseProblem(
      generator: generator, measurement: measurement,
      observation: StoredNumbers.values(job.input), noise: noise, prior: prior)
    let now = CheckpointPolicy.now
    let stop = StopWitness(control)
    let solveControl = SolveControl(
      isCancelled: stop.isTold, now: now,
      deadline: now() + secondsMax - (recorder?.secondsBefore ?? 0),
      report: { progress in control.report(progress: Self.document(progress)) },
      recorder: recorder)
    return Task(
      problem: problem, solver: solver,
      context: SolveContext(
        seed: UInt64(seed), control: solveControl, library: encoders,
        generatorKey: job.job.subject), stop: stop)
  }

  /// What became of a job whose solver has come to its end.
  ///
  /// - Parameter resumedFrom: the iteration that an earlier attempt had come to.
  func report(
    _ search: Search, of task: Task, _ job: ClaimedJob, _ control: JobControl,
    resumedFrom: Int? = nil
  ) -> JobReport {
    // Whatever a search that was cut short calls itself, another attempt may find more.
    if control.isInterrupted, task.stop.wasTold { return JobReport(outcome: .interrupted) }
    let solution = search.solution()
    let outcome: JobOutcome =
      control.isCanceled ? .canceled : control.isDeadlinePassed ? .expired : .succeeded
    var outputs = [
      "latent": StoredNumbers.bytes(solution.latent),
      "reconstruction": StoredNumbers.bytes(solution.reconstruction),
    ]
    if let deviations = solution.certificate.reconstructionDeviations {
      outputs["uncertainty"] = StoredNumbers.bytes(deviations)
    }
    return JobReport(
      outcome: outcome, document: ResultDocument.bytes(solution, resumedFrom: resumedFrom),
      outputs: outputs,
      facets: JobFacets(
        method: job.job.facets.method, verdict: solution.verdict.rawValue,
        residual: solution.residual.relative),
      reason: solution.termination.rawValue, stepCount: solution.iterations,
      resumedFromStep: resumedFrom)
  }

  /// Of a job that could not be attempted. One that was told to stop may have been given up for that.
  func report(_ error: any Error, _ job: ClaimedJob, _ control: JobControl) -> JobReport {
    if control.isInterrupted { return JobReport(outcome: .interrupted) }
    if control.isCanceled { return JobReport(outcome: .canceled) }
    let problem = Problem(error, requestID: job.job.id, log: logger)
    return JobReport(
      outcome: .failed(JSONWriter.bytes(of: problem.document(requestID: nil))),
      reason: problem.code)
  }

  private static func document(_ progress: SolveProgress) -> [UInt8] {
    JSONWriter.bytes(
      of: [
        "iteration": JSONValue(progress.iteration),
        "iterations_max": JSONValue(progress.iterationsMax), "loss": .number(progress.loss),
        "restarts_finished": JSONValue(progress.restartsFinished),
      ])
  }
}
