// The step that keeps where running jobs stand.

/// Migration `0008-checkpoints`.
enum CheckpointSchema {
  static let sql = """
    CREATE TABLE job_checkpoints (
      seq INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
      bytes BLOB NOT NULL,
      saved_at INTEGER NOT NULL
    ) STRICT;
    -- Whatever ends a job, nobody goes on from there.
    CREATE TRIGGER job_checkpoints_end AFTER UPDATE OF state ON jobs
    WHEN NEW.state NOT IN ('queued', 'running')
    BEGIN DELETE FROM job_checkpoints WHERE seq = NEW.seq; END;
    CREATE TRIGGER job_checkpoints_running BEFORE INSERT ON job_checkpoints
    WHEN (SELECT state FROM jobs WHERE seq = NEW.seq) IS NOT 'running'
    BEGIN SELECT RAISE(ABORT, 'only a running job has a checkpoint to store'); END;
    """
}
