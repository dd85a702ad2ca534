// The database's shape, as the named steps that lead to it.

import GRDB

/// The migrations, oldest first. One that has been released is never edited: a new one is added.
enum Schema {
  /// "PREI": marks the file as ours, for `file` and for refusing the databases of others.
  static let applicationID: Int32 = 0x5052_4549

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0001-blobs") { try $0.execute(sql: blobs) }
    migrator.registerMigration("0002-generators") { try $0.execute(sql: generators) }
    migrator.registerMigration("0003-jobs") { try $0.execute(sql: jobs) }
    migrator.registerMigration("0004-job-contents") { try $0.execute(sql: jobContents) }
    migrator.registerMigration("0005-tokens") { try $0.execute(sql: TenantSchema.sql) }
    migrator.registerMigration("0006-batches") { try $0.execute(sql: batches) }
    migrator.registerMigration("0007-queue") { try $0.execute(sql: QueueSchema.sql) }
    migrator.registerMigration("0008-checkpoints") { try $0.execute(sql: CheckpointSchema.sql) }
    migrator.registerMigration("0009-companions") { try $0.execute(sql: CompanionSchema.sql) }
    migrator.registerMigration("0010-upkeep") { try $0.execute(sql: UpkeepSchema.sql) }
    return migrator
  }

  /// Migrations that a newer version of the program has run.
  static func unknownMigrations(_ db: GRDB.Database) throws -> [String] {
    let migrator = migrator
    return Set(try migrator.appliedIdentifiers(db)).subtracting(migrator.migrations).sorted()
  }

  private static let blobs = """
    CREATE TABLE blobs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      state TEXT NOT NULL CHECK (state IN ('writing', 'ready', 'dropped')),
      digest BLOB CHECK (length(digest) = 32),
      byte_count INTEGER NOT NULL DEFAULT 0 CHECK (byte_count >= 0),
      CHECK (state <> 'ready' OR digest IS NOT NULL)
    ) STRICT;
    CREATE UNIQUE INDEX blobs_ready ON blobs (digest) WHERE state = 'ready';
    CREATE INDEX blobs_unready ON blobs (id) WHERE state <> 'ready';

    CREATE TABLE blob_chunks (
      blob_id INTEGER NOT NULL REFERENCES blobs (id),
      ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
      bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 1048576),
      PRIMARY KEY (blob_id, ordinal)
    ) STRICT;

    -- The row that checkWritable() writes.
    CREATE TABLE probes (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      count INTEGER NOT NULL
    ) STRICT;
    INSERT INTO probes (id, count) VALUES (1, 0);
    """

  private static let generators = """
    CREATE TABLE generators (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
      name TEXT UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
      blob_id INTEGER NOT NULL REFERENCES blobs (id),
      format TEXT NOT NULL,
      parameter_count INTEGER NOT NULL CHECK (parameter_count >= 0),
      identity BLOB NOT NULL UNIQUE CHECK (length(identity) = 32),
      created_at INTEGER NOT NULL,
      summary BLOB NOT NULL,
      architecture BLOB NOT NULL
    ) STRICT;
    CREATE INDEX generators_created ON generators (created_at);
    CREATE INDEX generators_format ON generators (format, created_at);
    CREATE INDEX generators_blob ON generators (blob_id);
    """

  private static let jobs = """
    CREATE TABLE jobs (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
      client TEXT NOT NULL,
      subject TEXT NOT NULL,
      subject_name TEXT,
      state TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'succeeded', 'failed', 'canceled', 'expired')),
      priority INTEGER NOT NULL,
      method TEXT NOT NULL,
      verdict TEXT,
      residual REAL,
      created_at INTEGER NOT NULL,
      queued_at INTEGER NOT NULL,
      started_at INTEGER,
      completed_at INTEGER,
      deadline INTEGER,
      attempt INTEGER NOT NULL DEFAULT 0,
      attempts_max INTEGER NOT NULL,
      fence INTEGER NOT NULL DEFAULT 0,
      worker TEXT,
      lease_expires_at INTEGER,
      cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
      revision INTEGER NOT NULL DEFAULT 1,
      queue_seconds REAL,
      solve_seconds REAL,
      progress BLOB CHECK (length(progress) <= 65536),
      error BLOB,
      request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
      idempotency_key TEXT,
      trace_context TEXT,
      CHECK (attempt BETWEEN 0 AND attempts_max),
      CHECK ((state = 'running') = (worker IS NOT NULL)),
      CHECK ((state = 'running') = (lease_expires_at IS NOT NULL)),
      CHECK ((state IN ('succeeded', 'failed', 'canceled', 'expired'))
        = (completed_at IS NOT NULL)),
      CHECK ((state = 'failed') = (error IS NOT NULL))
    ) STRICT;

    -- The queue. These hold only unfinished jobs and stay small beside a large archive.
    CREATE INDEX jobs_claim ON jobs (priority DESC, seq) WHERE state = 'queued';
    CREATE INDEX jobs_waiting ON jobs (queued_at) WHERE state = 'queued';
    CREATE INDEX jobs_deadline ON jobs (deadline)
      WHERE state = 'queued' AND deadline IS NOT NULL;
    CREATE INDEX jobs_lease ON jobs (lease_expires_at) WHERE state = 'running';
    CREATE INDEX jobs_unfinished ON jobs (subject) WHERE state IN ('queued', 'running');
    CREATE UNIQUE INDEX jobs_idempotency ON jobs (client, idempotency_key)
      WHERE idempotency_key IS NOT NULL;

    -- The archive: each filter with the order of lists behind it.
    CREATE INDEX jobs_created ON jobs (created_at);
    CREATE INDEX jobs_by_state ON jobs (state, created_at);
    CREATE INDEX jobs_by_subject ON jobs (subject, created_at);
    CREATE INDEX jobs_by_method ON jobs (method, created_at);
    CREATE INDEX jobs_by_verdict ON jobs (verdict, created_at) WHERE verdict IS NOT NULL;

    CREATE TRIGGER jobs_begin BEFORE INSERT ON jobs WHEN NEW.state <> 'queued'
    BEGIN SELECT RAISE(ABORT, 'a job begins as queued'); END;
    CREATE TRIGGER jobs_move BEFORE UPDATE OF state ON jobs WHEN NOT (
      (OLD.state = 'queued' AND NEW.state IN ('running', 'canceled', 'expired'))
      OR (OLD.state = 'running'
        AND NEW.state IN ('queued', 'succeeded', 'failed', 'canceled', 'expired')))
    BEGIN SELECT RAISE(ABORT, 'illegal transition of a job'); END;
    CREATE TRIGGER jobs_fence BEFORE UPDATE OF fence ON jobs WHEN NEW.fence < OLD.fence
    BEGIN SELECT RAISE(ABORT, 'a fence never shrinks'); END;
    CREATE TRIGGER jobs_end BEFORE DELETE ON jobs WHEN OLD.state IN ('queued', 'running')
    BEGIN SELECT RAISE(ABORT, 'only finished jobs can be deleted'); END;

    -- How many jobs are in each state: admission and metrics ask often, the archive is large.
    CREATE TABLE job_counts (
      state TEXT PRIMARY KEY,
      count INTEGER NOT NULL CHECK (count >= 0)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO job_counts (state, count) VALUES ('queued', 0), ('running', 0),
      ('succeeded', 0), ('failed', 0), ('canceled', 0), ('expired', 0);
    CREATE TRIGGER job_counts_insert AFTER INSERT ON jobs
    BEGIN UPDATE job_counts SET count = count + 1 WHERE state = NEW.state; END;
    CREATE TRIGGER job_counts_move AFTER UPDATE OF state ON jobs
    BEGIN
      UPDATE job_counts SET count = count - 1 WHERE state = OLD.state;
      UPDATE job_counts SET count = count + 1 WHERE state = NEW.state;
    END;
    CREATE TRIGGER job_counts_delete AFTER DELETE ON jobs
    BEGIN UPDATE job_counts SET count = count - 1 WHERE state = OLD.state; END;
    """

  private static let batches = """
    CREATE TABLE batches (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
      client TEXT NOT NULL,
      subject TEXT NOT NULL,
      subject_name TEXT,
      count INTEGER NOT NULL CHECK (count >= 1),
      created_at INTEGER NOT NULL,
      document BLOB NOT NULL,
      request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
      idempotency_key TEXT
    ) STRICT;
    CREATE INDEX batches_created ON batches (created_at);
    CREATE INDEX batches_by_subject ON batches (subject, created_at);
    CREATE UNIQUE INDEX batches_idempotency ON batches (client, idempotency_key)
      WHERE idempotency_key IS NOT NULL;

    ALTER TABLE jobs ADD COLUMN batch TEXT REFERENCES batches (id);
    ALTER TABLE jobs ADD COLUMN batch_index INTEGER
      CHECK ((batch IS NULL) = (batch_index IS NULL));
    CREATE UNIQUE INDEX jobs_batch_places ON jobs (batch, batch_index) WHERE batch IS NOT NULL;
    CREATE INDEX jobs_batch_states ON jobs (batch, state) WHERE batch IS NOT NULL;
    CREATE INDEX jobs_by_batch ON jobs (batch, created_at) WHERE batch IS NOT NULL;
    """

  private static let jobContents = """
    CREATE TABLE job_labels (
      seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (seq, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX job_labels_search ON job_labels (key, value, created_at, seq);

    CREATE TABLE job_requests (
      seq INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
      document BLOB NOT NULL
    ) STRICT;
    CREATE TABLE job_inputs (
      seq INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE job_results (
      seq INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
      document BLOB NOT NULL
    ) STRICT;
    CREATE TABLE job_outputs (
      seq INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
      name TEXT NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (seq, name)
    ) STRICT;

    -- The latents of succeeded jobs once more, side by side for each subject: a search reads this
    -- table from front to back and nothing else.
    CREATE TABLE job_latents (
      subject TEXT NOT NULL,
      seq INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (subject, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER job_latents_delete AFTER DELETE ON jobs
    BEGIN DELETE FROM job_latents WHERE subject = OLD.subject AND seq = OLD.seq; END;
    """
}
